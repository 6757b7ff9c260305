//! Where secrets may leave their types.

use super::{none, rust_files, without_unit_tests};

/// The files that send a secret over a connection or store it.
const WIRE: [&str; 24] = [
    "functions/agent/src/answer.rs",             // a token that is served to a caller
    "functions/agent/src/token_file.rs",         // a token that is written to a file
    "functions/consent/src/flow.rs",             // the cookie of a flow
    "functions/consent/src/invitation.rs",       // the address of a link
    "functions/consent/src/operator_session.rs", // the cookie of a session
    "functions/consent/src/routes/callback.rs",  // a token that may be shown once
    "functions/consent/src/routes/start.rs",     // state, on its way to Webex
    "functions/prober/src/token_probe.rs",       // a token on its way to Webex, which proves it
    "functions/refresher/src/answer.rs",         // a token that consent may show
    "functions/vend/src/routes/revealed.rs",     // a token that is vended
    "infra/cli/src/commands/app/add.rs",         // a client secret on its way to Secrets Manager
    "infra/cli/src/commands/app/rotate.rs",      // the same
    "infra/cli/src/commands/grant/import.rs",    // a token on its way to the refresher
    "infra/cli/src/link_seal.rs",                // the address of a link
    "shared/client/src/webex_http.rs",           // a token on its way to Webex
    "shared/core/src/consent_link.rs",           // the key of an HMAC, and what it signs
    "shared/core/src/request/consent.rs",        // a code on its way to the refresher
    "shared/core/src/request/link.rs",           // a link on its way between refresher and consent
    "shared/core/src/signature.rs",              // the key of an HMAC
    "shared/core/src/token.rs",                  // fingerprints
    "shared/secrets/src/document/grant/wire.rs", // the document
    "shared/webex/src/api.rs",                   // requests to Webex
    "shared/webex/src/data_sources.rs",          // the same
    "shared/webex/src/request.rs",               // their headers, and what must not come back in errors
];

#[test]
fn secrets_are_exposed_only_in_listed_files() {
    let exposing = rust_files().into_iter().filter(|(name, text)| {
        let is_shipped = !name.starts_with("tests/") && !name.contains("/tests");
        is_shipped && without_unit_tests(text).contains(".expose()")
    });
    let found: Vec<_> = exposing.map(|(name, _)| name).collect();
    let surprises: Vec<_> = found.iter().filter(|name| !WIRE.contains(&name.as_str())).cloned().collect();
    none(&surprises, "not on the list of files that may expose secrets");
    let gone: Vec<_> =
        WIRE.iter().filter(|name| !found.contains(&(**name).to_owned())).map(|name| (*name).to_owned()).collect();
    none(&gone, "these expose no secret any more; remove them from the list");
}

#[test]
fn secret_strings_are_opened_only_by_token_types() {
    let users = rust_files().into_iter().filter(|(name, text)| {
        let types = ["shared/core/src/token.rs", "shared/client/src/token.rs", "tests/journeys/tests/tidy/secrets.rs"];
        text.contains("expose_secret") && !types.contains(&name.as_str())
    });
    none(&users.map(|(name, _)| name).collect::<Vec<_>>(), "expose_secret is called in");
}
