//! Who is admitted.

use aws_lc_rs::hmac;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jiff::SignedDuration;
use serde_json::json;
use sha2::{Digest as _, Sha256};

use crate::support::{KEY, TestBrowser, TestDeployment};

const PATHS: [&str; 9] = [
    "/",
    "/review?app=minter",
    "/start?app=minter",
    "/?app=minter",
    "/fleet",
    "/fleet/minter/default",
    "/fleet/minter/default/confirm?act=remove",
    "/apps",
    "/minter",
];

#[tokio::test]
async fn strangers_see_nothing_and_start_nothing() {
    let deployment = TestDeployment::new().await;
    for path in PATHS {
        let page = TestBrowser::new().get(&deployment, path).await;
        assert_eq!(page.status, 401, "{path}");
        assert!(page.text.contains("Operator key"), "{path}");
        assert!(!page.text.contains("Cminter") && !page.text.contains("admins"), "{path}");
    }
    assert_eq!(TestBrowser::new().get(&deployment, "/callback?code=c&state=s").await.status, 400);
    assert_eq!(deployment.refresher.received_requests().await.unwrap().len(), 0);
}

#[tokio::test]
async fn session_lasts_half_an_hour_or_until_lock() {
    let deployment = TestDeployment::new().await;
    let mut operator = TestBrowser::operator(&deployment).await;
    assert!(operator.get(&deployment, "/").await.text.contains("Cminter"));
    let mut other = operator.clone();
    assert_eq!(other.post(&deployment, "/lock", &[]).await.status, 303);
    assert_eq!(other.get(&deployment, "/").await.status, 401);
    deployment.wait(SignedDuration::from_mins(29));
    assert_eq!(operator.get(&deployment, "/").await.status, 200);
    deployment.wait(SignedDuration::from_mins(1));
    assert_eq!(operator.get(&deployment, "/").await.status, 401);
}

#[tokio::test]
async fn session_of_another_key_is_refused() {
    let one = TestDeployment::new().await;
    let digest = "0".repeat(64);
    let other = TestDeployment::with(&[("CONSENT_KEY_SHA256", &digest)]).await;
    let mut operator = TestBrowser::operator(&one).await;
    assert_eq!(operator.get(&other, "/").await.status, 401);
}

#[tokio::test]
async fn wrong_keys_are_refused_then_rate_limited() {
    let deployment = TestDeployment::new().await;
    let mut guesser = TestBrowser::new();
    for _ in 0..5 {
        let page = guesser.post(&deployment, "/key", &[("key", "wrong")]).await;
        assert!(page.status == 403 && page.text.contains("Wrong key"));
        assert!(guesser.cookies.is_empty());
    }
    let page = guesser.post(&deployment, "/key", &[("key", KEY)]).await;
    assert_eq!((page.status, page.header("retry-after")), (429, "7"));
    deployment.wait(SignedDuration::from_secs(7));
    assert_eq!(guesser.post(&deployment, "/key", &[("key", KEY)]).await.status, 303);
}

#[tokio::test]
async fn key_sent_by_another_site_is_refused() {
    let deployment = TestDeployment::new().await;
    let mut victim = TestBrowser::new();
    victim.headers["sec-fetch-site"] = json!("cross-site");
    assert_eq!(victim.post(&deployment, "/key", &[("key", KEY)]).await.status, 403);
}

#[tokio::test]
async fn without_a_key_only_this_machine_is_served() {
    let deployment = TestDeployment::with(&[]).await;
    let mut here = TestBrowser::new();
    (here.source, here.headers) = ("127.0.0.1", json!({"host": "localhost:9000"}));
    assert!(here.get(&deployment, "/").await.text.contains("Cminter"));
    assert_eq!(here.get(&deployment, "/start?app=minter").await.status, 302);

    let elsewhere = [
        ("203.0.113.7", json!({"host": "localhost:9000"})),
        ("127.0.0.1", json!({"host": "consent.example"})),
        ("127.0.0.1", json!({"host": "localhost:9000", "x-forwarded-for": "203.0.113.7"})),
    ];
    for (source, headers) in elsewhere {
        let mut browser = TestBrowser { source, headers: headers.clone(), ..TestBrowser::new() };
        browser.cookies = here.cookies.clone();
        for path in PATHS.into_iter().chain(["/callback?code=c&state=s"]) {
            let page = browser.get(&deployment, path).await;
            assert!(page.status == 403 && page.text.contains("CONSENT_KEY_SHA256"), "{headers} {path}");
            assert!(!page.text.contains("Cminter"));
        }
        assert_eq!(browser.post(&deployment, "/key", &[("key", "")]).await.status, 403);
    }
}

/// A session as this function sealed it when the seal's key was the digest: HMAC-SHA256 over purpose and end.
fn session_sealed_with(digest: &str) -> String {
    let ends_at = "2026-11-21T12:29:00Z";
    let key = hmac::Key::new(hmac::HMAC_SHA256, digest.as_bytes());
    let tag = hmac::sign(&key, format!("session\0{ends_at}").as_bytes());
    format!("{}.{}", URL_SAFE_NO_PAD.encode(ends_at), URL_SAFE_NO_PAD.encode(tag))
}

#[tokio::test]
async fn digest_of_the_key_opens_nothing() {
    let deployment = TestDeployment::new().await;
    let digest = hex::encode(Sha256::digest(KEY));
    let mut reader = TestBrowser::new();
    assert_eq!(reader.post(&deployment, "/key", &[("key", &digest)]).await.status, 403);
    for forged in [digest.clone(), URL_SAFE_NO_PAD.encode(&digest), session_sealed_with(&digest)] {
        reader.cookies.insert("__Host-consent-session".to_owned(), forged);
        for path in PATHS {
            assert_eq!(reader.get(&deployment, path).await.status, 401, "{path}");
        }
    }
    assert_eq!(deployment.refresher.received_requests().await.unwrap().len(), 0);
}

#[tokio::test]
async fn guesses_from_elsewhere_lock_no_operator_out() {
    let deployment = TestDeployment::new().await;
    let mut guesser = TestBrowser::new();
    while guesser.post(&deployment, "/key", &[("key", "wrong")]).await.status != 429 {}
    let mut operator = TestBrowser::new();
    operator.source = "198.51.100.1";
    assert_eq!(operator.post(&deployment, "/key", &[("key", KEY)]).await.status, 303);
}
