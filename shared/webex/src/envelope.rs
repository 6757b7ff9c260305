//! What Webex says when it does not do a thing: its own envelope, that of RFC 6749 section 5.2, or neither.

use serde_json::Value;

use crate::redact::Redactor;

/// Every error name that Webex documents for its OAuth endpoints, and those of RFC 8628 section 3.5 for its device flow.
const DOCUMENTED: [&str; 11] = [
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
/// Where words are found, in the order in which they are reported.
const WORDY_FIELDS: [&str; 5] = ["message", "description", "error_description", "errors", "error"];
/// Most texts that are looked at in one body.
const MOST_TEXTS: usize = 16;
/// Longest code that is believed.
const LONGEST_CODE: usize = 64;
/// Longest tracking id that is passed on; real ones have about 45 characters.
const LONGEST_TRACKING_ID: usize = 128;
/// Longest description, in characters.
const LONGEST_DESCRIPTION: usize = 200;

/// What could be read off an error body, safe to log.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Envelope {
    pub(crate) code: Option<String>,
    pub(crate) description: Option<String>,
    pub(crate) tracking_id: Option<String>,
}

impl Envelope {
    /// Reads any body; the worst one gives nothing.
    pub(crate) fn read(body: &[u8], redactor: &Redactor) -> Self {
        let Ok(json) = serde_json::from_slice::<Value>(body) else {
            let text = String::from_utf8_lossy(body);
            return Self { description: words(&text, redactor), ..Self::default() };
        };
        let mut texts = Vec::new();
        collect(&json, &mut texts);
        let code = explicit_code(&json, redactor).or_else(|| documented_code(&texts));
        texts.retain(|text| Some(*text) != code.as_deref());
        Self {
            code,
            description: words(&texts.join("; "), redactor),
            tracking_id: tracking_id_in(&json).and_then(|id| tracking_id(id, redactor)),
        }
    }
}

/// All texts in `json` that are meant for people, each once.
fn collect<'a>(json: &'a Value, texts: &mut Vec<&'a str>) {
    match json {
        _ if texts.len() >= MOST_TEXTS => {}
        Value::String(text) if !text.trim().is_empty() && !texts.contains(&text.as_str()) => texts.push(text),
        Value::Array(items) => items.iter().for_each(|item| collect(item, texts)),
        Value::Object(fields) => {
            let wordy = WORDY_FIELDS.iter().filter_map(|name| fields.get(*name));
            wordy.for_each(|field| collect(field, texts));
        }
        _ => {}
    }
}

/// `error`, if it looks like a code and not like something that was sent.
fn explicit_code(json: &Value, redactor: &Redactor) -> Option<String> {
    let code = json.get("error")?.as_str()?;
    let allowed = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || "_.-".contains(c);
    let is_code = (1..=LONGEST_CODE).contains(&code.len()) && code.chars().all(allowed);
    (is_code && redactor.strip_and_mask(code) == code).then(|| code.to_owned())
}

/// A documented name that stands in the words by itself.
fn documented_code(texts: &[&str]) -> Option<String> {
    let is_delimiter = |c: char| !c.is_ascii_alphanumeric() && c != '_';
    let mut found = texts.iter().flat_map(|text| text.split(is_delimiter));
    found.find_map(|word| {
        let name = DOCUMENTED.iter().find(|name| name.eq_ignore_ascii_case(word))?;
        Some((*name).to_owned())
    })
}

fn tracking_id_in(json: &Value) -> Option<&str> {
    let nested = || json.get("error")?.get("trackingId");
    json.get("trackingId").or_else(nested)?.as_str()
}

/// A tracking id from outside, fit for a log line.
pub(crate) fn tracking_id(text: &str, redactor: &Redactor) -> Option<String> {
    let allowed = |c: &char| c.is_ascii_alphanumeric() || "_.:-".contains(*c);
    let stripped = redactor.strip(text);
    let id: String = stripped.chars().filter(allowed).take(LONGEST_TRACKING_ID).collect();
    Some(id).filter(|id| !id.is_empty())
}

/// Words from outside, fit for a log line. Secrets go before the text is cut, lest a half of one stays.
pub(crate) fn words(text: &str, redactor: &Redactor) -> Option<String> {
    let safe = redactor.strip_and_mask(text).replace(char::is_control, " ");
    let one_line = safe.split_whitespace().collect::<Vec<_>>().join(" ");
    let short: String = one_line.chars().take(LONGEST_DESCRIPTION).collect();
    Some(short).filter(|words| !words.is_empty())
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

    fn read(body: &str) -> (Option<String>, Option<String>, Option<String>) {
        let envelope = Envelope::read(body.as_bytes(), &Redactor::new(["canary-secret"]));
        (envelope.code, envelope.description, envelope.tracking_id)
    }

    #[test]
    fn every_envelope_is_read_and_none_is_no_trouble() {
        let some = |text: &str| Some(text.to_owned()).filter(|text| !text.is_empty());
        for [body, code, description, tracking_id] in TABLE {
            assert_eq!(read(body), (some(code), some(description), some(tracking_id)), "{body}");
        }
    }

    #[test]
    fn a_code_without_end_is_none() {
        let body = format!(r#"{{"error":"{}"}}"#, "a".repeat(65));
        assert_eq!(read(&body), (None, Some("[redacted]".to_owned()), None));
    }

    #[test]
    fn a_secret_is_taken_out_before_the_words_are_cut() {
        let body = format!(r#"{{"message":"{}canary-secret"}}"#, "so ".repeat(65));
        let description = read(&body).1.unwrap();
        assert_eq!(description.chars().count(), 200);
        assert!(description.ends_with(" [reda"), "{description}");
    }
}
