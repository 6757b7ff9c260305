//! Parses error bodies: Webex's own envelope, that of RFC 6749 section 5.2, or neither.

use serde_json::Value;

use crate::redact::Redactor;

/// The error codes that Webex documents for its OAuth endpoints, and those of RFC 8628 section 3.5 for its device flow.
const DOCUMENTED_CODES: [&str; 11] = [
    "invalid_request",
    "invalid_client",
    "invalid_grant",
    "unauthorized_client",
    "unsupported_grant_type",
    "invalid_scope",
    "access_denied",
    "tokenlimit_reached",
    "authorization_pending",
    "slow_down",
    "expired_token",
];
/// The fields that hold text for people, in the order in which they are reported.
const TEXT_FIELDS: [&str; 5] = ["message", "description", "error_description", "errors", "error"];
/// Most texts that are read from one body.
const MOST_TEXTS: usize = 16;
/// Longest code that is accepted.
const LONGEST_CODE: usize = 64;
/// Longest tracking id that is passed on. Real ones have about 45 characters.
const LONGEST_TRACKING_ID: usize = 128;
/// Longest description, in characters.
const LONGEST_DESCRIPTION: usize = 200;

/// The parts of an error envelope, safe to log.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct ErrorEnvelope {
    pub(crate) code: Option<String>,
    pub(crate) description: Option<String>,
}

impl ErrorEnvelope {
    /// Parses an error body. `None` if it is not one of the envelopes with which Webex answers.
    pub(crate) fn parse(body: &[u8], redactor: &Redactor) -> Option<Self> {
        let json: Value = serde_json::from_slice(body).ok()?;
        if !is_envelope(&json) {
            return None;
        }
        let mut texts = Vec::new();
        collect_texts(&json, &mut texts);
        let code = explicit_code(&json, redactor).or_else(|| documented_code(&texts));
        let description = clean_text(&without_code(&texts, code.as_deref()).join("; "), redactor);
        Some(Self { code, description })
    }
}

/// Whether the body is Webex's envelope (a text in `message` or `errors`), that of RFC 6749 (`error` is a text), or the
/// identity broker's third form (`error` is an object with a `key` and a tracking id).
fn is_envelope(json: &Value) -> bool {
    for name in ["message", "errors"] {
        let mut texts = Vec::new();
        collect_texts(&json[name], &mut texts);
        if !texts.is_empty() {
            return true;
        }
    }
    match &json["error"] {
        Value::String(text) => !text.trim().is_empty(),
        Value::Object(error) => error.contains_key("key") && error.contains_key("trackingId"),
        _ => false,
    }
}

/// Collects the texts in `json` that are meant for people, each once.
fn collect_texts<'a>(json: &'a Value, texts: &mut Vec<&'a str>) {
    match json {
        _ if texts.len() >= MOST_TEXTS => {}
        Value::String(text) if !text.trim().is_empty() && !texts.contains(&text.as_str()) => texts.push(text),
        Value::Array(items) => {
            for item in items {
                collect_texts(item, texts);
            }
        }
        Value::Object(fields) => {
            for name in TEXT_FIELDS {
                if let Some(field) = fields.get(name) {
                    collect_texts(field, texts);
                }
            }
        }
        _ => {}
    }
}

/// The texts without the code, alone or in front of a text, and each once: the identity broker writes its description as
/// `{description}` and as `{code}: {description}`.
fn without_code<'a>(texts: &[&'a str], code: Option<&str>) -> Vec<&'a str> {
    let mut left = Vec::new();
    for text in texts {
        let text = match code {
            Some(code) => text.strip_prefix(code).unwrap_or(text).trim_start_matches([':', ' ']),
            None => text,
        };
        if !text.is_empty() && !left.contains(&text) {
            left.push(text);
        }
    }
    left
}

/// The field `error`, if it looks like a code and contains no secret.
fn explicit_code(json: &Value, redactor: &Redactor) -> Option<String> {
    let code = json.get("error")?.as_str()?;
    if code.is_empty() || code.len() > LONGEST_CODE || !code.chars().all(is_code_character) {
        return None;
    }
    if redactor.strip_and_mask(code) != code {
        return None;
    }
    Some(code.to_owned())
}

fn is_code_character(c: char) -> bool {
    c.is_ascii_lowercase() || c.is_ascii_digit() || "_.-".contains(c)
}

/// The first documented code that is a word of its own in the texts.
fn documented_code(texts: &[&str]) -> Option<String> {
    for text in texts {
        for word in text.split(|c: char| !c.is_ascii_alphanumeric() && c != '_') {
            for code in DOCUMENTED_CODES {
                if code.eq_ignore_ascii_case(word) {
                    return Some(code.to_owned());
                }
            }
        }
    }
    None
}

/// The tracking id in a JSON body. Webex writes `trackingId`, the identity broker `trackingID`.
pub(crate) fn tracking_id_in_body(body: &[u8], redactor: &Redactor) -> Option<String> {
    let json: Value = serde_json::from_slice(body).ok()?;
    for object in [&json, &json["error"]] {
        for name in ["trackingId", "trackingID"] {
            if let Some(text) = object[name].as_str() {
                return clean_tracking_id(text, redactor);
            }
        }
    }
    None
}

/// Makes a tracking id from outside safe to log. `None` if nothing is left of it.
pub(crate) fn clean_tracking_id(text: &str, redactor: &Redactor) -> Option<String> {
    let mut id = redactor.strip(text);
    id.retain(|c| c.is_ascii_alphanumeric() || "_.:-".contains(c));
    id.truncate(LONGEST_TRACKING_ID);
    if id.is_empty() { None } else { Some(id) }
}

/// Makes text from outside safe to log: one short line without secrets. `None` if nothing is left of it.
pub(crate) fn clean_text(text: &str, redactor: &Redactor) -> Option<String> {
    // Secrets are removed before the text is cut, or a part of one could stay.
    let safe = redactor.strip_and_mask(text).replace(char::is_control, " ");
    let one_line = safe.split_whitespace().collect::<Vec<_>>().join(" ");
    let short: String = one_line.chars().take(LONGEST_DESCRIPTION).collect();
    if short.is_empty() { None } else { Some(short) }
}

#[cfg(test)]
mod tests;
