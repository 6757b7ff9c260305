//! Callers with a bearer token: whose are taken, whose are not, and what the issuer is asked.

mod attacks;
mod caching;
mod issuer;
mod keys;

use broker_core::clock::Clock as _;
use serde_json::{Value, json};

pub(crate) use issuer::Issuer;
pub(crate) use keys::{Key, base64, unsigned};

use crate::harness::{Answer, Deployment, TestRequest};

/// Whom tokens must be meant for.
pub(crate) const AUDIENCE: &str = "https://vend.example";

/// A deployment that lets every subject of one issuer have everything.
struct Hall {
    world: Deployment,
    issuer: Issuer,
    key: Key,
}

impl Hall {
    async fn new() -> Self {
        Self::with(Key::new("k1", "ES256")).await
    }

    async fn with(key: Key) -> Self {
        let issuer = Issuer::start(&[&key]).await;
        let issuers = json!([issuer.trusted_for(AUDIENCE)]).to_string();
        let world = Deployment::with(&[("OIDC_ISSUERS", &issuers), ("CALLER_POLICY", &everything())]).await;
        Self { world, issuer, key }
    }

    /// The claims of a good token.
    fn claims(&self) -> Value {
        let now = self.world.clock.now().as_second();
        json!({"iss": self.issuer.url, "sub": "ada", "aud": AUDIENCE, "iat": now, "exp": now + 3600})
    }

    /// The claims of a good token, one of them changed.
    fn claims_but(&self, name: &str, value: &Value) -> Value {
        let mut claims = self.claims();
        claims[name] = value.clone();
        claims
    }

    /// The answer to whoever has this token; 404 is as good as 200: there are no grants.
    async fn ask(&self, token: &str) -> Answer {
        self.world.at(&self.world.vend, &by(token)).await
    }

    async fn is_let_in(&self, token: &str) -> bool {
        self.ask(token).await.status == 404
    }
}

/// A request for a token, by whoever has this one.
pub(crate) fn by(token: &str) -> TestRequest {
    let request = TestRequest::get("/v1/apps/reports/grants/default/token").caller(None);
    request.header("authorization", &format!("Bearer {token}"))
}

/// A policy that lets everybody have everything who is anybody.
pub(crate) fn everything() -> String {
    concat!(env!("CARGO_MANIFEST_DIR"), "/tests/policy/everything.cedar").to_owned()
}

#[tokio::test]
async fn whoever_a_trusted_issuer_vouches_for_is_let_in() {
    for alg in ["RS256", "PS256", "ES256", "EdDSA"] {
        let hall = Hall::with(Key::new("k1", alg)).await;
        assert!(hall.is_let_in(&hall.key.token(&hall.claims())).await, "{alg}");
        let unnamed = hall.key.token_with(&json!({"alg": alg}), &hall.claims());
        assert!(hall.is_let_in(&unnamed).await, "{alg}: the issuer's only key needs no id");
    }
}

#[tokio::test]
async fn the_scheme_is_read_in_any_case_and_the_audience_may_be_one_of_several() {
    let hall = Hall::new().await;
    let token = hall.key.token(&hall.claims_but("aud", &json!(["another", AUDIENCE])));
    let request = by("").header("authorization", &format!("bEARER  {token} "));
    assert_eq!(hall.world.at(&hall.world.vend, &request).await.status, 404);
}

#[tokio::test]
async fn without_a_token_both_ways_in_are_named() {
    let hall = Hall::new().await;
    for header in ["", "Basic YWRhOmxvdmVsYWNl", "Bearer"] {
        let answer = hall.world.at(&hall.world.vend, &by("").header("authorization", header)).await;
        assert_eq!((answer.status, answer.header("www-authenticate")), (401, "AWS4-HMAC-SHA256, Bearer"), "{header}");
    }
}

#[tokio::test]
async fn without_a_policy_nobody_outside_the_account_is_let_in() {
    let key = Key::new("k1", "ES256");
    let issuer = Issuer::start(&[&key]).await;
    let issuers = json!([issuer.trusted_for(AUDIENCE)]).to_string();
    let world = Deployment::with(&[("OIDC_ISSUERS", &issuers)]).await;
    let exp = world.clock.now().as_second() + 60;
    let token = key.token(&json!({"iss": issuer.url, "sub": "ada", "aud": AUDIENCE, "exp": exp}));
    assert_eq!(world.at(&world.vend, &by(&token)).await.status, 403);
    assert_eq!(world.at(&world.vend, &TestRequest::get("/v1/apps/reports/grants/default/token")).await.status, 404);
}
