//! Which requests an issuer receives, and what happens while it is unavailable.

use jiff::SignedDuration;
use serde_json::json;

use super::{Key, OidcDeployment, base64, by, unsigned};

const MINUTE: SignedDuration = SignedDuration::from_mins(1);
const HOUR: SignedDuration = SignedDuration::from_hours(1);

impl OidcDeployment {
    async fn good(&self) -> bool {
        self.is_admitted(&self.key.token(&self.claims())).await
    }
}

#[tokio::test]
async fn keys_are_fetched_once_an_hour() {
    let deployment = OidcDeployment::new().await;
    assert_eq!(deployment.issuer.asked(), [0, 0], "nothing before the first token");
    for _ in 0..20 {
        assert!(deployment.good().await);
    }
    assert_eq!(deployment.issuer.asked(), [1, 1]);
    deployment.world.wait(HOUR);
    assert!(deployment.good().await);
    assert_eq!(deployment.issuer.asked(), [2, 2]);
}

#[tokio::test]
async fn unknown_key_ids_cause_one_fetch_a_minute() {
    let deployment = OidcDeployment::new().await;
    assert!(deployment.good().await);
    for minutes in 1..4 {
        deployment.world.wait(MINUTE);
        for n in 0..20 {
            let made_up = Key::new(&format!("made-up-{n}"), "ES256").token(&deployment.claims());
            assert_eq!(deployment.ask(&made_up).await.status, 401);
        }
        assert_eq!(deployment.issuer.asked(), [1 + minutes, 1 + minutes]);
    }
    assert!(deployment.good().await);
}

#[tokio::test]
async fn new_key_works_in_a_minute_and_old_one_ends() {
    let deployment = OidcDeployment::new().await;
    assert!(deployment.good().await);
    let next = Key::new("k2", "ES256");
    deployment.issuer.publish(&[&next]);
    assert!(!deployment.is_admitted(&next.token(&deployment.claims())).await, "fetched a moment ago");
    deployment.world.wait(MINUTE);
    assert!(deployment.is_admitted(&next.token(&deployment.claims())).await);
    assert!(!deployment.good().await, "the issuer has withdrawn it");
}

#[tokio::test]
async fn known_keys_work_while_the_issuer_is_down() {
    let deployment = OidcDeployment::new().await;
    assert!(deployment.good().await);
    deployment.issuer.outage(true);
    for hours in 1..5 {
        deployment.world.wait(HOUR);
        for _ in 0..5 {
            assert!(deployment.good().await, "{hours} hours down");
        }
    }
    assert_eq!(deployment.issuer.asked(), [5, 1], "asked again, but not by everybody");
    assert_eq!(deployment.ask(&Key::new("k2", "ES256").token(&deployment.claims())).await.status, 401);
}

#[tokio::test]
async fn issuer_that_was_never_reached_is_503() {
    let deployment = OidcDeployment::new().await;
    deployment.issuer.outage(true);
    for _ in 0..5 {
        let answer = deployment.ask(&deployment.key.token(&deployment.claims())).await;
        assert_eq!((answer.status, answer.retry_after()), (503, 5), "{}", answer.text);
    }
    assert_eq!(deployment.issuer.asked(), [1, 0]);
    deployment.issuer.outage(false);
    deployment.world.wait(SignedDuration::from_secs(5));
    assert!(deployment.good().await);
}

/// A token that no key could make valid is refused before its issuer is asked.
#[tokio::test]
async fn useless_token_is_401_while_the_issuer_is_down() {
    let deployment = OidcDeployment::new().await;
    deployment.issuer.outage(true);
    let now = deployment.claims()["iat"].as_i64().unwrap();
    let header = json!({"alg": "ES256", "kid": "k1"});
    let unsigned = unsigned(&header, &deployment.claims());
    let changed = |name: &str, value| deployment.key.token(&deployment.claims_but(name, &value));
    for (what, token) in [
        ("garbage", "garbage".to_owned()),
        ("unsigned", format!("{unsigned}.")),
        ("a short signature", format!("{unsigned}.{}", base64([0; 63]))),
        ("a long signature", format!("{unsigned}.{}", base64([0; 65]))),
        ("no base64url", format!("{unsigned}.{}", "!".repeat(86))),
        ("expired", changed("exp", json!(now - 60))),
        ("not yet valid", changed("nbf", json!(now + 60))),
        ("another audience", changed("aud", json!("https://other.example"))),
        ("no subject", changed("sub", json!(""))),
        ("another issuer", changed("iss", json!("https://other.example"))),
    ] {
        assert_eq!(deployment.ask(&token).await.status, 401, "{what}");
    }
    assert_eq!(deployment.issuer.asked(), [0, 0]);
    assert_eq!(deployment.ask(&deployment.key.token(&deployment.claims())).await.status, 503, "it may be valid");
}

#[tokio::test]
async fn wrong_discovery_document_gives_no_keys() {
    let deployment = OidcDeployment::new().await;
    let keys = format!("{}/keys", deployment.issuer.url);
    for discovery in [
        json!({"issuer": "https://other.example", "jwks_uri": keys}),
        json!({"issuer": deployment.issuer.url, "jwks_uri": "http://keys.example/keys"}),
        json!({"issuer": deployment.issuer.url, "jwks_uri": "file:///etc/passwd"}),
        json!({"issuer": deployment.issuer.url}),
        json!([]),
    ] {
        deployment.issuer.describe(discovery.clone());
        deployment.world.wait(SignedDuration::from_secs(5));
        assert_eq!(deployment.ask(&deployment.key.token(&deployment.claims())).await.status, 503, "{discovery}");
    }
    assert_eq!(deployment.issuer.asked()[1], 0);
}

#[tokio::test]
async fn concurrent_callers_wait_for_one_fetch() {
    let deployment = OidcDeployment::new().await;
    let token = deployment.key.token(&deployment.claims());
    let request = by(&token);
    let asking = (0..20).map(|_| deployment.world.at(&deployment.world.vend, &request));
    let answers = futures_util::future::join_all(asking).await;
    assert!(answers.iter().all(|answer| answer.status == 404));
    assert_eq!(deployment.issuer.asked(), [1, 1]);
}

#[tokio::test]
async fn empty_key_set_removes_no_known_key() {
    let deployment = OidcDeployment::new().await;
    deployment.issuer.publish(&[]);
    assert_eq!(
        deployment.ask(&deployment.key.token(&deployment.claims())).await.status,
        401,
        "the issuer has answered"
    );
    deployment.issuer.publish(&[&deployment.key]);
    deployment.world.wait(SignedDuration::from_secs(5));
    assert!(deployment.good().await, "asked again soon");
    deployment.issuer.publish(&[]);
    deployment.world.wait(HOUR);
    assert!(deployment.good().await);
    assert_eq!(deployment.issuer.asked(), [3, 3]);
}
