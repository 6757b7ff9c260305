//! Refusals do not reveal what exists.

use jiff::SignedDuration;
use serde_json::json;

use crate::harness::{Deployment, TestRequest};
use crate::oidc::everything;

const ORG: &str = "ce861fba-6e2f-49f9-9a84-b354008fac9e";
const BILLING: &str = "arn:aws:sts::123456789012:assumed-role/billing/s";

/// A deployment whose policy gives the role `reporting` the tokens of `reports`, and this caller nothing else.
async fn deployment() -> Deployment {
    let policy = concat!(env!("CARGO_MANIFEST_DIR"), "/../../infra/callers-examples.cedar");
    let world = Deployment::with(&[("CALLER_POLICY", policy)]).await;
    world.minter().await;
    for name in ["reports", "secret-project"] {
        let app = world.app(name);
        world.onboard(&app, ORG).await;
    }
    world
}

fn requests(app: &str, subject: &str) -> [TestRequest; 4] {
    let base = format!("/v1/apps/{app}/grants");
    [
        TestRequest::get(&format!("{base}/{subject}/token")),
        TestRequest::post(&format!("{base}/{subject}/token/rejected"), &json!({"access_token_sha256": "0".repeat(64)})),
        TestRequest::post(&format!("{base}/{subject}/guests"), &json!({"subject": "a", "display_name": "Ada"})),
        TestRequest::get(&base),
    ]
}

#[tokio::test]
async fn refusal_does_not_reveal_what_exists() {
    let world = deployment().await;
    let calls = (world.sim.secrets.journal().total(), world.sim.webex.journal().total());
    let mut answers = Vec::new();
    for (app, subject) in [
        ("reports", ORG),
        ("reports", "00000000-0000-4000-8000-000000000009"),
        ("secret-project", ORG),
        ("no-such-app", ORG),
        ("no-such-app", "default"),
        ("minter", "default"),
    ] {
        for request in requests(app, subject) {
            let answer = world.at(&world.vend, &request.caller(Some(BILLING))).await;
            answers.push((answer.status, format!("{:?}", answer.headers), answer.text));
        }
    }
    answers.sort();
    answers.dedup();
    assert_eq!(answers.len(), 1, "{answers:#?}");
    assert_eq!(answers[0].0, 403);
    assert_eq!((world.sim.secrets.journal().total(), world.sim.webex.journal().total()), calls);
}

#[tokio::test]
async fn permitted_caller_learns_that_a_grant_is_missing() {
    let world = deployment().await;
    let [token, ..] = requests("reports", "00000000-0000-4000-8000-000000000009");
    assert_eq!(world.at(&world.vend, &token).await.status, 404, "the harness calls as the role `reporting`");
}

#[tokio::test]
async fn minters_app_is_forbidden_whatever_the_policy_permits() {
    let world = Deployment::with(&[("CALLER_POLICY", &everything())]).await;
    world.minter().await;
    let calls = world.sim.secrets.journal().total();
    for subject in ["default", "neighbour", ORG] {
        for request in requests("minter", subject) {
            let answer = world.at(&world.vend, &request).await;
            assert_eq!((answer.status, answer.problem()), (403, "forbidden".to_owned()), "{subject}");
        }
    }
    assert_eq!(world.sim.secrets.journal().total(), calls);
}

#[tokio::test]
async fn rate_limit_applies_per_role() {
    let world = deployment().await;
    let [token, _, _, list] = requests("reports", ORG);
    for _ in 0..1000 {
        assert_eq!(world.at(&world.vend, &token).await.status, 200);
    }
    for request in [&token, &list] {
        let answer = world.at(&world.vend, request).await;
        assert_eq!((answer.status, answer.problem(), answer.retry_after()), (429, "throttled".to_owned(), 1));
    }
    assert_eq!(
        world.at(&world.vend, &token.clone().caller(Some(BILLING))).await.status,
        403,
        "has a bucket of its own"
    );
    let session = "arn:aws:sts::123456789012:assumed-role/reporting/another-session";
    assert_eq!(world.at(&world.vend, &token.clone().caller(Some(session))).await.status, 429, "is the same role");
    world.wait(SignedDuration::from_secs(1));
    assert_eq!(world.at(&world.vend, &token).await.status, 200);
}
