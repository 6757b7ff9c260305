//! Where keys come from: discovery, a URL, or the configuration itself.

use jiff::SignedDuration;
use serde_json::{Value, json};

use super::{AUDIENCE, Issuer, Key, by, everything};
use crate::harness::Deployment;

/// The issuer of a private cluster, which nobody outside can reach.
const PRIVATE: &str = "https://kubernetes.default.svc.cluster.local";

async fn deployment(entry: Value) -> Deployment {
    let issuers = json!([entry]).to_string();
    Deployment::with(&[("OIDC_ISSUERS", &issuers), ("CALLER_POLICY", &everything())]).await
}

fn token(key: &Key) -> String {
    key.token(&json!({"iss": PRIVATE, "sub": "system:serviceaccount:a:b", "aud": [AUDIENCE], "exp": 2_000_000_000}))
}

async fn status(world: &Deployment, key: &Key) -> u16 {
    world.at(&world.vend, &by(&token(key))).await.status
}

#[tokio::test]
async fn inline_keys_need_no_request() {
    for alg in ["RS256", "ES512", "EdDSA"] {
        let (key, other) = (Key::new("k1", alg), Key::new("k1", "ES256"));
        let jwks = json!({"keys": [key.jwk()]});
        let world = deployment(json!({"issuer": PRIVATE, "audience": AUDIENCE, "jwks": jwks})).await;
        assert_eq!(status(&world, &key).await, 404, "{alg}");
        assert_eq!(status(&world, &other).await, 401, "a key of another");
        world.wait(SignedDuration::from_hours(24 * 30));
        assert_eq!(status(&world, &key).await, 404, "{alg}, a month later");
    }
}

#[tokio::test]
async fn jwks_uri_replaces_discovery_and_is_read_again() {
    let (key, next) = (Key::new("k1", "RS256"), Key::new("k2", "ES384"));
    let published = Issuer::start(&[&key]).await;
    published.describe(json!("an issuer without discovery"));
    let jwks_uri = format!("{}/keys", published.url);
    let world = deployment(json!({"issuer": PRIVATE, "audience": AUDIENCE, "jwks_uri": jwks_uri})).await;
    assert_eq!(status(&world, &key).await, 404);
    assert_eq!(published.asked(), [0, 1]);
    published.publish(&[&next]);
    world.wait(SignedDuration::from_mins(1));
    assert_eq!((status(&world, &next).await, status(&world, &key).await), (404, 401), "the keys were rotated");
    published.outage(true);
    world.wait(SignedDuration::from_hours(2));
    assert_eq!(status(&world, &next).await, 404, "known keys outlive an outage");
}

#[tokio::test]
async fn jwks_uri_that_is_no_key_set_is_503() {
    let key = Key::new("k1", "RS256");
    let page = Issuer::start(&[&key]).await;
    page.describe(json!({"keys": "<html>"}));
    let jwks_uri = format!("{}/.well-known/openid-configuration", page.url);
    let world = deployment(json!({"issuer": PRIVATE, "audience": AUDIENCE, "jwks_uri": jwks_uri})).await;
    assert_eq!(status(&world, &key).await, 503);
}
