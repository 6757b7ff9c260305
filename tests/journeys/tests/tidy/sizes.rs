//! Files of about 100 lines, functions of about 12: where one outgrows that, a concept is missing.

use super::{none, rust_files};

/// Longest file.
const FILE: usize = 250;
/// Longest function, in lines from `fn` to its closing brace.
const FUNCTION: usize = 40;
/// Longest `main.rs` of a function.
const MAIN: usize = 25;

#[test]
fn files_stay_short() {
    let long = rust_files().into_iter().filter(|(_, text)| text.lines().count() > FILE);
    none(&long.map(|(name, text)| format!("{name}: {} lines", text.lines().count())).collect::<Vec<_>>(), "long files");
}

#[test]
fn mains_only_wire() {
    let mains =
        rust_files().into_iter().filter(|(name, _)| name.starts_with("functions/") && name.ends_with("/src/main.rs"));
    let wrong = mains.filter(|(_, text)| text.lines().count() > MAIN || text.contains("if "));
    none(&wrong.map(|(name, _)| name).collect::<Vec<_>>(), "mains that do more than wire");
}

#[test]
fn functions_stay_short() {
    let long = rust_files().iter().flat_map(|(name, text)| long_functions(name, text)).collect::<Vec<_>>();
    none(&long, "long functions");
}

/// Functions by indentation, which rustfmt vouches for.
fn long_functions(name: &str, text: &str) -> Vec<String> {
    let lines: Vec<_> = text.lines().collect();
    let starts = lines.iter().enumerate().filter(|(_, line)| is_function(line));
    let mut long = Vec::new();
    for (start, line) in starts {
        let indent = line.len() - line.trim_start().len();
        let closes = |line: &&str| line.len() - line.trim_start().len() == indent && line.trim_start().starts_with('}');
        let length = lines[start..].iter().position(closes).map_or(1, |length| length + 1);
        let is_declaration =
            lines[start..].iter().take_while(|line| !line.ends_with('{')).any(|line| line.ends_with(';'));
        if length > FUNCTION && !is_declaration {
            long.push(format!("{name}:{}: {length} lines", start + 1));
        }
    }
    long
}

fn is_function(line: &str) -> bool {
    let words = line.trim_start();
    let words = words.strip_prefix("pub ").or_else(|| words.strip_prefix("pub(crate) ")).unwrap_or(words);
    let words = words.strip_prefix("pub(super) ").unwrap_or(words);
    let words = words.strip_prefix("const ").unwrap_or(words);
    words.strip_prefix("async ").unwrap_or(words).starts_with("fn ")
}

#[test]
fn the_measure_measures() {
    let body = "    let x = 1;\n".repeat(39);
    assert_eq!(long_functions("f", &format!("pub async fn f() {{\n{body}}}\n")).len(), 1);
    assert_eq!(long_functions("f", &format!("fn f() {{\n{}}}\n", "    let x = 1;\n".repeat(38))).len(), 0);
}
