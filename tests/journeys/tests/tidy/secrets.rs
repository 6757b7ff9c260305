//! Where secrets may leave their types, and where none may be at all.

use super::{none, rust_files};

/// The places at which a secret goes over a wire.
const WIRE: [&str; 12] = [
    "functions/consent/src/flow.rs",             // the cookie of a flow
    "functions/consent/src/operator_session.rs", // the cookie of a session
    "functions/consent/src/routes/callback.rs",  // a token that may be shown once
    "functions/consent/src/routes/start.rs",     // state, on its way to Webex
    "functions/refresher/src/answer.rs",         // a token that consent may show
    "functions/vend/src/answer.rs",              // a token that is vended
    "shared/core/src/request/consent.rs",        // a code on its way to the refresher
    "shared/core/src/signature.rs",              // the key of an HMAC
    "shared/core/src/token.rs",                  // fingerprints
    "shared/secrets/src/document/grant/wire.rs", // the document
    "shared/webex/src/api.rs",                   // requests to Webex
    "shared/webex/src/call.rs",                  // their headers, and what must not come back in errors
];

#[test]
fn secrets_are_exposed_where_they_go_over_a_wire_and_nowhere_else() {
    let exposing = rust_files().into_iter().filter(|(name, text)| {
        let shipped = !name.starts_with("tests/") && !name.contains("/tests") && !name.ends_with("_tests.rs");
        shipped && code_of(text).contains(".expose()")
    });
    let found: Vec<_> = exposing.map(|(name, _)| name).collect();
    let surprises: Vec<_> = found.iter().filter(|name| !WIRE.contains(&name.as_str())).cloned().collect();
    none(&surprises, "secrets are exposed in");
    let gone: Vec<_> =
        WIRE.iter().filter(|name| !found.contains(&(**name).to_owned())).map(|name| (*name).to_owned()).collect();
    none(&gone, "no longer exposing, take off the list");
}

/// A file without its unit tests.
fn code_of(text: &str) -> &str {
    text.split("#[cfg(test)]").next().unwrap_or_default()
}

#[test]
fn only_the_token_types_open_a_secret_string() {
    let users = rust_files().into_iter().filter(|(name, text)| {
        let types = ["shared/core/src/token.rs", "shared/client/src/token.rs", "tests/journeys/tests/tidy/secrets.rs"];
        text.contains("expose_secret") && !types.contains(&name.as_str())
    });
    none(&users.map(|(name, _)| name).collect::<Vec<_>>(), "expose_secret is called in");
}
