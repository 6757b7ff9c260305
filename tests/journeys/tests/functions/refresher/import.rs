//! `import`: a pair copied from the portal.

use jiff::SignedDuration;
use serde_json::{Value, json};
use simulator::webex::Rotation;

use super::{DAY, ORG, TestDeployment, code};

fn import(app: &str, subject: &str, refresh_token: &str) -> Value {
    json!({"import": {"app": app, "subject": subject, "access_token": "not looked at", "refresh_token": refresh_token}})
}

#[tokio::test]
async fn import_stores_the_pair_of_a_proving_refresh() {
    let deployment = TestDeployment::new().await;
    deployment.world.sim.webex.rotation(Rotation::Rotating);
    let mobile = deployment.integration("mobile");
    let copied = deployment.world.sim.webex.grant_integration(&mobile, "ada").unwrap();
    let answer = deployment.ask(import("mobile", "grace", &copied.refresh_token)).await;
    let record = deployment.world.sim.secrets.current_json("webex-token-broker/grants/mobile/grace").unwrap();
    assert_eq!(answer, json!({"state": "active", "renewed": true, "expires_at": record["access_token_expires_at"]}));
    assert_ne!(record["access_token"], "not looked at");
    assert_ne!(record["refresh_token"], copied.refresh_token.as_str(), "spent, and replaced");
    assert!(deployment.world.sim.webex.is_refresh_alive(record["refresh_token"].as_str().unwrap()));
    let vended = deployment.world.call("GET", "/v1/apps/mobile/grants/grace/token", None).await;
    assert_eq!(vended.json()["access_token"], record["access_token"]);
}

#[tokio::test]
async fn import_keeps_a_refresh_token_that_stays_the_same() {
    let deployment = TestDeployment::new().await;
    deployment.world.sim.webex.rotation(Rotation::Omitted);
    let mobile = deployment.integration("mobile");
    let copied = deployment.world.sim.webex.grant_integration(&mobile, "ada").unwrap();
    assert_eq!(deployment.ask(import("mobile", "grace", &copied.refresh_token)).await["renewed"], true);
    let record = deployment.world.sim.secrets.current_json("webex-token-broker/grants/mobile/grace").unwrap();
    assert_eq!(record["refresh_token"], copied.refresh_token.as_str());
}

#[tokio::test]
async fn import_of_a_dead_refresh_token_stores_nothing() {
    let deployment = TestDeployment::new().await;
    deployment.integration("mobile");
    let (grants, record) = (deployment.grants(), deployment.record());
    for (app, subject) in [("mobile", "grace"), ("reports", ORG)] {
        let answer = deployment.ask(import(app, subject, "dead")).await;
        assert_eq!(code(&answer), "invalid_grant");
        assert!(answer["error"]["tracking_id"].is_string());
    }
    assert_eq!((deployment.grants(), deployment.record()), (grants, record), "nor does it spoil what is there");
}

#[tokio::test]
async fn import_stores_nothing_while_webex_is_down() {
    let deployment = TestDeployment::new().await;
    let grants = deployment.grants();
    let mobile = deployment.integration("mobile");
    let copied = deployment.world.sim.webex.grant_integration(&mobile, "ada").unwrap();
    deployment.world.sim.webex.faults().outage(true);
    assert_eq!(code(&deployment.ask(import("mobile", "grace", &copied.refresh_token)).await), "http_503");
    assert_eq!(deployment.grants(), grants);
}

#[tokio::test]
async fn import_replaces_a_pair_but_lifts_no_fence() {
    let deployment = TestDeployment::new().await;
    let (old, refresh_token) = (deployment.access_token(), deployment.record()["refresh_token"].clone());
    let refresh_token = refresh_token.as_str().unwrap();
    assert_eq!(deployment.ask(import("reports", ORG, refresh_token)).await["renewed"], true);
    assert_ne!(deployment.access_token(), old);
    deployment.about("fence", json!({})).await;
    let refreshes = deployment.refreshes();
    assert_eq!(code(&deployment.ask(import("reports", ORG, refresh_token)).await), "fenced");
    assert_eq!(
        (deployment.refreshes(), deployment.record()["state"].as_str()),
        (refreshes, Some("fenced")),
        "nothing was spent"
    );
}

#[tokio::test]
async fn imported_pair_is_renewed_by_sweeps() {
    let deployment = TestDeployment::new().await;
    let mobile = deployment.integration("mobile");
    let copied = deployment.world.sim.webex.grant_integration(&mobile, "ada").unwrap();
    deployment.ask(import("mobile", "grace", &copied.refresh_token)).await;
    deployment.world.wait(DAY * 8);
    assert_eq!(deployment.ask(json!({"sweep": {}})).await["renewed"], 3);
}

/// A refresh may still succeed while Webex lags behind the withdrawal.
#[tokio::test]
async fn import_brings_back_no_pair_from_before_a_fence() {
    let deployment = TestDeployment::new().await;
    let refresh_token = deployment.record()["refresh_token"].as_str().unwrap().to_owned();
    deployment.about("fence", json!({})).await;
    deployment.world.wait(SignedDuration::from_secs(1));
    deployment.world.sim.webex.faults().outage(true);
    let now = deployment.world.sim.clock.now().to_string();
    assert_eq!(deployment.about("reconcile", json!({"authorized_at": now})).await, json!({"state": "pending"}));
    deployment.world.sim.webex.faults().outage(false);
    assert_eq!(code(&deployment.ask(import("reports", ORG, &refresh_token)).await), "fenced");
    assert_eq!(deployment.record()["state"], "pending");
    deployment.world.wait(SignedDuration::from_secs(301));
    assert_eq!(deployment.ask(import("reports", ORG, &refresh_token)).await["state"], "active");
}
