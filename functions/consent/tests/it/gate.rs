//! Who may come in.

use jiff::SignedDuration;
use serde_json::json;

use crate::support::{Stage, Visitor};

const PLACES: [&str; 4] = ["/", "/review?app=minter", "/start?app=minter", "/?app=minter"];

#[tokio::test]
async fn a_stranger_learns_nothing_and_starts_nothing() {
    let stage = Stage::new().await;
    for place in PLACES {
        let page = Visitor::new().get(&stage, place).await;
        assert_eq!(page.status, 401, "{place}");
        assert!(page.text.contains("Operator key"), "{place}");
        assert!(!page.text.contains("Cminter") && !page.text.contains("admins"), "{place}");
    }
    assert_eq!(Visitor::new().get(&stage, "/callback?code=c&state=s").await.status, 400);
    assert_eq!(stage.refresher.received_requests().await.unwrap().len(), 0);
}

#[tokio::test]
async fn the_key_opens_for_half_an_hour_and_lock_closes() {
    let stage = Stage::new().await;
    let mut operator = Visitor::operator(&stage).await;
    assert!(operator.get(&stage, "/").await.text.contains("Cminter"));
    let mut other = operator.clone();
    assert_eq!(other.post(&stage, "/lock", &[]).await.status, 303);
    assert_eq!(other.get(&stage, "/").await.status, 401);
    stage.wait(SignedDuration::from_mins(29));
    assert_eq!(operator.get(&stage, "/").await.status, 200);
    stage.wait(SignedDuration::from_mins(1));
    assert_eq!(operator.get(&stage, "/").await.status, 401);
}

#[tokio::test]
async fn a_session_of_another_key_is_none() {
    let one = Stage::new().await;
    let digest = "0".repeat(64);
    let other = Stage::with(&[("CONSENT_KEY_SHA256", &digest)]).await;
    let mut operator = Visitor::operator(&one).await;
    assert_eq!(operator.get(&other, "/").await.status, 401);
}

#[tokio::test]
async fn wrong_keys_are_refused_and_soon_throttled() {
    let stage = Stage::new().await;
    let mut guesser = Visitor::new();
    for _ in 0..5 {
        let page = guesser.post(&stage, "/key", &[("key", "wrong")]).await;
        assert!(page.status == 403 && page.text.contains("That is not the key"));
        assert!(guesser.cookies.is_empty());
    }
    let page = guesser.post(&stage, "/key", &[("key", crate::support::KEY)]).await;
    assert_eq!((page.status, page.header("retry-after")), (429, "7"));
    stage.wait(SignedDuration::from_secs(7));
    assert_eq!(guesser.post(&stage, "/key", &[("key", crate::support::KEY)]).await.status, 303);
}

#[tokio::test]
async fn another_site_cannot_type_the_key() {
    let stage = Stage::new().await;
    let mut victim = Visitor::new();
    victim.headers["sec-fetch-site"] = json!("cross-site");
    assert_eq!(victim.post(&stage, "/key", &[("key", crate::support::KEY)]).await.status, 403);
}

#[tokio::test]
async fn without_a_key_this_machine_alone_is_served() {
    let stage = Stage::with(&[]).await;
    let mut here = Visitor::new();
    (here.source, here.headers) = ("127.0.0.1", json!({"host": "localhost:9000"}));
    assert!(here.get(&stage, "/").await.text.contains("Cminter"));
    assert_eq!(here.get(&stage, "/start?app=minter").await.status, 302);

    let elsewhere = [
        ("203.0.113.7", json!({"host": "localhost:9000"})),
        ("127.0.0.1", json!({"host": "consent.example"})),
        ("127.0.0.1", json!({"host": "localhost:9000", "x-forwarded-for": "203.0.113.7"})),
    ];
    for (source, headers) in elsewhere {
        let mut visitor = Visitor { source, headers: headers.clone(), ..Visitor::new() };
        visitor.cookies = here.cookies.clone();
        for place in PLACES.into_iter().chain(["/callback?code=c&state=s"]) {
            let page = visitor.get(&stage, place).await;
            assert!(page.status == 403 && page.text.contains("CONSENT_KEY_SHA256"), "{headers} {place}");
            assert!(!page.text.contains("Cminter"));
        }
        assert_eq!(visitor.post(&stage, "/key", &[("key", "")]).await.status, 403);
    }
}
