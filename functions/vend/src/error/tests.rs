use super::*;
use crate::access::identity::InvalidToken;

fn guest_error(kind: WebexErrorKind) -> Error {
    Error::Guest(WebexError {
        operation: "guest",
        kind,
        code: None,
        description: None,
        tracking_id: Some("ROUTER_1".to_owned()),
        retry_after: None,
    })
}

fn failed(code: &str, retry_after: Option<u32>) -> Error {
    RenewalError::Failed(CommandError {
        code: code.to_owned(),
        detail: "minter/default is dead: store_refused".to_owned(),
        tracking_id: Some("ROUTER_2".to_owned()),
        retry_after,
    })
    .into()
}

/// Every error that does not come from Webex, with its status.
fn errors() -> Vec<(Error, u16)> {
    let store = StoreError::Unavailable { operation: "GetSecretValue", code: "timeout".to_owned() };
    let second = SignedDuration::from_secs(1);
    vec![
        (Error::UnknownPath, 404),
        (Error::Method("GET"), 405),
        (AccessError::Unidentified { accepts_bearer: false }.into(), 401),
        (AccessError::Unidentified { accepts_bearer: true }.into(), 401),
        (AccessError::InvalidToken(InvalidToken::Expired).into(), 401),
        (AccessError::IssuerUnavailable.into(), 503),
        (AccessError::ForeignAccount { caller: "x".to_owned() }.into(), 403),
        (AccessError::Denied { policies: Vec::new(), nearest: None }.into(), 403),
        (AccessError::RateLimited { retry_after: second }.into(), 429),
        (Error::MinterGrant, 403),
        (Error::InvalidParameter(String::new()), 400),
        (Error::InvalidBody("x"), 400),
        (Error::GrantNotFound, 404),
        (Error::Pending, 409),
        (Error::Fenced, 410),
        (Error::Revoked, 410),
        (Error::Store(store), 503),
        (Error::TooManyRenewals { retry_after: second }, 429),
        (RenewalError::TooShort.into(), 503),
    ]
}

#[test]
fn errors_have_the_statuses_of_the_contract() {
    use WebexErrorKind::{Answered, Foreign, TimedOut, Unreachable};
    let guest_errors = [
        (guest_error(Answered(400)), 502),
        (guest_error(Answered(401)), 502),
        (guest_error(Answered(403)), 502),
        (guest_error(Answered(429)), 429),
        (guest_error(Answered(500)), 503),
        (guest_error(Answered(503)), 503),
        (guest_error(TimedOut), 503),
        (guest_error(Unreachable), 503),
        (guest_error(Foreign(200)), 503),
    ];
    for (error, status) in errors().into_iter().chain(guest_errors) {
        let problem = Problem::from(&error);
        assert_eq!(problem.kind.status().as_u16(), status, "{error:?}");
        assert_eq!(problem.retry_after.is_some(), matches!(status, 409 | 429 | 503), "{error:?}");
        assert_eq!(problem.tracking_id.is_some(), matches!(error, Error::Guest(_)), "{error:?}");
    }
}

#[test]
fn failed_renewal_has_code_and_tracking_id_but_no_inner_names() {
    for code in ["invalid_grant", "invalid_client", "foreign_answer", "http_502", "timed_out"] {
        let problem = Problem::from(&failed(code, None));
        assert!(problem.detail.contains(code), "{problem:?}");
        assert_eq!(problem.tracking_id.as_deref(), Some("ROUTER_2"));
    }
    for code in ["minter_refused", "minter_ended", "store_refused", "store_unavailable", "version_limit", "unknown_app"]
    {
        let problem = Problem::from(&failed(code, None));
        assert!(!problem.detail.contains(code), "{problem:?}");
    }
    for code in ["invalid_grant", "minter_ended", "too_many_renewals"] {
        let problem = Problem::from(&failed(code, None));
        for inner in ["minter", "store", "dead"] {
            assert!(!problem.detail.contains(inner), "{problem:?}");
        }
    }
}

#[test]
fn failed_renewal_has_the_refreshers_wait() {
    for (code, kind) in [("http_503", ProblemKind::NotRenewed), ("too_many_renewals", ProblemKind::Throttled)] {
        for (given, expected) in [(Some(7), 7), (Some(3600), 3600), (None, 30)] {
            let problem = Problem::from(&failed(code, given));
            assert_eq!((problem.kind, problem.retry_after), (kind, Some(SignedDuration::from_secs(expected))));
        }
    }
}
