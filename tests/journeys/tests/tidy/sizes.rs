//! Files of about 100 lines: a longer one usually hides a second concept. Clippy's `too_many_lines` limits functions.

use super::{none, rust_files};

/// Longest file, in lines.
const FILE: usize = 250;
/// Longest `main.rs` of a function, in lines.
const MAIN: usize = 25;

#[test]
fn files_have_at_most_250_lines() {
    let mut long = Vec::new();
    for (name, text) in rust_files() {
        let lines = text.lines().count();
        if lines > FILE {
            long.push(format!("{name}: {lines} lines"));
        }
    }
    none(&long, "long files");
}

#[test]
fn main_files_hold_no_logic() {
    let mains =
        rust_files().into_iter().filter(|(name, _)| name.starts_with("functions/") && name.ends_with("/src/main.rs"));
    let wrong = mains.filter(|(_, text)| text.lines().count() > MAIN || text.contains("if "));
    none(&wrong.map(|(name, _)| name).collect::<Vec<_>>(), "main.rs files that do more than connect parts");
}
