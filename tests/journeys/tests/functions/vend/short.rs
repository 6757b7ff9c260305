//! `GET …/token` for a token that expires before `min_ttl`.

use jiff::SignedDuration;
use serde_json::json;
use simulator::webex::{Endpoint, Fault, Rotation};
use tokio::task::JoinSet;

use super::{DAY, TestDeployment, path};
use crate::harness::{TestRequest, answered, to_request};

impl TestDeployment {
    /// A deployment whose token has six days left, so that a `min_ttl` of seven days needs a renewal.
    async fn with_six_days_left() -> Self {
        let deployment = Self::new().await;
        deployment.world.wait(DAY * 8);
        deployment
    }
}

const WEEK: &str = "?min_ttl=604800";
/// Concurrent refreshers that the template allows.
const REFRESHERS: usize = 10;

#[tokio::test]
async fn token_is_renewed_once_and_cached() {
    let deployment = TestDeployment::with_six_days_left().await;
    let (old, refreshes) = (deployment.stored(), deployment.refreshes());
    let answer = deployment.token(&deployment.org, WEEK).await;
    assert_eq!(answer.status, 200);
    assert_ne!(answer.json()["access_token"], old.as_str());
    assert_eq!(answer.json()["access_token"], deployment.stored().as_str());
    assert_eq!(answer.json()["expires_in"], deployment.left(&answer));
    assert!(deployment.left(&answer) > 1_209_000, "a whole life");
    assert_eq!(deployment.refreshes(), refreshes + 1);
    let calls = deployment.calls();
    assert_eq!(deployment.token(&deployment.org, WEEK).await.status, 200);
    assert_eq!(deployment.calls(), calls, "and kept");
}

#[tokio::test]
async fn token_is_vended_to_callers_that_need_less() {
    let deployment = TestDeployment::with_six_days_left().await;
    let refreshes = deployment.refreshes();
    let answer = deployment.token(&deployment.org, "?min_ttl=500000").await;
    assert_eq!(answer.json()["access_token"], deployment.stored().as_str());
    assert_eq!(deployment.refreshes(), refreshes);
}

#[tokio::test]
async fn cached_record_is_read_again_before_a_renewal() {
    let deployment = TestDeployment::with_six_days_left().await;
    assert_eq!(deployment.token(&deployment.org, "").await.status, 200);
    assert_eq!(deployment.world.sweep().await["renewed"], 2);
    let refreshes = deployment.refreshes();
    assert_eq!(deployment.token(&deployment.org, WEEK).await.status, 200, "somebody else has renewed it");
    assert_eq!(deployment.refreshes(), refreshes);
}

#[tokio::test]
async fn failed_renewal_is_503_and_the_old_token_still_serves() {
    let deployment = TestDeployment::with_six_days_left().await;
    deployment.world.sim.webex.faults().outage(true);
    let answer = deployment.token(&deployment.org, WEEK).await;
    assert_eq!((answer.status, answer.problem()), (503, "not-renewed".to_owned()));
    assert!((50..=60).contains(&answer.retry_after()), "callers wait a minute after the first failure");
    let last = deployment.world.sim.webex.journal().entries().pop().unwrap().tracking_id;
    assert_eq!(answer.json()["tracking_id"], last.as_str(), "of Webex's last answer");
    assert_eq!(deployment.token(&deployment.org, "").await.status, 200);
    assert_eq!(deployment.world.document(&deployment.app, &deployment.org).unwrap()["failure"]["attempts"], 1);
    deployment.world.sim.webex.faults().outage(false);
    let again = deployment.token(&deployment.org, WEEK).await;
    assert_eq!((again.status, again.retry_after() > 0), (503, true), "callers wait after a failure");
    deployment.world.wait(SignedDuration::from_mins(2));
    assert_eq!(deployment.token(&deployment.org, WEEK).await.status, 200);
}

#[tokio::test]
async fn unreachable_refresher_is_503_without_tracking_id() {
    let deployment = TestDeployment::with_six_days_left().await;
    deployment.world.lambda.outage(true);
    let answer = deployment.token(&deployment.org, WEEK).await;
    assert_eq!((answer.status, answer.problem()), (503, "not-renewed".to_owned()));
    assert_eq!(answer.json().get("tracking_id"), None);
}

#[tokio::test]
async fn short_lived_token_is_not_renewed_over_and_over() {
    let deployment = TestDeployment::new().await;
    deployment.world.sim.webex.lifetimes(SignedDuration::from_hours(1), DAY * 90);
    deployment.world.wait(DAY * 8);
    assert_eq!(deployment.token(&deployment.org, WEEK).await.status, 503);
    let stored = deployment.stored();
    assert!(deployment.world.sim.webex.is_alive(&stored));
    assert_eq!(deployment.token(&deployment.org, "?min_ttl=3000").await.status, 200);
    let refreshes = deployment.refreshes();
    for _ in 0..5 {
        assert_eq!(deployment.token(&deployment.org, WEEK).await.status, 503);
    }
    assert_eq!(deployment.refreshes(), refreshes, "renewed within the day, and asking again does not help");
}

#[tokio::test]
async fn request_never_ends_a_grant() {
    let deployment = TestDeployment::with_six_days_left().await;
    let old = deployment.stored();
    deployment.world.sim.webex.deauthorize(&deployment.app, &deployment.org);
    let answer = deployment.token(&deployment.org, WEEK).await;
    assert_eq!((answer.status, answer.problem()), (503, "not-renewed".to_owned()), "{}", answer.text);
    let document = deployment.world.document(&deployment.app, &deployment.org).unwrap();
    assert_eq!((document["state"].as_str(), document["access_token"].as_str()), (Some("active"), Some(old.as_str())));
    assert_eq!(deployment.token(&deployment.org, "").await.status, 200, "only a sweep ends a grant");
}

#[tokio::test]
async fn dead_refresh_token_leads_to_a_mint() {
    let deployment = TestDeployment::with_six_days_left().await;
    let refresh = deployment.world.document(&deployment.app, &deployment.org).unwrap()["refresh_token"].clone();
    assert!(deployment.world.sim.webex.kill(refresh.as_str().unwrap()));
    let mints = deployment.world.sim.webex.journal().mints(&deployment.org);
    assert_eq!(deployment.token(&deployment.org, WEEK).await.status, 200);
    assert_eq!(deployment.world.sim.webex.journal().mints(&deployment.org), mints + 1);
}

#[tokio::test]
async fn expired_token_is_not_vended_with_min_ttl_zero() {
    let deployment = TestDeployment::new().await;
    deployment.world.wait(DAY * 15);
    deployment.world.sim.webex.faults().outage(true);
    assert_eq!(deployment.token(&deployment.org, "?min_ttl=0").await.status, 503);
    deployment.world.sim.webex.faults().outage(false);
    deployment.world.wait(SignedDuration::from_mins(2));
    assert_eq!(deployment.token(&deployment.org, "?min_ttl=0").await.status, 200);
}

#[tokio::test]
async fn read_only_store_costs_no_refresh_token() {
    let deployment = TestDeployment::with_six_days_left().await;
    let refreshes = deployment.refreshes();
    let put = simulator::secrets::Operation::PutSecretValue;
    deployment.world.sim.secrets.faults().fail_next(put, 9, simulator::secrets::Fault::Error("AccessDeniedException"));
    let answer = deployment.token(&deployment.org, WEEK).await;
    assert_eq!(answer.status, 503);
    for inner in ["store", "AccessDenied", "minter"] {
        assert!(!answer.text.contains(inner), "{}", answer.text);
    }
    assert_eq!(deployment.refreshes(), refreshes);
    assert_eq!(deployment.token(&deployment.org, "").await.status, 200);
}

#[tokio::test]
async fn failed_renewal_has_webexs_code_but_not_its_words() {
    let deployment = TestDeployment::with_six_days_left().await;
    let body = json!({"error": "invalid_client", "error_description": "No such secret."}).to_string();
    let fault = Fault::Status { code: 401, body, retry_after: None };
    deployment.world.sim.webex.faults().fail_next(Endpoint::Refresh, 9, fault);
    let answer = deployment.token(&deployment.org, WEEK).await;
    assert_eq!(answer.status, 503);
    let detail = answer.json()["detail"].as_str().unwrap().to_owned();
    assert!(detail.contains("invalid_client") && !detail.contains("No such secret."), "{detail}");
}

/// The cause of a failed renewal is the operator's: the caller sees no other app, no minter and no code of the store.
#[tokio::test]
async fn dead_minter_is_not_named_in_the_503() {
    let deployment = TestDeployment::with_six_days_left().await;
    let minter = deployment.world.sim.secrets.current_json("webex-token-broker/grants/minter/default").unwrap();
    let grant = deployment.world.document(&deployment.app, &deployment.org).unwrap();
    for token in [&minter["access_token"], &minter["refresh_token"], &grant["refresh_token"]] {
        deployment.world.sim.webex.kill(token.as_str().unwrap());
    }
    let answer = deployment.token(&deployment.org, WEEK).await;
    assert_eq!((answer.status, answer.problem()), (503, "not-renewed".to_owned()));
    assert!(!answer.text.contains("minter"), "{}", answer.text);
}

/// As many refreshers as the template allows are busy with the same grant, and one of them renews it.
#[tokio::test]
async fn thirty_two_environments_get_the_token_of_one_renewal() {
    let deployment = TestDeployment::new().await;
    deployment.world.sim.webex.rotation(Rotation::Rotating);
    deployment.world.lambda.limit_concurrency(REFRESHERS);
    deployment.world.wait(DAY * 15);
    let refreshes = deployment.refreshes();
    let secret = format!("webex-token-broker/grants/{}/{}", deployment.app.name, deployment.org);
    let versions = deployment.world.sim.secrets.versions(&secret).len();
    let mut callers = JoinSet::new();
    for _ in 0..32 {
        let vend = deployment.world.cold_vend();
        let request = TestRequest::get(&path(&deployment.org, "token"));
        callers.spawn(async move { answered(vend.handle(to_request(&request.0)).await) });
    }
    for answer in callers.join_all().await {
        assert_eq!(answer.status, 200, "{}", answer.text);
        assert_eq!(answer.json()["access_token"], deployment.stored().as_str());
    }
    assert_eq!(deployment.refreshes(), refreshes + 1);
    let written = deployment.world.sim.secrets.versions(&secret).len() - versions;
    assert_eq!(written, 2, "the claim and the new pair");
}
