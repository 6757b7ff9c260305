//! What stands in a secret: JSON, read with care for what may be said about it.
//!
//! Reading ignores fields that it does not know. A document that cannot be understood is described by the place and by
//! what was expected there; what was found is never quoted, since it may be a token in the wrong field.

pub(crate) mod app;
pub(crate) mod grant;
pub(crate) mod webhooks;

use std::fmt;

use serde::de::DeserializeOwned;
use serde_json::error::Category;

/// A document as it is stored: a secret as a whole, hence no word of it in `Debug`.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct Document(String);

impl Document {
    pub(crate) fn new(text: String) -> Self {
        Self(text)
    }

    /// The text, for the wire and for whoever reads it.
    pub(crate) fn text(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Document {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Document([redacted])")
    }
}

/// What is wrong with a document, in words that may be logged.
pub(crate) type Reason = String;

/// Reads one JSON object.
fn parse<T: DeserializeOwned>(text: &str) -> Result<T, Reason> {
    // serde reads a struct from an array as well, field by field in their order; we never write one.
    if !text.trim_start().starts_with('{') {
        return Err("not a JSON object".into());
    }
    let mut from = serde_json::Deserializer::from_str(text);
    let value = serde_path_to_error::deserialize(&mut from).map_err(|error| {
        let path = error.path().to_string();
        describe(&path, error.inner())
    })?;
    from.end().map_err(|error| describe(".", &error))?;
    Ok(value)
}

fn describe(path: &str, error: &serde_json::Error) -> Reason {
    match error.classify() {
        Category::Data => {
            let what = wanted(&error.to_string());
            if path == "." { what } else { format!("{path}: {what}") }
        }
        _ => format!("not JSON, at line {} column {}", error.line(), error.column()),
    }
}

/// The part of serde's message that comes from our types and not from the document: which field is missing, or what
/// follows the last "expected".
fn wanted(message: &str) -> String {
    let message = message.rsplit_once(" at line ").map_or(message, |(head, _)| head);
    if message.starts_with("missing field `") || message.starts_with("duplicate field `") {
        return message.to_owned();
    }
    match message.rsplit_once("expected ") {
        Some((_, what)) => format!("expected {what}"),
        None => "not what belongs there".into(),
    }
}

/// That `field` holds something.
fn filled(field: &str, empty: bool) -> Result<(), Reason> {
    if empty { Err(format!("{field}: must not be empty")) } else { Ok(()) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use broker_core::token::AccessToken;

    #[derive(Debug, serde::Deserialize)]
    struct Wire {
        #[expect(dead_code, reason = "only read")]
        number: u8,
        #[expect(dead_code, reason = "only read")]
        token: Option<AccessToken>,
    }

    #[test]
    fn debug_shows_nothing_of_a_document() {
        assert_eq!(format!("{:?}", Document::new("CANARY".into())), "Document([redacted])");
    }

    #[test]
    fn a_reason_says_where_and_what_was_expected_but_never_what_was_found() {
        let table = [
            (r#"{"number":"CANARY"}"#, "number: expected u8"),
            (r#"{"number":"CANARY, expected CANARY at line 1"}"#, "number: expected u8"),
            (r#"{"number":300}"#, "number: expected u8"),
            (r#"{"number":1,"token":["CANARY"]}"#, "token: expected a string"),
            (r#"{"token":"CANARY"}"#, "missing field `number`"),
            (r#"{"number":1,"number":2}"#, "duplicate field `number`"),
            (r#"["CANARY"]"#, "not a JSON object"),
            (r#""CANARY""#, "not a JSON object"),
            ("CANARY", "not a JSON object"),
            ("", "not a JSON object"),
            (r#"{"number":CANARY}"#, "not JSON, at line 1 column 11"),
            (r#"{"CANARY":CANARY}"#, "not JSON, at line 1 column 11"),
            (r#"{"number":1} CANARY"#, "not JSON, at line 1 column 14"),
            (r#"{"number":1"#, "not JSON, at line 1 column 11"),
        ];
        for (text, reason) in table {
            assert_eq!(parse::<Wire>(text).unwrap_err(), reason, "{text}");
        }
    }
}
