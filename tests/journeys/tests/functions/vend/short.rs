//! A token that would end before the caller is done with it.

use jiff::SignedDuration;
use serde_json::json;
use simulator::webex::{Endpoint, Fault};

use super::{DAY, TestDeployment};

impl TestDeployment {
    /// A deployment whose token has six days left, so that a caller who asks for seven needs another.
    async fn with_six_days_left() -> Self {
        let deployment = Self::new().await;
        deployment.world.wait(DAY * 8);
        deployment
    }
}

const WEEK: &str = "?min_ttl=604800";

#[tokio::test]
async fn it_is_renewed_once_and_the_new_one_is_vended() {
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
async fn whoever_is_content_with_it_gets_it() {
    let deployment = TestDeployment::with_six_days_left().await;
    let refreshes = deployment.refreshes();
    let answer = deployment.token(&deployment.org, "?min_ttl=500000").await;
    assert_eq!(answer.json()["access_token"], deployment.stored().as_str());
    assert_eq!(deployment.refreshes(), refreshes);
}

#[tokio::test]
async fn a_cached_record_is_read_again_before_anything_is_renewed() {
    let deployment = TestDeployment::with_six_days_left().await;
    assert_eq!(deployment.token(&deployment.org, "").await.status, 200);
    assert_eq!(deployment.world.sweep().await["renewed"], 2);
    let refreshes = deployment.refreshes();
    assert_eq!(deployment.token(&deployment.org, WEEK).await.status, 200, "somebody else has renewed it");
    assert_eq!(deployment.refreshes(), refreshes);
}

#[tokio::test]
async fn while_webex_is_down_it_is_503_with_the_tracking_id_and_the_old_one_still_serves() {
    let deployment = TestDeployment::with_six_days_left().await;
    deployment.world.sim.webex.faults().outage(true);
    let answer = deployment.token(&deployment.org, WEEK).await;
    assert_eq!((answer.status, answer.problem()), (503, "not-renewed".to_owned()));
    let last = deployment.world.sim.webex.journal().entries().pop().unwrap().tracking_id;
    assert_eq!(answer.json()["tracking_id"], last.as_str(), "of Webex's last answer");
    assert_eq!(deployment.token(&deployment.org, "").await.status, 200);
    assert_eq!(deployment.world.document(&deployment.app, &deployment.org).unwrap()["failure"]["attempts"], 1);
    deployment.world.sim.webex.faults().outage(false);
    assert_eq!(deployment.token(&deployment.org, WEEK).await.status, 200);
}

#[tokio::test]
async fn while_the_refresher_cannot_be_invoked_it_is_503_without_a_tracking_id() {
    let deployment = TestDeployment::with_six_days_left().await;
    deployment.world.lambda.outage(true);
    let answer = deployment.token(&deployment.org, WEEK).await;
    assert_eq!((answer.status, answer.problem()), (503, "not-renewed".to_owned()));
    assert_eq!(answer.json().get("tracking_id"), None);
}

#[tokio::test]
async fn an_hours_token_cannot_be_made_to_last_a_week() {
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
async fn one_whose_org_is_gone_and_whose_refresh_token_is_dead_ends_in_410() {
    let deployment = TestDeployment::with_six_days_left().await;
    deployment.world.sim.webex.deauthorize(&deployment.app, &deployment.org);
    let answer = deployment.token(&deployment.org, WEEK).await;
    assert_eq!((answer.status, answer.problem()), (410, "revoked".to_owned()));
    let document = deployment.world.document(&deployment.app, &deployment.org).unwrap();
    assert_eq!((document["state"].as_str(), document.get("access_token")), (Some("revoked"), None));
}

#[tokio::test]
async fn one_whose_refresh_token_is_dead_is_minted_anew() {
    let deployment = TestDeployment::with_six_days_left().await;
    let refresh = deployment.world.document(&deployment.app, &deployment.org).unwrap()["refresh_token"].clone();
    assert!(deployment.world.sim.webex.kill(refresh.as_str().unwrap()));
    let mints = deployment.world.sim.webex.journal().mints(&deployment.org);
    assert_eq!(deployment.token(&deployment.org, WEEK).await.status, 200);
    assert_eq!(deployment.world.sim.webex.journal().mints(&deployment.org), mints + 1);
}

#[tokio::test]
async fn one_that_has_ended_is_vended_to_nobody_even_with_a_min_ttl_of_zero() {
    let deployment = TestDeployment::new().await;
    deployment.world.wait(DAY * 15);
    deployment.world.sim.webex.faults().outage(true);
    assert_eq!(deployment.token(&deployment.org, "?min_ttl=0").await.status, 503);
    deployment.world.sim.webex.faults().outage(false);
    assert_eq!(deployment.token(&deployment.org, "?min_ttl=0").await.status, 200);
}

#[tokio::test]
async fn a_store_that_takes_no_writes_costs_no_refresh_token() {
    let deployment = TestDeployment::with_six_days_left().await;
    let refreshes = deployment.refreshes();
    let put = simulator::secrets::Operation::PutSecretValue;
    deployment.world.sim.secrets.faults().fail_next(put, 9, simulator::secrets::Fault::Error("AccessDeniedException"));
    assert_eq!(deployment.token(&deployment.org, WEEK).await.status, 503);
    assert_eq!(deployment.refreshes(), refreshes);
    assert_eq!(deployment.token(&deployment.org, "").await.status, 200);
}

#[tokio::test]
async fn what_webex_says_about_it_reaches_the_caller_in_words() {
    let deployment = TestDeployment::with_six_days_left().await;
    let body = json!({"error": "invalid_client", "error_description": "No such secret."}).to_string();
    let fault = Fault::Status { code: 401, body, retry_after: None };
    deployment.world.sim.webex.faults().fail_next(Endpoint::Refresh, 9, fault);
    let answer = deployment.token(&deployment.org, WEEK).await;
    assert_eq!(answer.status, 503);
    let detail = answer.json()["detail"].as_str().unwrap().to_owned();
    assert!(detail.contains("invalid_client") && detail.contains("No such secret."), "{detail}");
}
