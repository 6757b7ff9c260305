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
        texts.retain(|text| Some(*text) != code.as_deref());
        let description = clean_text(&texts.join("; "), redactor);
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
mod tests {
    use super::*;

    /// Body, code, description and tracking id; empty means none.
    const TABLE: &[[&str; 4]] = &[
        // Webex's own, whole and in part
        [r#"{"message":"No.","errors":[{"description":"Really."}],"trackingId":"T_1"}"#, "", "No.; Really.", "T_1"],
        [r#"{"message":"No.","errors":[{"description":"No."}]}"#, "", "No.", ""],
        [
            r#"{"message":"The refresh token: invalid_grant."}"#,
            "invalid_grant",
            "The refresh token: invalid_grant.",
            "",
        ],
        [
            r#"{"message":"No.","errors":[{"description":"Tokenlimit_Reached"}]}"#,
            "tokenlimit_reached",
            "No.; Tokenlimit_Reached",
            "",
        ],
        [r#"{"message":"not_invalid_grant or invalid_grants"}"#, "", "not_invalid_grant or invalid_grants", ""],
        // `errors` and others of odd types
        [r#"{"message":null,"errors":{"description":"One."}}"#, "", "One.", ""],
        [r#"{"errors":["One.",{"description":["Two."]},3,{}]}"#, "", "One.; Two.", ""],
        // RFC 6749
        [r#"{"error":"invalid_client"}"#, "invalid_client", "", ""],
        [r#"{"error":"invalid_scope","error_description":"No user."}"#, "invalid_scope", "No user.", ""],
        [r#"{"error":"new.code-7"}"#, "new.code-7", "", ""],
        [r#"{"error":"Not A Code"}"#, "", "Not A Code", ""],
        [r#"{"error":"Invalid_Grant"}"#, "invalid_grant", "Invalid_Grant", ""],
        [r#"{"error":"canary-secret"}"#, "", "[redacted]", ""],
        [r#"{"error":"invalid_client","trackingID":"CLIENT_1"}"#, "invalid_client", "", "CLIENT_1"],
        // the identity broker's third
        [r#"{"error":{"key":"400","message":[{"description":"No."}],"trackingId":"T_2"}}"#, "", "No.", "T_2"],
        [r#"{"message":"Bad\r\n\u0007 one.","trackingId":"T 3\n<canary-secret>"}"#, "", "Bad one.", "T3redacted"],
    ];

    /// Bodies that are not an error envelope.
    const FOREIGN: &[&str] = &[
        "",
        "{}",
        "[1]",
        "7",
        "null",
        "\"No.\"",
        "<h1>invalid_grant</h1>",
        "{\"message\":\"cut off",
        r#"{"trackingId":"T_1"}"#,
        r#"{"message":7,"errors":null,"trackingId":7}"#,
        r#"{"message":"","errors":[],"error":""}"#,
        r#"{"errors":[{"code":1}]}"#,
        r#"{"error":400,"error_description":"access_denied"}"#,
        r#"{"error":{"code":403,"message":"Forbidden","status":"PERMISSION_DENIED"}}"#,
        r#"{"Message":"Forbidden"}"#,
        r#"{"status":"blocked","detail":"policy 7"}"#,
        r#"[{"message":"No.","trackingId":"T_1"}]"#,
    ];

    fn parse(body: &str) -> (Option<String>, Option<String>, Option<String>) {
        let redactor = Redactor::new(["canary-secret"]);
        let envelope = ErrorEnvelope::parse(body.as_bytes(), &redactor).unwrap();
        (envelope.code, envelope.description, tracking_id_in_body(body.as_bytes(), &redactor))
    }

    #[test]
    fn body_that_is_no_envelope_is_not_parsed() {
        for body in FOREIGN {
            assert_eq!(ErrorEnvelope::parse(body.as_bytes(), &Redactor::new([])), None, "{body}");
        }
    }

    #[test]
    fn error_body_gives_code_description_and_tracking_id() {
        let some = |text: &str| Some(text.to_owned()).filter(|text| !text.is_empty());
        for [body, code, description, tracking_id] in TABLE {
            assert_eq!(parse(body), (some(code), some(description), some(tracking_id)), "{body}");
        }
    }

    #[test]
    fn code_over_the_length_limit_is_ignored() {
        let body = format!(r#"{{"error":"{}"}}"#, "a".repeat(65));
        assert_eq!(parse(&body), (None, Some("[redacted]".to_owned()), None));
    }

    #[test]
    fn secret_is_removed_before_the_text_is_cut() {
        let body = format!(r#"{{"message":"{}canary-secret"}}"#, "so ".repeat(65));
        let description = parse(&body).1.unwrap();
        assert_eq!(description.chars().count(), 200);
        assert!(description.ends_with(" [reda"), "{description}");
    }
}
