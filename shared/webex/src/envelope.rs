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

/// The parts of an error body, safe to log.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct ErrorEnvelope {
    pub(crate) code: Option<String>,
    pub(crate) description: Option<String>,
    pub(crate) tracking_id: Option<String>,
}

impl ErrorEnvelope {
    /// Parses any body. A body without known parts gives an empty envelope.
    pub(crate) fn parse(body: &[u8], redactor: &Redactor) -> Self {
        let Ok(json) = serde_json::from_slice::<Value>(body) else {
            let text = String::from_utf8_lossy(body);
            return Self { description: clean_text(&text, redactor), ..Self::default() };
        };
        let mut texts = Vec::new();
        collect_texts(&json, &mut texts);
        let code = explicit_code(&json, redactor).or_else(|| documented_code(&texts));
        texts.retain(|text| Some(*text) != code.as_deref());
        Self {
            code,
            description: clean_text(&texts.join("; "), redactor),
            tracking_id: tracking_id_in(&json).and_then(|id| clean_tracking_id(id, redactor)),
        }
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

fn tracking_id_in(json: &Value) -> Option<&str> {
    let nested = || json.get("error")?.get("trackingId");
    json.get("trackingId").or_else(nested)?.as_str()
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
        [r#"{"message":7,"errors":null,"trackingId":7}"#, "", "", ""],
        [r#"{"message":null,"errors":{"description":"One."}}"#, "", "One.", ""],
        [r#"{"errors":["One.",{"description":["Two."]},3,{}]}"#, "", "One.; Two.", ""],
        // RFC 6749
        [r#"{"error":"invalid_client"}"#, "invalid_client", "", ""],
        [r#"{"error":"invalid_scope","error_description":"No user."}"#, "invalid_scope", "No user.", ""],
        [r#"{"error":"new.code-7"}"#, "new.code-7", "", ""],
        [r#"{"error":"Not A Code"}"#, "", "Not A Code", ""],
        [r#"{"error":"Invalid_Grant"}"#, "invalid_grant", "Invalid_Grant", ""],
        [r#"{"error":"canary-secret"}"#, "", "[redacted]", ""],
        [r#"{"error":""}"#, "", "", ""],
        [r#"{"error":400,"error_description":"access_denied"}"#, "access_denied", "", ""],
        // the identity broker's third
        [r#"{"error":{"key":"400","message":[{"description":"No."}],"trackingId":"T_2"}}"#, "", "No.", "T_2"],
        // none
        ["", "", "", ""],
        ["{}", "", "", ""],
        ["[1]", "", "", ""],
        ["\"No.\"", "", "No.", ""],
        ["<h1>invalid_grant</h1>\r\n\u{7}Bad", "", "<h1>invalid_grant</h1> Bad", ""],
        [r#"{"trackingId":"T 3\n<canary-secret>"}"#, "", "", "T3redacted"],
    ];

    fn parse(body: &str) -> (Option<String>, Option<String>, Option<String>) {
        let envelope = ErrorEnvelope::parse(body.as_bytes(), &Redactor::new(["canary-secret"]));
        (envelope.code, envelope.description, envelope.tracking_id)
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
