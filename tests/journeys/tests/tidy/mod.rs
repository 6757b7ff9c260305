//! What must be true of the repository itself: the invariants of shared/README.md, checked.

mod dependencies;
mod documents;
mod plain_code;
mod secrets;
mod sizes;
mod tree;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

/// The repository's root.
fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).ancestors().nth(2).unwrap().to_path_buf()
}

/// All files that git knows: the paths from the root.
fn tracked() -> Vec<String> {
    let output = Command::new("git").args(["ls-files"]).current_dir(root()).output().unwrap();
    let listed = String::from_utf8(output.stdout).unwrap();
    listed.lines().map(str::to_owned).collect()
}

/// All Rust files of the workspace: the path from the root, and the text.
fn rust_files() -> Vec<(String, String)> {
    let mut files = Vec::new();
    for folder in ["functions", "infra/cli", "shared", "tests"] {
        collect(&root().join(folder), &mut files);
    }
    assert!(files.len() > 50, "only {} Rust files were found, so the walk is broken", files.len());
    files
}

fn collect(folder: &Path, files: &mut Vec<(String, String)>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            collect(&path, files);
        } else if path.extension() == Some("rs".as_ref()) {
            let name = path.strip_prefix(root()).unwrap().to_string_lossy().replace('\\', "/");
            files.push((name, fs::read_to_string(&path).unwrap()));
        }
    }
}

/// The text without the items marked `#[cfg(test)]`.
fn without_unit_tests(text: &str) -> String {
    let mut kept = String::new();
    let mut lines = text.lines();
    while let Some(line) = lines.next() {
        if line.trim() != "#[cfg(test)]" {
            kept.push_str(line);
            kept.push('\n');
            continue;
        }
        // The item ends with its first line, or with a brace that is indented like the attribute.
        let closing_brace = line.replace("#[cfg(test)]", "}");
        let first = lines.next().unwrap_or_default();
        if first.ends_with('{') {
            lines.by_ref().find(|line| *line == closing_brace);
        }
    }
    kept
}

/// Asserts that nothing was found, and lists what was.
#[track_caller]
fn none(found: &[String], rule: &str) {
    assert!(found.is_empty(), "{rule}:\n  {}", found.join("\n  "));
}

#[test]
fn unit_tests_are_left_out_of_shipped_code() {
    let inline = "fn a() {}\n#[cfg(test)]\nmod tests {\n    struct Fake {\n    }\n}\nfn b() {}\n";
    assert_eq!(without_unit_tests(inline), "fn a() {}\nfn b() {}\n");
    let in_a_file = "#[cfg(test)]\nmod tests;\nfn b() {}\n";
    assert_eq!(without_unit_tests(in_a_file), "fn b() {}\n");
}
