use super::*;
use jiff::SignedDuration;

fn answered(status: u16, code: Option<&str>) -> WebexError {
    WebexError {
        operation: "test",
        kind: WebexErrorKind::Answered(status),
        code: code.map(str::to_owned),
        description: None,
        tracking_id: Some("ROUTERGW_1".to_owned()),
        retry_after: None,
    }
}

fn with_message(message: &str) -> WebexError {
    WebexError { description: Some(message.to_owned()), ..answered(403, None) }
}

#[test]
fn refresh_verdict_of_each_status_and_code() {
    use RefreshVerdict::{Finished, FinishedIfRepeated, Later};
    let table = [
        (400, Some("invalid_grant"), Finished),
        (401, Some("invalid_grant"), Finished),
        (403, Some("invalid_grant"), Finished),
        (400, None, FinishedIfRepeated),
        (401, None, FinishedIfRepeated),
        (403, None, FinishedIfRepeated),
        (400, Some("invalid_request"), FinishedIfRepeated),
        (400, Some("invalid_client"), Later), // the client secret was regenerated; the grant lives
        (401, Some("invalid_client"), Later),
        (403, Some("tokenlimit_reached"), Later),
        (400, Some("something_new"), Later),
        (404, None, Later),
        (423, None, Later),
        (429, None, Later),
        (500, None, Later),
        (503, Some("invalid_grant"), Later),
    ];
    for (status, code, meaning) in table {
        assert_eq!(answered(status, code).refresh_verdict(), meaning, "{status} {code:?}");
    }
}

#[test]
fn mint_verdict_of_each_status_and_code() {
    use MintVerdict::{BearerRefused, Later, MinterRefused, NotAuthorized};
    let table = [
        (403, None, NotAuthorized),
        (403, Some("access_denied"), NotAuthorized),
        (403, Some("tokenlimit_reached"), Later),
        (403, Some("rate_limited"), Later),
        (403, Some("insufficient_scope"), MinterRefused), // the minter lacks scopes; the org did not withdraw
        (403, Some("invalid_scope"), MinterRefused),
        (401, None, BearerRefused),
        (401, Some("invalid_client"), Later),
        (400, None, Later),
        (404, None, Later),
        (429, None, Later),
        (500, None, Later),
    ];
    for (status, code, meaning) in table {
        assert_eq!(answered(status, code).mint_verdict(), meaning, "{status} {code:?}");
    }
}

#[test]
fn device_verdict_of_each_status_and_code() {
    use DeviceVerdict::{Over, SlowDown, Waiting};
    let table = [
        (428, None, Waiting),
        (428, Some("authorization_pending"), Waiting),
        (400, Some("authorization_pending"), Waiting),
        (428, Some("slow_down"), SlowDown),
        (400, Some("slow_down"), SlowDown),
        (400, Some("expired_token"), Over),
        (403, Some("access_denied"), Over),
        (400, None, Over),
        (503, None, Over),
    ];
    for (status, code, meaning) in table {
        assert_eq!(answered(status, code).device_verdict(), meaning, "{status} {code:?}");
    }
}

#[test]
fn foreign_428_keeps_the_device_flow_waiting() {
    let foreign = |status| WebexError { kind: WebexErrorKind::Foreign(status), ..answered(status, None) };
    assert_eq!(foreign(428).device_verdict(), DeviceVerdict::Waiting);
    assert_eq!(foreign(400).device_verdict(), DeviceVerdict::Over);
}

#[test]
fn rate_limit_under_403_gives_no_verdict() {
    let waits = WebexError { retry_after: Some(SignedDuration::from_secs(1)), ..answered(403, None) };
    let says = WebexError { description: Some("Too many requests, slow down".to_owned()), ..answered(403, None) };
    for error in [waits, says] {
        assert_eq!(error.mint_verdict(), MintVerdict::Later);
        assert_eq!(error.refresh_verdict(), RefreshVerdict::Later);
    }
}

#[test]
fn mint_refused_for_the_minters_rights_is_not_about_the_org() {
    for (message, verdict) in [
        (
            "The server understood the request, but refused to fulfill it because the access token is missing \
             required scopes or the user is missing required roles or licenses.",
            MintVerdict::MinterRefused,
        ),
        ("Missing Scope: spark:applications_token", MintVerdict::MinterRefused),
        ("The user needs another role.", MintVerdict::MinterRefused),
        ("A licence is missing", MintVerdict::MinterRefused),
        ("The organization has not authorized the application.", MintVerdict::NotAuthorized),
        ("The organization is controlled by a telescope.", MintVerdict::NotAuthorized),
        ("Too many requests for this role", MintVerdict::Later),
    ] {
        assert_eq!(with_message(message).mint_verdict(), verdict, "{message}");
    }
}

#[test]
fn without_tracking_id_an_envelope_heals_but_ends_nothing() {
    let anonymous = |status, code| WebexError { tracking_id: None, ..answered(status, code) };
    for code in [None, Some("access_denied"), Some("forbidden")] {
        assert_eq!(answered(403, code).mint_verdict(), MintVerdict::NotAuthorized);
        assert_eq!(anonymous(403, code).mint_verdict(), MintVerdict::Later, "{code:?}");
    }
    assert!(answered(401, None).proves_dead() && answered(403, None).is_webex_verdict());
    assert!(!anonymous(401, None).proves_dead() && !anonymous(403, None).is_webex_verdict());
    assert!(!answered(403, None).proves_dead());
    assert_eq!(anonymous(400, Some("invalid_grant")).refresh_verdict(), RefreshVerdict::Finished);
    assert_eq!(anonymous(401, None).mint_verdict(), MintVerdict::BearerRefused);
    assert_eq!(anonymous(403, Some("insufficient_scope")).mint_verdict(), MintVerdict::MinterRefused);
}

#[test]
fn foreign_answer_gives_no_verdict_under_any_status_or_code() {
    for status in [200, 204, 302, 400, 401, 403, 404, 407, 423, 429, 500, 502, 503] {
        for code in [None, Some("invalid_grant"), Some("access_denied"), Some("insufficient_scope")] {
            let error = WebexError { kind: WebexErrorKind::Foreign(status), ..answered(status, code) };
            assert_eq!(error.mint_verdict(), MintVerdict::Later, "{status} {code:?}");
            assert_eq!(error.refresh_verdict(), RefreshVerdict::Later, "{status} {code:?}");
            assert!(!error.is_webex_verdict() && !error.proves_dead() && !error.is_unauthorized());
            assert_eq!(error.code(), "foreign_answer");
        }
    }
}

#[test]
fn missing_response_gives_no_verdict() {
    for kind in [WebexErrorKind::TimedOut, WebexErrorKind::Unreachable] {
        let error = WebexError { kind, ..answered(0, None) };
        assert_eq!(error.mint_verdict(), MintVerdict::Later);
        assert_eq!(error.refresh_verdict(), RefreshVerdict::Later);
        assert!(!error.is_webex_verdict() && !error.proves_dead());
    }
}
