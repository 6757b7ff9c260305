//! Invalid tokens.

use hmac::{Hmac, KeyInit as _, Mac as _};
use serde_json::{Value, json};
use sha2::Sha256;

use super::{AUDIENCE, Issuer, Key, OidcDeployment, base64, by, everything, unsigned};
use crate::harness::{Answer, Deployment};

#[track_caller]
fn refused(what: &str, answer: &Answer) {
    assert_eq!((answer.status, answer.problem()), (401, "unidentified".to_owned()), "{what}: {}", answer.text);
    assert_eq!(answer.header("www-authenticate"), "Bearer error=\"invalid_token\"", "{what}");
}

impl OidcDeployment {
    /// Asserts that all tokens are refused and that the store is not read.
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
async fn wrong_signature_is_refused() {
    let deployment = OidcDeployment::new().await;
    let good = deployment.key.token(&deployment.claims());
    let (message, signature) = good.rsplit_once('.').unwrap();
    let header = message.split('.').next().unwrap();
    let eve = base64(deployment.claims_but("sub", &json!("eve")).to_string());
    deployment
        .refuses(vec![
            ("another signature", forged(&good)),
            ("another payload", format!("{header}.{eve}.{signature}")),
            ("no signature", format!("{message}.")),
            ("a signature of zeros", format!("{message}.{}", base64([0; 64]))),
            ("an attacker's key under the issuer's id", Key::new("k1", "ES256").token(&deployment.claims())),
        ])
        .await;
    assert!(deployment.is_admitted(&good).await);
}

#[tokio::test]
async fn wrong_times_audience_issuer_or_subject_is_refused() {
    let deployment = OidcDeployment::new().await;
    let now = deployment.claims()["iat"].as_i64().unwrap();
    let but = |name: &str, value: Value| deployment.key.token(&deployment.claims_but(name, &value));
    let without = |name: &str| {
        let mut claims = deployment.claims();
        claims.as_object_mut().unwrap().remove(name);
        deployment.key.token(&claims)
    };
    deployment
        .refuses(vec![
            ("expired", but("exp", json!(now - 31))),
            ("never ending", without("exp")),
            ("not yet", but("nbf", json!(now + 31))),
            ("for another", but("aud", json!("https://other.example"))),
            ("for nobody", without("aud")),
            ("by another", but("iss", json!("https://issuer.example"))),
            ("by nobody", without("iss")),
            ("by two", but("iss", json!([deployment.issuer.url, "https://issuer.example"]))),
            ("about nobody", without("sub")),
        ])
        .await;
}

#[tokio::test]
async fn algorithm_of_another_key_type_is_refused() {
    let deployment = OidcDeployment::with(Key::new("k1", "RS256")).await;
    let jwk = deployment.key.jwk();
    let hs256 = |secret: &str| {
        let message = unsigned(&json!({"alg": "HS256", "kid": "k1"}), &deployment.claims());
        let mac = Hmac::<Sha256>::new_from_slice(secret.as_bytes()).unwrap().chain_update(&message).finalize();
        format!("{message}.{}", base64(mac.into_bytes()))
    };
    let none = |alg: &str| format!("{}.", unsigned(&json!({"alg": alg, "kid": "k1"}), &deployment.claims()));
    let signed_as = |alg: &str| deployment.key.token_with(&json!({"alg": alg, "kid": "k1"}), &deployment.claims());
    deployment
        .refuses(vec![
            ("none", none("none")),
            ("None", none("None")),
            ("no algorithm", none("")),
            ("none, signed", signed_as("none")),
            ("the public modulus as a shared secret", hs256(jwk["n"].as_str().unwrap())),
            ("the public key as a shared secret", hs256(&jwk.to_string())),
            ("an empty shared secret", hs256("")),
            ("PS256 by a key for RS256", Key { alg: "PS256", ..deployment.key.clone() }.token(&deployment.claims())),
            ("called PS256", signed_as("PS256")),
            ("called ES256", signed_as("ES256")),
            ("called RS512", signed_as("RS512")),
            ("by a curve's key under an RSA key's id", Key::new("k1", "ES256").token(&deployment.claims())),
        ])
        .await;
}

/// A key that names no algorithm takes those of its type and curve, and no other.
#[tokio::test]
async fn algorithm_must_fit_type_and_curve_of_the_key() {
    let keys =
        [Key::new("rsa", "RS256"), Key::new("p256", "ES256"), Key::new("p384", "ES384"), Key::new("p521", "ES512")];
    let deployment = OidcDeployment::with(keys[0].clone()).await;
    let mut published: Vec<Value> = keys.iter().chain([&Key::new("ed", "EdDSA")]).map(Key::jwk).collect();
    for jwk in &mut published {
        jwk.as_object_mut().unwrap().remove("alg");
    }
    deployment.issuer.publish_raw(published);
    let claims = deployment.claims();
    for alg in ["RS256", "RS384", "RS512", "PS256", "PS384", "PS512"] {
        let key = Key { id: "rsa".to_owned(), ..Key::new("rsa", alg) };
        assert!(deployment.is_admitted(&key.token(&claims)).await, "{alg}");
    }
    for key in &keys[1..] {
        assert!(deployment.is_admitted(&key.token(&claims)).await, "{}", key.alg);
    }
    let mut tokens = Vec::new();
    for key in &keys {
        for alg in ["ES256", "ES384", "ES512", "EdDSA", "HS256", "HS384", "HS512", "none"] {
            if alg != key.alg {
                tokens.push((alg, key.token_with(&json!({"alg": alg, "kid": key.id}), &claims)));
            }
        }
        for (alg, zeros) in [("ES256", 64), ("ES384", 96), ("ES512", 132), ("EdDSA", 64), ("RS512", 256)] {
            let message = unsigned(&json!({"alg": alg, "kid": key.id}), &claims);
            tokens.push(("zeros", format!("{message}.{}", base64(vec![0; zeros]))));
        }
        tokens.push(("forged", forged(&key.token(&claims))));
    }
    deployment.refuses(tokens).await;
}

#[tokio::test]
async fn key_references_in_the_header_are_ignored() {
    let deployment = OidcDeployment::new().await;
    let eve = Key::new("eve", "ES256");
    let lair = Issuer::start(&[&eve]).await;
    let keys = format!("{}/keys", lair.url);
    let with = |more: Value| {
        let mut header = json!({"alg": "ES256", "kid": "eve"});
        header.as_object_mut().unwrap().extend(more.as_object().cloned().unwrap());
        eve.token_with(&header, &deployment.claims())
    };
    let critical = json!({"alg": "ES256", "kid": "k1", "crit": ["exp"], "exp": 1});
    deployment
        .refuses(vec![
            ("a key in the header", with(json!({"jwk": eve.jwk()}))),
            ("a place to find it", with(json!({"jku": keys}))),
            ("a certificate's place", with(json!({"x5u": keys}))),
            ("an unknown id", with(json!({}))),
            ("an id that is a path", with(json!({"kid": "../../keys"}))),
            ("something critical", deployment.key.token_with(&critical, &deployment.claims())),
        ])
        .await;
    assert_eq!(lair.asked(), [0, 0]);
}

#[tokio::test]
async fn keys_for_other_uses_are_ignored() {
    let deployment = OidcDeployment::new().await;
    for (change, value) in [
        ("use", json!("enc")),
        ("alg", json!("RS256")),
        ("alg", json!("ECDH-ES")),
        ("key_ops", json!(["sign"])),
        ("crv", json!("P-384")),
        ("kty", json!("oct")),
    ] {
        let deployment = OidcDeployment::with(deployment.key.clone()).await;
        let mut jwk = deployment.key.jwk();
        jwk[change] = value.clone();
        deployment.issuer.publish_raw(vec![jwk]);
        refused(&format!("{change}={value}"), &deployment.ask(&deployment.key.token(&deployment.claims())).await);
    }
    let two = OidcDeployment::new().await;
    two.issuer.publish(&[&two.key, &Key::new("k2", "ES256")]);
    let unnamed = two.key.token_with(&json!({"alg": "ES256"}), &two.claims());
    refused("no id, and two keys", &two.ask(&unnamed).await);
}

#[tokio::test]
async fn malformed_token_is_refused() {
    let deployment = OidcDeployment::new().await;
    let header = base64(json!({"alg": "ES256", "kid": "k1"}).to_string());
    let long = deployment.key.token(&deployment.claims_but("more", &json!("x".repeat(6200))));
    assert!(long.len() > 8 * 1024, "{}", long.len());
    deployment
        .refuses(vec![
            ("one part", "a".to_owned()),
            ("two parts", "a.b".to_owned()),
            ("three parts of nothing", "a.b.c".to_owned()),
            ("empty parts", "..".to_owned()),
            ("four parts", format!("{}.d", deployment.key.token(&deployment.claims()))),
            ("an encrypted token", format!("{header}.a.b.c.d")),
            ("a payload that is a list", deployment.key.token_with(&json!({"alg": "ES256", "kid": "k1"}), &json!([1]))),
            ("a token of ours", "not-a-jwt-but-an-opaque-token".to_owned()),
            ("too long", long),
            ("much too long", "a".repeat(1024 * 1024)),
        ])
        .await;
    let just = deployment.key.token(&deployment.claims_but("more", &json!("x".repeat(5700))));
    assert!(just.len() <= 8 * 1024 && deployment.is_admitted(&just).await, "{}", just.len());
}

#[tokio::test]
async fn issuer_with_shared_keys_is_not_trusted() {
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
async fn keys_and_audiences_belong_to_one_issuer() {
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
