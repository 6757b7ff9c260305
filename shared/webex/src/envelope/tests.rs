use super::*;

/// Body, code, description and tracking id; empty means none.
const TABLE: &[[&str; 4]] = &[
    // Webex's own, whole and in part
    [r#"{"message":"No.","errors":[{"description":"Really."}],"trackingId":"T_1"}"#, "", "No.; Really.", "T_1"],
    [r#"{"message":"No.","errors":[{"description":"No."}]}"#, "", "No.", ""],
    [r#"{"message":"The refresh token: invalid_grant."}"#, "invalid_grant", "The refresh token: invalid_grant.", ""],
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
