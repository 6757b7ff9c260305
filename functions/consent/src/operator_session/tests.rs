use lambda_http::Body;
use lambda_http::http::header::COOKIE;

use super::*;

const KEY: &str = "correct horse battery staple";

fn digest() -> Fingerprint {
    OperatorKey::new(KEY).fingerprint()
}

fn now() -> Timestamp {
    "2026-11-21T12:00:00Z".parse().unwrap()
}

fn sent(sealed: &str) -> Request {
    let request = lambda_http::http::Request::get("http://x/");
    request.header(COOKIE, format!("__Host-consent-session={sealed}")).body(Body::Empty).unwrap()
}

/// What someone can seal who has read the digest in the function's configuration.
fn forged(key: &str) -> String {
    let cookie = SessionCookie { key: key.to_owned(), ends_at: now() + LIFETIME };
    seal(&digest()).unwrap().seal(&serde_json::to_vec(&cookie).unwrap()).unwrap()
}

#[test]
fn session_forged_with_the_digest_alone_is_refused() {
    assert!(OperatorSession::read(&sent(&forged(KEY)), &digest(), now()).is_some(), "the forger's method works");
    for guess in ["", "wrong", &digest().hex()] {
        assert!(OperatorSession::read(&sent(&forged(guess)), &digest(), now()).is_none(), "{guess}");
    }
}

#[test]
fn session_needs_the_right_key() {
    assert!(OperatorSession::begin(OperatorKey::new("wrong"), &digest(), now()).is_none());
    assert!(OperatorSession::begin(OperatorKey::new(KEY), &digest(), now()).is_some());
}

#[test]
fn session_cookie_does_not_show_the_key() {
    let session = OperatorSession::begin(OperatorKey::new(KEY), &digest(), now()).unwrap();
    let header = session.cookie(&digest()).unwrap();
    let (_, value) = header.to_str().unwrap().split_once('=').unwrap();
    let value = value.split(';').next().unwrap();
    assert!(OperatorSession::read(&sent(value), &digest(), now()).is_some());
    let other = OperatorKey::new("another digest").fingerprint();
    assert!(seal(&other).unwrap().open(value).is_none());
    assert!(!value.contains(KEY));
}

#[test]
fn session_ends_for_pages_before_it_ends_for_callbacks() {
    let session = OperatorSession::begin(OperatorKey::new(KEY), &digest(), now()).unwrap();
    let header = session.cookie(&digest()).unwrap();
    let (_, value) = header.to_str().unwrap().split_once('=').unwrap();
    let request = sent(value.split(';').next().unwrap());
    let read = |minutes| OperatorSession::read(&request, &digest(), now() + SignedDuration::from_mins(minutes));
    assert!(read(29).unwrap().is_active(now() + SignedDuration::from_mins(29)));
    assert!(!read(30).unwrap().is_active(now() + SignedDuration::from_mins(30)));
    assert!(read(39).is_some());
    assert!(read(40).is_none());
    assert!(read(-1).is_none(), "an end that is too far ahead was not written by this function");
}
