//! Rules for the code that is shipped: one name for one type, one compare-and-swap loop, and few folded conditions.

use std::collections::BTreeMap;

use super::{none, rust_files, without_unit_tests};

/// Names that each function may give to a type of its own.
const REPEATABLE: [&str; 2] = ["Error", "Settings"];
/// Methods that fold a condition into an expression; `if` and `match` are easier to read.
const COMBINATORS: [&str; 5] = [".map_or(", ".map_or_else(", ".is_some_and(", ".is_none_or(", ".then_some("];

/// The Rust files of `functions/*/src` and `shared/*/src` without unit tests: the path from the root, and the text.
fn shipped_files() -> Vec<(String, String)> {
    let mut shipped = Vec::new();
    for (name, text) in rust_files() {
        let is_deployed = name.starts_with("functions/") || name.starts_with("shared/");
        let is_source = is_deployed && name.split('/').nth(2) == Some("src");
        let is_test = name.ends_with("/tests.rs") || name.contains("/tests/");
        if is_source && !is_test {
            shipped.push((name, without_unit_tests(&text)));
        }
    }
    shipped
}

#[test]
fn type_names_are_defined_once() {
    let mut files: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for (file, code) in shipped_files() {
        for line in code.lines() {
            if let Some(name) = defined_type(line) {
                files.entry(name.to_owned()).or_default().push(file.clone());
            }
        }
    }
    assert!(files.contains_key("GrantId"), "the core defines GrantId, so the search is broken");
    let mut repeated = Vec::new();
    for (name, files) in files {
        if files.len() > 1 && !REPEATABLE.contains(&name.as_str()) {
            repeated.push(format!("{name}: {}", files.join(", ")));
        }
    }
    none(&repeated, "types with the same name");
}

/// The name of the type or trait that a line defines. Associated types, which are indented, do not count.
fn defined_type(line: &str) -> Option<&str> {
    let mut words = line.split_whitespace();
    let mut keyword = words.next()?;
    if keyword.starts_with("pub") {
        keyword = words.next()?;
    }
    let is_definition = match keyword {
        "struct" | "enum" | "union" | "trait" => true,
        "type" => !line.starts_with(' '),
        _ => false,
    };
    if !is_definition {
        return None;
    }
    words.next()?.split(|c: char| !c.is_alphanumeric() && c != '_').next()
}

/// An import through `lib.rs` hides a circle of files.
#[test]
fn no_file_imports_a_type_through_its_crate() {
    let through_the_crate = |line: &str| {
        let Some(names) = line.trim_start().strip_prefix("use crate::") else { return false };
        match names.strip_prefix('{') {
            Some(names) => names.split(',').any(|name| name.trim_start().starts_with(char::is_uppercase)),
            None => names.starts_with(char::is_uppercase),
        }
    };
    assert!(through_the_crate("use crate::{Guard, routes};") && !through_the_crate("use crate::guard::{A, Guard};"));
    let mut found = Vec::new();
    for (file, code) in shipped_files() {
        let lines = code.lines().filter(|line| through_the_crate(line));
        found.extend(lines.map(|line| format!("{file}: {line}")));
    }
    none(&found, "imported through lib.rs");
}

#[test]
fn one_function_of_the_core_repeats_a_lost_write() {
    let mut repeating = Vec::new();
    for (file, code) in shipped_files() {
        let functions = code.split("fn ").skip(1);
        let loops = functions.filter(|body| body.contains("StoreError::Conflict") && has_loop(body)).count();
        if file.starts_with("shared/core/src/") && loops > 0 {
            repeating.push(file);
        }
    }
    assert_eq!(repeating, ["shared/core/src/records.rs"], "the files that write again after StoreError::Conflict");
}

fn has_loop(body: &str) -> bool {
    let mut statements = body.lines().map(str::trim_start);
    statements.any(|line| line.starts_with("for ") || line.starts_with("while ") || line.starts_with("loop {"))
}

#[test]
fn fewer_than_one_line_in_a_thousand_folds_a_condition() {
    let mut lines = 0;
    let mut folded = Vec::new();
    for (file, code) in shipped_files() {
        lines += code.lines().count();
        for line in code.lines().map(str::trim) {
            let count: usize = COMBINATORS.iter().map(|combinator| line.matches(combinator).count()).sum();
            folded.extend(vec![format!("{file}: {line}"); count]);
        }
    }
    let allowed = lines / 1000;
    assert!(
        folded.len() < allowed,
        "{} of {lines} lines, fewer than {allowed} wanted:\n  {}",
        folded.len(),
        folded.join("\n  ")
    );
}

#[test]
fn types_are_recognized_in_definitions_only() {
    assert_eq!(defined_type("pub(crate) struct Broker<V, W> {"), Some("Broker"));
    assert_eq!(defined_type("pub enum State {"), Some("State"));
    assert_eq!(defined_type("trait Store: Send {"), Some("Store"));
    assert_eq!(defined_type("struct Version(String);"), Some("Version"));
    assert_eq!(defined_type("type Shared = Arc<Mutex<u32>>;"), Some("Shared"));
    assert_eq!(defined_type("    type Error = StoreError;"), None);
    assert_eq!(defined_type("/// struct Broker"), None);
}
