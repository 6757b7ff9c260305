//! The files at the top level, and what no Rust file may contain.

use super::{none, root, rust_files, tracked};

#[test]
fn top_level_holds_only_planned_files() {
    let visible =
        ["CHANGELOG.md", "Cargo.lock", "Cargo.toml", "LICENSE", "README.md", "functions", "infra", "shared", "tests"];
    let tracked = tracked();
    let top = tracked.iter().filter_map(|path| path.split('/').next()).filter(|name| !name.starts_with('.'));
    let mut surprises: Vec<_> = top.filter(|name| !visible.contains(name)).map(str::to_owned).collect();
    surprises.dedup();
    none(&surprises, "not planned at the top level");
}

#[test]
fn no_unfinished_code_and_no_ignored_test_is_left() {
    let marks = ["todo!", "unimplemented!", "FIXME", "#[ignore"];
    let left = rust_files()
        .into_iter()
        .filter(|(name, text)| !name.ends_with("tidy/tree.rs") && marks.iter().any(|mark| text.contains(mark)));
    none(&left.map(|(name, _)| name).collect::<Vec<_>>(), "unfinished");
}

#[test]
fn no_tracked_file_is_empty() {
    let is_empty = |path: &str| std::fs::metadata(root().join(path)).is_ok_and(|file| file.len() == 0);
    let mut left = tracked();
    // PEP 561's marker of a package with types has no content.
    left.retain(|path| !path.ends_with("/py.typed") && is_empty(path));
    none(&left, "an empty file");
}

/// Documents, templates and scripts take them without an error.
#[test]
fn no_conflict_of_a_merge_is_left() {
    let marks = ["<", ">"].map(|mark| mark.repeat(7) + " ");
    let has_mark = |text: &str| text.lines().any(|line| marks.iter().any(|mark| line.starts_with(mark.as_str())));
    let mut left = tracked();
    left.retain(|path| std::fs::read_to_string(root().join(path)).is_ok_and(|text| has_mark(&text)));
    none(&left, "a conflict is not resolved");
}

#[test]
fn clock_and_environment_are_read_in_one_file_each() {
    let homes = [
        "shared/lambda-kit/src/clock.rs",
        "shared/lambda-kit/src/config.rs",
        "shared/client/src/clock.rs",
        "infra/cli/src/machine/system.rs",
        "functions/vend/build.rs", // cargo passes a build script its input in variables
    ];
    let marks = ["Timestamp::now()", "SystemTime::now()", "std::env::var", "env::var("];
    let found = rust_files().into_iter().filter(|(name, text)| {
        let shipped = !name.starts_with("tests/") && !name.contains("/tests/") && !homes.contains(&name.as_str());
        shipped && marks.iter().any(|mark| text.contains(mark))
    });
    none(&found.map(|(name, _)| name).collect::<Vec<_>>(), "reads the clock or the environment");
}
