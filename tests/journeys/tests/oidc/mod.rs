//! Callers with an identity token: which tokens are accepted, and which requests the issuer receives.

mod attacks;
mod caching;
mod issuer;
mod key_sources;
mod keys;

use broker_core::clock::Clock as _;
use serde_json::{Value, json};

pub(crate) use issuer::Issuer;
pub(crate) use keys::{Key, base64, unsigned};

use crate::harness::{Answer, Deployment, TestRequest};

/// The audience that tokens must have.
pub(crate) const AUDIENCE: &str = "https://vend.example";

/// A deployment that permits everything to every subject of one issuer.
struct OidcDeployment {
    world: Deployment,
    issuer: Issuer,
    key: Key,
}

impl OidcDeployment {
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

    /// The answer to a request with this token. There are no grants, so an admitted caller gets 404.
    async fn ask(&self, token: &str) -> Answer {
        self.world.at(&self.world.vend, &by(token)).await
    }

    async fn is_admitted(&self, token: &str) -> bool {
        self.ask(token).await.status == 404
    }
}

/// A request with this identity token.
pub(crate) fn by(token: &str) -> TestRequest {
    let request = TestRequest::get("/v1/apps/reports/grants/default/token").caller(None);
    request.header("authorization", &format!("Bearer {token}"))
}

/// The path of a policy that permits everything to every caller with an identity.
pub(crate) fn everything() -> String {
    concat!(env!("CARGO_MANIFEST_DIR"), "/tests/policy/everything.cedar").to_owned()
}

#[tokio::test]
async fn subject_of_a_trusted_issuer_is_admitted() {
    for alg in ["RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA", "Ed25519"] {
        let deployment = OidcDeployment::with(Key::new("k1", alg)).await;
        assert!(deployment.is_admitted(&deployment.key.token(&deployment.claims())).await, "{alg}");
        let unnamed = deployment.key.token_with(&json!({"alg": alg}), &deployment.claims());
        assert!(deployment.is_admitted(&unnamed).await, "{alg}: the issuer's only key needs no id");
    }
}

#[tokio::test]
async fn scheme_ignores_case_and_audience_may_be_a_list() {
    let deployment = OidcDeployment::new().await;
    let token = deployment.key.token(&deployment.claims_but("aud", &json!(["another", AUDIENCE])));
    let request = by("").header("authorization", &format!("bEARER  {token} "));
    assert_eq!(deployment.world.at(&deployment.world.vend, &request).await.status, 404);
}

#[tokio::test]
async fn doubled_scheme_is_named_in_the_401() {
    let deployment = OidcDeployment::new().await;
    let token = deployment.key.token(&deployment.claims());
    let answer = deployment.ask(&format!("Bearer {token}")).await;
    let detail = answer.json()["detail"].as_str().unwrap().to_owned();
    assert!(answer.status == 401 && detail.contains("the word Bearer twice"), "{}", answer.text);
}

#[tokio::test]
async fn missing_token_is_401_with_both_challenges() {
    let deployment = OidcDeployment::new().await;
    for header in ["", "Basic YWRhOmxvdmVsYWNl", "Bearer"] {
        let answer = deployment.world.at(&deployment.world.vend, &by("").header("authorization", header)).await;
        assert_eq!((answer.status, answer.header("www-authenticate")), (401, "AWS4-HMAC-SHA256, Bearer"), "{header}");
    }
}

#[tokio::test]
async fn without_a_policy_oidc_callers_are_403() {
    let key = Key::new("k1", "ES256");
    let issuer = Issuer::start(&[&key]).await;
    let issuers = json!([issuer.trusted_for(AUDIENCE)]).to_string();
    let world = Deployment::with(&[("OIDC_ISSUERS", &issuers)]).await;
    let exp = world.clock.now().as_second() + 60;
    let token = key.token(&json!({"iss": issuer.url, "sub": "ada", "aud": AUDIENCE, "exp": exp}));
    assert_eq!(world.at(&world.vend, &by(&token)).await.status, 403);
    assert_eq!(world.at(&world.vend, &TestRequest::get("/v1/apps/reports/grants/default/token")).await.status, 404);
}
