//! Tokens that prove nothing.

use hmac::{Hmac, KeyInit as _, Mac as _};
use serde_json::{Value, json};
use sha2::Sha256;

use super::{AUDIENCE, Hall, Issuer, Key, base64, by, everything, unsigned};
use crate::harness::{Answer, Deployment};

#[track_caller]
fn refused(what: &str, answer: &Answer) {
    assert_eq!((answer.status, answer.problem()), (401, "unidentified".to_owned()), "{what}: {}", answer.text);
    assert_eq!(answer.header("www-authenticate"), "Bearer error=\"invalid_token\"", "{what}");
}

impl Hall {
    /// Asserts that all of these are refused and that nothing is looked up for any of them.
    async fn refuses(&self, tokens: Vec<(&str, String)>) {
        let calls = self.world.sim.secrets.journal().total();
        for (what, token) in tokens {
            refused(what, &self.ask(&token).await);
        }
        assert_eq!(self.world.sim.secrets.journal().total(), calls);
    }
}

/// The token with its last part's first character changed.
fn forged(token: &str) -> String {
    let (message, signature) = token.rsplit_once('.').unwrap();
    let other = if signature.starts_with('A') { 'B' } else { 'A' };
    format!("{message}.{other}{}", &signature[1..])
}

#[tokio::test]
async fn a_signature_that_does_not_hold_is_refused() {
    let hall = Hall::new().await;
    let good = hall.key.token(&hall.claims());
    let (message, signature) = good.rsplit_once('.').unwrap();
    let header = message.split('.').next().unwrap();
    let eve = base64(hall.claims_but("sub", &json!("eve")).to_string());
    hall.refuses(vec![
        ("another signature", forged(&good)),
        ("another payload", format!("{header}.{eve}.{signature}")),
        ("no signature", format!("{message}.")),
        ("a signature of zeros", format!("{message}.{}", base64([0; 64]))),
        ("an attacker's key under the issuer's id", Key::new("k1", "ES256").token(&hall.claims())),
    ])
    .await;
    assert!(hall.is_let_in(&good).await);
}

#[tokio::test]
async fn times_audience_issuer_and_subject_must_be_right() {
    let hall = Hall::new().await;
    let now = hall.claims()["iat"].as_i64().unwrap();
    let but = |name: &str, value: Value| hall.key.token(&hall.claims_but(name, &value));
    let without = |name: &str| {
        let mut claims = hall.claims();
        claims.as_object_mut().unwrap().remove(name);
        hall.key.token(&claims)
    };
    hall.refuses(vec![
        ("expired", but("exp", json!(now - 31))),
        ("never ending", without("exp")),
        ("not yet", but("nbf", json!(now + 31))),
        ("for another", but("aud", json!("https://other.example"))),
        ("for nobody", without("aud")),
        ("by another", but("iss", json!("https://issuer.example"))),
        ("by nobody", without("iss")),
        ("by two", but("iss", json!([hall.issuer.url, "https://issuer.example"]))),
        ("about nobody", without("sub")),
    ])
    .await;
}

#[tokio::test]
async fn an_algorithm_that_is_not_the_keys_is_refused() {
    let hall = Hall::with(Key::new("k1", "RS256")).await;
    let jwk = hall.key.jwk();
    let hs256 = |secret: &str| {
        let message = unsigned(&json!({"alg": "HS256", "kid": "k1"}), &hall.claims());
        let mac = Hmac::<Sha256>::new_from_slice(secret.as_bytes()).unwrap().chain_update(&message).finalize();
        format!("{message}.{}", base64(mac.into_bytes()))
    };
    let none = |alg: &str| format!("{}.", unsigned(&json!({"alg": alg, "kid": "k1"}), &hall.claims()));
    let signed_as = |alg: &str| hall.key.token_with(&json!({"alg": alg, "kid": "k1"}), &hall.claims());
    hall.refuses(vec![
        ("none", none("none")),
        ("None", none("None")),
        ("no algorithm", none("")),
        ("none, signed", signed_as("none")),
        ("the public modulus as a shared secret", hs256(jwk["n"].as_str().unwrap())),
        ("the public key as a shared secret", hs256(&jwk.to_string())),
        ("an empty shared secret", hs256("")),
        ("PS256 by a key for RS256", Key { alg: "PS256", ..hall.key.clone() }.token(&hall.claims())),
        ("called PS256", signed_as("PS256")),
        ("called ES256", signed_as("ES256")),
        ("called RS512", signed_as("RS512")),
        ("by a curve's key under an RSA key's id", Key::new("k1", "ES256").token(&hall.claims())),
    ])
    .await;
}

#[tokio::test]
async fn nothing_that_a_token_says_about_keys_is_followed() {
    let hall = Hall::new().await;
    let eve = Key::new("eve", "ES256");
    let lair = Issuer::start(&[&eve]).await;
    let keys = format!("{}/keys", lair.url);
    let with = |more: Value| {
        let mut header = json!({"alg": "ES256", "kid": "eve"});
        header.as_object_mut().unwrap().extend(more.as_object().cloned().unwrap());
        eve.token_with(&header, &hall.claims())
    };
    let critical = json!({"alg": "ES256", "kid": "k1", "crit": ["exp"], "exp": 1});
    hall.refuses(vec![
        ("a key in the header", with(json!({"jwk": eve.jwk()}))),
        ("a place to find it", with(json!({"jku": keys}))),
        ("a certificate's place", with(json!({"x5u": keys}))),
        ("an unknown id", with(json!({}))),
        ("an id that is a path", with(json!({"kid": "../../keys"}))),
        ("something critical", hall.key.token_with(&critical, &hall.claims())),
    ])
    .await;
    assert_eq!(lair.asked(), [0, 0]);
}

#[tokio::test]
async fn keys_for_anything_but_signatures_are_not_used() {
    let hall = Hall::new().await;
    for (change, value) in [
        ("use", json!("enc")),
        ("alg", json!("RS256")),
        ("alg", json!("ECDH-ES")),
        ("key_ops", json!(["sign"])),
        ("crv", json!("P-384")),
        ("kty", json!("oct")),
    ] {
        let hall = Hall::with(hall.key.clone()).await;
        let mut jwk = hall.key.jwk();
        jwk[change] = value.clone();
        hall.issuer.publish_raw(vec![jwk]);
        refused(&format!("{change}={value}"), &hall.ask(&hall.key.token(&hall.claims())).await);
    }
    let two = Hall::new().await;
    two.issuer.publish(&[&two.key, &Key::new("k2", "ES256")]);
    let unnamed = two.key.token_with(&json!({"alg": "ES256"}), &two.claims());
    refused("no id, and two keys", &two.ask(&unnamed).await);
}

#[tokio::test]
async fn what_is_no_token_is_refused() {
    let hall = Hall::new().await;
    let header = base64(json!({"alg": "ES256", "kid": "k1"}).to_string());
    let long = hall.key.token(&hall.claims_but("more", &json!("x".repeat(6200))));
    assert!(long.len() > 8 * 1024, "{}", long.len());
    hall.refuses(vec![
        ("one part", "a".to_owned()),
        ("two parts", "a.b".to_owned()),
        ("three parts of nothing", "a.b.c".to_owned()),
        ("empty parts", "..".to_owned()),
        ("four parts", format!("{}.d", hall.key.token(&hall.claims()))),
        ("an encrypted token", format!("{header}.a.b.c.d")),
        ("a payload that is a list", hall.key.token_with(&json!({"alg": "ES256", "kid": "k1"}), &json!([1]))),
        ("a token of ours", "not-a-jwt-but-an-opaque-token".to_owned()),
        ("too long", long),
        ("much too long", "a".repeat(1024 * 1024)),
    ])
    .await;
    let just = hall.key.token(&hall.claims_but("more", &json!("x".repeat(5700))));
    assert!(just.len() <= 8 * 1024 && hall.is_let_in(&just).await, "{}", just.len());
}

#[tokio::test]
async fn a_token_of_another_tenants_issuer_is_refused_even_if_they_share_their_keys() {
    let shared = Key::new("k1", "ES256");
    let (ours, theirs) = (Issuer::start(&[&shared]).await, Issuer::start(&[&shared]).await);
    let issuers = json!([ours.trusted_for(AUDIENCE)]).to_string();
    let world = Deployment::with(&[("OIDC_ISSUERS", &issuers), ("CALLER_POLICY", &everything())]).await;
    let exp = 2_000_000_000;
    let stolen = shared.token(&json!({"iss": theirs.url, "sub": "ada", "aud": AUDIENCE, "exp": exp}));
    refused("another tenant", &world.at(&world.vend, &by(&stolen)).await);
    assert_eq!(theirs.asked(), [0, 0]);
}

#[tokio::test]
async fn each_issuer_speaks_for_itself_alone() {
    let (a, b) = (Key::new("k1", "ES256"), Key::new("k1", "ES256"));
    let (first, second) = (Issuer::start(&[&a]).await, Issuer::start(&[&b]).await);
    let issuers = json!([first.trusted_for("first"), second.trusted_for("second")]).to_string();
    let world = Deployment::with(&[("OIDC_ISSUERS", &issuers), ("CALLER_POLICY", &everything())]).await;
    let claims = |issuer: &Issuer, audience: &str| json!({"iss": issuer.url, "sub": "a", "aud": audience, "exp": 2e9});
    assert_eq!(world.at(&world.vend, &by(&b.token(&claims(&second, "second")))).await.status, 404);
    for (what, token) in [
        ("the second's key for the first", b.token(&claims(&first, "first"))),
        ("the first's audience at the second", b.token(&claims(&second, "first"))),
    ] {
        refused(what, &world.at(&world.vend, &by(&token)).await);
    }
}
