use super::*;

fn by_webex(kind: WebexErrorKind) -> Refusal {
    Refusal::Webex(WebexError {
        operation: "guest",
        kind,
        code: None,
        description: None,
        tracking_id: Some("ROUTER_1".to_owned()),
        retry_after: None,
    })
}

fn store(code: &str) -> Refusal {
    Refusal::Store(StoreError::Unavailable { operation: "GetSecretValue", code: code.to_owned() })
}

/// Every refusal that is ours.
fn our_refusals() -> Vec<(Refusal, u16)> {
    let foreign = Refusal::Foreign { name: "x".to_owned() };
    let again = SignedDuration::from_secs(1);
    vec![
        (Refusal::NoSuchRoute, 404),
        (Refusal::Method("GET"), 405),
        (Refusal::Unidentified { bearer: false }, 401),
        (Refusal::Unidentified { bearer: true }, 401),
        (Refusal::BadToken(BadToken::Expired), 401),
        (Refusal::IssuerDown, 503),
        (foreign, 403),
        (Refusal::Denied { by: Vec::new() }, 403),
        (Refusal::TooOften { again }, 429),
        (Refusal::Minter, 403),
        (Refusal::BadParameter(String::new()), 400),
        (Refusal::BadBody("x"), 400),
        (Refusal::NoSuchGrant, 404),
        (Refusal::Pending, 409),
        (Refusal::Fenced, 410),
        (Refusal::Revoked, 410),
        (store("timeout"), 503),
        (Refusal::NotRenewed(NotRenewed::NotBetter), 503),
    ]
}

#[test]
fn each_refusal_has_the_contracts_status() {
    use WebexErrorKind::{Answered, TimedOut, Unintelligible, Unreachable};
    let webexs = [
        (by_webex(Answered(400)), 502),
        (by_webex(Answered(401)), 502),
        (by_webex(Answered(403)), 502),
        (by_webex(Answered(429)), 429),
        (by_webex(Answered(500)), 503),
        (by_webex(Answered(503)), 503),
        (by_webex(TimedOut), 503),
        (by_webex(Unreachable), 503),
        (by_webex(Unintelligible), 503),
    ];
    for (refusal, status) in our_refusals().into_iter().chain(webexs) {
        let problem = Problem::from(&refusal);
        assert_eq!(problem.kind.status().as_u16(), status, "{refusal:?}");
        assert_eq!(problem.retry_after.is_some(), matches!(status, 409 | 429 | 503), "{refusal:?}");
        assert_eq!(problem.tracking_id.is_some(), matches!(refusal, Refusal::Webex(_)), "{refusal:?}");
    }
}

#[test]
fn a_renewal_that_failed_says_webexs_code_and_tracking_id() {
    let refused = request::CommandError {
        code: "invalid_grant".to_owned(),
        detail: "the refresh token is dead".to_owned(),
        tracking_id: Some("ROUTER_2".to_owned()),
        retry_after: None,
    };
    let problem = Problem::from(&Refusal::NotRenewed(NotRenewed::Refused(refused)));
    assert!(problem.detail.contains("invalid_grant"), "{problem:?}");
    assert_eq!(problem.tracking_id.as_deref(), Some("ROUTER_2"));
}
