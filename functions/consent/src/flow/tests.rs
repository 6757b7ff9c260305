use broker_core::token::OperatorKey;

use super::*;
use crate::operator_session::OperatorSession;

fn now() -> Timestamp {
    "2026-11-21T12:00:00Z".parse().unwrap()
}

fn started() -> AuthorizationFlow {
    let id = GrantId::parse("minter/default").unwrap();
    let request = GrantRequest::new(id, vec!["spark:all".to_owned()], false).unwrap();
    AuthorizationFlow::start(request, "https://consent.example/callback".to_owned(), now()).unwrap()
}

fn value(header: &HeaderValue) -> String {
    let (_, value) = header.to_str().unwrap().split_once('=').unwrap();
    value.split(';').next().unwrap().to_owned()
}

#[test]
fn flow_forged_with_the_digest_alone_is_refused() {
    let key = OperatorKey::new("correct horse battery staple");
    let digest = key.fingerprint();
    let seal = OperatorSession::begin(key, &digest, now()).unwrap().seal_for("flow").unwrap();
    let flow = started();
    let resumed = resume(&value(&flow.cookie(&seal).unwrap()), &seal, Some(flow.state.expose()), now());
    assert!(matches!(resumed, Ok(ResumedFlow::InProgress(_))), "{resumed:?}");
    let bytes = hex::decode(digest.hex()).unwrap();
    for secret in [digest.hex().as_bytes(), &bytes, b""] {
        for purpose in ["flow", "operator session"] {
            let forged = flow.cookie(&CookieSeal::derive(secret, purpose).unwrap()).unwrap();
            let resumed = resume(&value(&forged), &seal, Some(flow.state.expose()), now());
            assert_eq!(resumed.unwrap_err(), FlowError::Unreadable);
        }
    }
}

#[test]
fn granted_flow_answers_its_own_state_and_none() {
    let seal = CookieSeal::derive(b"secret", "flow").unwrap();
    let flow = started();
    let cookie = value(&flow.granted_cookie(&seal, now()).unwrap());
    for state in [None, Some(flow.state.expose())] {
        let resumed = resume(&cookie, &seal, state, now());
        assert!(matches!(resumed, Ok(ResumedFlow::Granted(_))), "{resumed:?}");
    }
    assert_eq!(resume(&cookie, &seal, Some("other"), now()).unwrap_err(), FlowError::StateMismatch);
}
