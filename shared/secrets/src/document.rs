//! The JSON documents in secrets.
//!
//! Readers ignore unknown fields. An error names the field and what was expected there. It never quotes what was found,
//! because that may be a token in the wrong field.

pub(crate) mod app;
mod by_hand;
pub(crate) mod data_source;
pub(crate) mod grant;
pub(crate) mod pack;
pub(crate) mod webhooks;

use std::fmt;

use serde::de::DeserializeOwned;
use serde_json::error::Category;

/// The text of a secret. `Debug` shows none of it.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct SecretText(String);

impl SecretText {
    pub(crate) fn new(text: String) -> Self {
        Self(text)
    }

    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for SecretText {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SecretText([redacted])")
    }
}

/// Why a document cannot be read, in words that may be logged.
pub(crate) type Defect = String;

/// Parses one JSON object.
fn parse<T: DeserializeOwned>(text: &str) -> Result<T, Defect> {
    let text = without_byte_order_mark(text);
    // serde also reads a struct from an array of its fields, which no document is.
    if !text.trim_start().starts_with('{') {
        return Err("not a JSON object".into());
    }
    let mut json = serde_json::Deserializer::from_str(text);
    let value = match serde_path_to_error::deserialize(&mut json) {
        Ok(value) => value,
        Err(error) => return Err(describe(&error.path().to_string(), error.inner())),
    };
    match json.end() {
        Ok(()) => Ok(value),
        Err(error) => Err(describe(".", &error)),
    }
}

/// Editors on Windows put the mark at the start of a file.
fn without_byte_order_mark(text: &str) -> &str {
    text.strip_prefix('\u{feff}').unwrap_or(text)
}

fn describe(path: &str, error: &serde_json::Error) -> Defect {
    match error.classify() {
        Category::Data => {
            let expected = expectation(&error.to_string());
            if path == "." { expected } else { format!("{path}: {expected}") }
        }
        _ => format!("not JSON, at line {} column {}", error.line(), error.column()),
    }
}

/// The part of serde's message that comes from the types and not from the document: the name of a missing field, or the
/// text after the last "expected".
fn expectation(message: &str) -> String {
    let message = match message.rsplit_once(" at line ") {
        Some((head, _)) => head,
        None => message,
    };
    if message.starts_with("missing field `") || message.starts_with("duplicate field `") {
        return message.to_owned();
    }
    match message.rsplit_once("expected ") {
        Some((_, expected)) => format!("expected {expected}"),
        None => "not a valid value".into(),
    }
}

/// An error if `field` is empty.
fn require_filled(field: &str, is_empty: bool) -> Result<(), Defect> {
    if is_empty { Err(format!("{field}: must not be empty")) } else { Ok(()) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use broker_core::token::AccessToken;

    #[derive(Debug, serde::Deserialize)]
    struct SampleDocument {
        #[expect(dead_code, reason = "only read")]
        number: u8,
        #[expect(dead_code, reason = "only read")]
        token: Option<AccessToken>,
    }

    #[test]
    fn secret_text_debug_is_redacted() {
        assert_eq!(format!("{:?}", SecretText::new("CANARY".into())), "SecretText([redacted])");
    }

    #[test]
    fn parse_names_the_place_and_never_quotes_the_document() {
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
            ("\u{feff}{\"number\":\"CANARY\"}", "number: expected u8"),
        ];
        for (text, reason) in table {
            assert_eq!(parse::<SampleDocument>(text).unwrap_err(), reason, "{text}");
        }
    }
}
