//! How responses are parsed.

use broker_core::id::OrgId;
use broker_core::port::{Webex as _, WebexErrorKind};
use serde_json::{Value, json};

use crate::support::*;

#[tokio::test]
async fn token_response_is_read_completely() {
    let mock = MockWebex::answering(token_pair()).await;
    for issued in [mock.mint().await, mock.refresh().await, mock.exchange().await] {
        let issued = issued.unwrap();
        assert_eq!(issued.access_token.expose(), "the-new-access-token");
        assert_eq!(issued.expires_in, seconds(1_209_599));
        assert_eq!(issued.refresh_token.unwrap().expose(), "the-new-refresh-token");
        assert_eq!(issued.refresh_token_expires_in, Some(seconds(7_775_999)));
        assert_eq!(issued.scope.as_deref(), Some("spark:all"));
    }
}

#[tokio::test]
async fn unexpected_optional_fields_count_as_missing() {
    for odd in [json!(null), json!(""), json!(false), json!([]), json!(-0.5)] {
        let body = json!({
            "access_token": "a", "expires_in": "60",
            "refresh_token": odd, "refresh_token_expires_in": odd, "scope": odd,
        });
        let issued = MockWebex::answering(status(200).set_body_json(body)).await.refresh().await.unwrap();
        assert_eq!(issued.expires_in, seconds(60));
        assert!(issued.refresh_token.is_none() && issued.refresh_token_expires_in.is_none(), "{odd}");
        assert_eq!(issued.scope, None);
    }
}

#[tokio::test]
async fn incomplete_pair_is_a_foreign_answer_and_not_retried() {
    for (body, reason) in [
        (json!({"expires_in": 60}), "there is no access_token"),
        (json!({"access_token": "", "expires_in": 60}), "there is no access_token"),
        (json!({"access_token": 7, "expires_in": 60}), "there is no access_token"),
        (json!({"access_token": "canary", "expires_in": 0}), "expires_in is not a lifetime"),
        (json!({"access_token": "canary", "expires_in": -1}), "expires_in is not a lifetime"),
        (json!({"access_token": "canary", "expires_in": "soon"}), "expires_in is not a lifetime"),
        (json!({"access_token": "canary", "expires_in": 1e15}), "expires_in is not a lifetime"),
        (json!({"error": "invalid_grant"}), "there is no access_token"),
        (json!("canary"), "there is no access_token"),
        (json!([]), "there is no access_token"),
        (Value::Null, "there is no access_token"),
    ] {
        let mock = MockWebex::answering(status(200).set_body_json(&body).insert_header("trackingID", "T_1")).await;
        let error = mock.refresh().await.unwrap_err();
        assert_eq!((error.kind, error.code()), (WebexErrorKind::Foreign(200), "foreign_answer".to_owned()));
        let description = format!("HTTP 200, application/json: {reason}");
        assert_eq!(error.description, Some(description), "{body}");
        assert_eq!(error.tracking_id.as_deref(), Some("T_1"));
        assert_eq!(mock.requests().await.len(), 1);
    }
}

#[tokio::test]
async fn malformed_token_is_a_foreign_answer() {
    for text in ["nnn\r\nX-Evil: 1", "canary\n", "a b", "caf\u{e9}", "a\u{0}", "a\u{7f}", &"a".repeat(20_000)] {
        for (access, refresh) in [(text, "good"), ("good", text)] {
            let body = json!({"access_token": access, "expires_in": 60, "refresh_token": refresh});
            let error = MockWebex::answering(status(200).set_body_json(body)).await.refresh().await.unwrap_err();
            assert_eq!(error.kind, WebexErrorKind::Foreign(200), "{text:?}");
            assert!(!error.description.unwrap().contains("canary"));
        }
    }
}

#[tokio::test]
async fn pair_without_expires_in_is_kept_for_an_hour() {
    for body in [
        json!({"access_token": "a", "refresh_token": "r"}),
        json!({"access_token": "a", "refresh_token": "r", "expires_in": null}),
    ] {
        let issued = MockWebex::answering(status(200).set_body_json(body)).await.exchange().await.unwrap();
        assert_eq!(issued.expires_in, seconds(3600));
        assert_eq!(issued.refresh_token.unwrap().expose(), "r");
    }
}

#[tokio::test]
async fn success_that_is_not_json_is_a_foreign_answer() {
    for body in ["", "<html>", "{\"access_token\":\"canary\"", "\u{0}"] {
        let error = MockWebex::answering(status(200).set_body_string(body)).await.mint().await.unwrap_err();
        assert_eq!((error.operation, error.kind), ("mint", WebexErrorKind::Foreign(200)));
        assert_eq!(error.description.as_deref(), Some("HTTP 200, text/plain: the body is not JSON"));
    }
}

#[tokio::test]
async fn error_contains_the_parts_of_both_envelopes() {
    let webex = json!({"message": "invalid_grant", "errors": [{"description": "Gone."}], "trackingId": "BODY_1"});
    let error = MockWebex::answering(status(400).set_body_json(&webex)).await.refresh().await.unwrap_err();
    assert_eq!((error.kind, error.code()), (WebexErrorKind::Answered(400), "invalid_grant".to_owned()));
    assert_eq!(error.description.as_deref(), Some("Gone."));
    assert_eq!(error.tracking_id.as_deref(), Some("BODY_1"));

    let rfc = json!({"error": "invalid_client", "error_description": "Who?"});
    let answer = status(401).set_body_json(&rfc).insert_header("TrackingId", "HEADER_1");
    let error = MockWebex::answering(answer).await.exchange().await.unwrap_err();
    assert_eq!((error.kind, error.code()), (WebexErrorKind::Answered(401), "invalid_client".to_owned()));
    assert_eq!(error.tracking_id.as_deref(), Some("HEADER_1"));
}

#[tokio::test]
async fn tracking_id_of_the_header_precedes_the_body() {
    let answer = status(403).set_body_json(json!({"trackingId": "BODY"})).insert_header("trackingid", "HEADER");
    let error = MockWebex::answering(answer).await.mint().await.unwrap_err();
    assert_eq!(error.tracking_id.as_deref(), Some("HEADER"));
}

#[tokio::test]
async fn token_expiry_is_read_in_milliseconds() {
    for (exp, end) in
        [(json!(1_795_262_400_000_i64), "2026-11-21T12:00:00Z"), (json!("1795262400001"), "2026-11-21T12:00:00.001Z")]
    {
        let mock = MockWebex::answering(status(200).set_body_json(json!({ "exp": exp }))).await;
        let found = mock.api.token_expiry(&bearer(), mock.long_deadline()).await.unwrap();
        assert_eq!(found.to_string(), end);
    }
    for exp in [json!(null), json!("soon"), json!(9e18)] {
        let mock = MockWebex::answering(status(200).set_body_json(json!({ "exp": exp }))).await;
        let error = mock.api.token_expiry(&bearer(), mock.long_deadline()).await.unwrap_err();
        assert_eq!(error.kind, WebexErrorKind::Foreign(200), "{exp}");
    }
}

#[tokio::test]
async fn token_owner_is_the_org_of_the_account() {
    let org = OrgId::parse(ORG).unwrap();
    for written in [ORG.to_owned(), org.to_base64()] {
        let body = json!({"id": "p", "orgId": written, "emails": ["ann@example.com"]});
        let mock = MockWebex::answering(status(200).set_body_json(body)).await;
        let found = mock.api.token_owner(&bearer(), mock.long_deadline()).await.unwrap();
        assert_eq!(found, Some(org.clone()));
        assert_eq!(mock.requests().await[0].url.path(), "/v1/people/me");
    }
}

#[tokio::test]
async fn token_owner_is_unknown_after_a_403_of_webex_alone() {
    let mock = MockWebex::answering(webex_error(403)).await;
    assert_eq!(mock.api.token_owner(&bearer(), mock.long_deadline()).await.unwrap(), None);
    for (answer, kind, is_dead) in [
        (status(403), WebexErrorKind::Foreign(403), false),
        (status(200).set_body_json(json!({"id": "p"})), WebexErrorKind::Foreign(200), false),
        (status(200).set_body_json(json!({"orgId": "p"})), WebexErrorKind::Foreign(200), false),
        (webex_error(401), WebexErrorKind::Answered(401), true),
        (webex_error(404), WebexErrorKind::Answered(404), false),
    ] {
        let mock = MockWebex::answering(answer).await;
        let error = mock.api.token_owner(&bearer(), mock.long_deadline()).await.unwrap_err();
        assert_eq!((error.kind, error.proves_dead()), (kind, is_dead));
    }
}

#[tokio::test]
async fn guest_request_and_response_match_the_api() {
    let body = json!({
        "id": "guest-1", "subject": "s", "displayName": "Ann", "email": "x@guest",
        "accessToken": "t", "expiresIn": 64_799,
    });
    let mock = MockWebex::answering(status(200).set_body_json(body)).await;
    let guest = mock.api.guest(&bearer(), "s", "Ann \"A\"", mock.long_deadline()).await.unwrap();
    assert_eq!((guest.id.as_str(), guest.access_token.expose()), ("guest-1", "t"));
    assert_eq!(guest.expires_in, seconds(64_799));
    let request = &mock.requests().await[0];
    assert_eq!(request.url.path(), "/v1/guests/token");
    assert_eq!(request.body_json::<Value>().unwrap(), json!({"subject": "s", "displayName": "Ann \"A\""}));
}

#[tokio::test]
async fn incomplete_guest_is_a_foreign_answer() {
    for body in [
        json!({"id": "g", "accessToken": "t"}),
        json!({"id": "g", "expiresIn": 1}),
        json!({"accessToken": "t", "expiresIn": 1}),
        json!({"id": "g", "accessToken": "t\r\nX-Evil: 1", "expiresIn": 1}),
        json!({"id": "g", "accessToken": "t", "expiresIn": 1e15}),
    ] {
        let mock = MockWebex::answering(status(200).set_body_json(&body)).await;
        let error = mock.api.guest(&bearer(), "s", "Ann", mock.long_deadline()).await.unwrap_err();
        assert_eq!((error.operation, error.kind), ("guest", WebexErrorKind::Foreign(200)), "{body}");
    }
}
