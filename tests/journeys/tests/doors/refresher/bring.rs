//! `import`: a pair copied from the portal.

use jiff::SignedDuration;
use serde_json::{Value, json};
use simulator::webex::Rotation;

use super::{DAY, Desk, ORG, code};

fn import(app: &str, subject: &str, refresh_token: &str) -> Value {
    json!({"import": {"app": app, "subject": subject, "access_token": "not looked at", "refresh_token": refresh_token}})
}

#[tokio::test]
async fn a_pair_is_proved_by_a_refresh_and_what_that_brought_is_stored() {
    let desk = Desk::new().await;
    desk.world.sim.webex.rotation(Rotation::Rotating);
    let mobile = desk.integration("mobile");
    let copied = desk.world.sim.webex.grant_integration(&mobile, "ada").unwrap();
    let answer = desk.ask(import("mobile", "grace", &copied.refresh_token)).await;
    let record = desk.world.sim.secrets.current_json("webex-token-broker/grants/mobile/grace").unwrap();
    assert_eq!(answer, json!({"state": "active", "renewed": true, "expires_at": record["access_token_expires_at"]}));
    assert_ne!(record["access_token"], "not looked at");
    assert_ne!(record["refresh_token"], copied.refresh_token.as_str(), "spent, and replaced");
    assert!(desk.world.sim.webex.is_refresh_alive(record["refresh_token"].as_str().unwrap()));
    let vended = desk.world.call("GET", "/v1/apps/mobile/grants/grace/token", None).await;
    assert_eq!(vended.json()["access_token"], record["access_token"]);
}

#[tokio::test]
async fn a_refresh_token_that_stays_the_same_is_kept() {
    let desk = Desk::new().await;
    desk.world.sim.webex.rotation(Rotation::Omitted);
    let mobile = desk.integration("mobile");
    let copied = desk.world.sim.webex.grant_integration(&mobile, "ada").unwrap();
    assert_eq!(desk.ask(import("mobile", "grace", &copied.refresh_token)).await["renewed"], true);
    let record = desk.world.sim.secrets.current_json("webex-token-broker/grants/mobile/grace").unwrap();
    assert_eq!(record["refresh_token"], copied.refresh_token.as_str());
}

#[tokio::test]
async fn a_dead_refresh_token_stores_nothing() {
    let desk = Desk::new().await;
    desk.integration("mobile");
    let (grants, record) = (desk.grants(), desk.record());
    for (app, subject) in [("mobile", "grace"), ("reports", ORG)] {
        let answer = desk.ask(import(app, subject, "dead")).await;
        assert_eq!(code(&answer), "invalid_grant");
        assert!(answer["error"]["tracking_id"].is_string());
    }
    assert_eq!((desk.grants(), desk.record()), (grants, record), "nor does it spoil what is there");
}

#[tokio::test]
async fn while_webex_is_down_nothing_is_proved_and_nothing_stored() {
    let desk = Desk::new().await;
    let grants = desk.grants();
    let mobile = desk.integration("mobile");
    let copied = desk.world.sim.webex.grant_integration(&mobile, "ada").unwrap();
    desk.world.sim.webex.faults().outage(true);
    assert_eq!(code(&desk.ask(import("mobile", "grace", &copied.refresh_token)).await), "http_503");
    assert_eq!(desk.grants(), grants);
}

#[tokio::test]
async fn a_service_apps_pair_replaces_the_one_that_stands_but_lifts_no_fence() {
    let desk = Desk::new().await;
    let (old, refresh_token) = (desk.access_token(), desk.record()["refresh_token"].clone());
    let refresh_token = refresh_token.as_str().unwrap();
    assert_eq!(desk.ask(import("reports", ORG, refresh_token)).await["renewed"], true);
    assert_ne!(desk.access_token(), old);
    desk.about("fence", json!({})).await;
    let refreshes = desk.refreshes();
    assert_eq!(code(&desk.ask(import("reports", ORG, refresh_token)).await), "fenced");
    assert_eq!((desk.refreshes(), desk.record()["state"].as_str()), (refreshes, Some("fenced")), "nothing was spent");
}

#[tokio::test]
async fn what_was_imported_is_kept_fresh() {
    let desk = Desk::new().await;
    let mobile = desk.integration("mobile");
    let copied = desk.world.sim.webex.grant_integration(&mobile, "ada").unwrap();
    desk.ask(import("mobile", "grace", &copied.refresh_token)).await;
    desk.world.wait(DAY * 8);
    assert_eq!(desk.ask(json!({"sweep": {}})).await["renewed"], 3);
}

/// A refresh may still succeed while Webex lags behind the withdrawal.
#[tokio::test]
async fn a_pair_of_before_a_fence_does_not_come_back_after_it() {
    let desk = Desk::new().await;
    let refresh_token = desk.record()["refresh_token"].as_str().unwrap().to_owned();
    desk.about("fence", json!({})).await;
    desk.world.wait(SignedDuration::from_secs(1));
    desk.world.sim.webex.faults().outage(true);
    let now = desk.world.sim.clock.now().to_string();
    assert_eq!(desk.about("reconcile", json!({"authorized_at": now})).await, json!({"state": "pending"}));
    desk.world.sim.webex.faults().outage(false);
    assert_eq!(code(&desk.ask(import("reports", ORG, &refresh_token)).await), "fenced");
    assert_eq!(desk.record()["state"], "pending");
    desk.world.wait(SignedDuration::from_secs(301));
    assert_eq!(desk.ask(import("reports", ORG, &refresh_token)).await["state"], "active");
}
