//! Where secrets may leave their types, and where none may be at all.

use super::{none, rust_files};

/// The places at which a secret goes over a wire.
const WIRE: [&str; 0] = [];

#[test]
fn secrets_are_exposed_where_they_go_over_a_wire_and_nowhere_else() {
    let exposing = rust_files().into_iter().filter(|(name, text)| {
        let shipped = !name.starts_with("tests/") && !name.contains("/tests/") && !name.ends_with("_tests.rs");
        shipped && code_of(text).contains(".expose()")
    });
    let found: Vec<_> = exposing.map(|(name, _)| name).collect();
    let surprises: Vec<_> = found
        .iter()
        .filter(|name| !WIRE.contains(&name.as_str()))
        .cloned()
        .collect();
    none(&surprises, "secrets are exposed in");
    let gone: Vec<_> = WIRE
        .iter()
        .filter(|name| !found.contains(&(**name).to_owned()))
        .map(|name| (*name).to_owned())
        .collect();
    none(&gone, "no longer exposing, take off the list");
}

/// A file without its unit tests.
fn code_of(text: &str) -> &str {
    text.split("#[cfg(test)]").next().unwrap_or_default()
}

#[test]
fn only_the_token_types_open_a_secret_string() {
    let users = rust_files().into_iter().filter(|(name, text)| {
        text.contains("expose_secret") && name != "shared/core/src/token.rs" && !name.ends_with("tidy/secrets.rs")
    });
    none(
        &users.map(|(name, _)| name).collect::<Vec<_>>(),
        "expose_secret is called in",
    );
}
