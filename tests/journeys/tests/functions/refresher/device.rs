//! `device_start` and `device_poll`: consent without a redirect URI.

use jiff::SignedDuration;
use serde_json::{Value, json};
use simulator::webex::{Endpoint, Fault};

use super::{TestDeployment, code};
use crate::harness::Deployment;

const MINTER: &str = "webex-token-broker/grants/minter/default";
const POLITE: SignedDuration = SignedDuration::from_secs(6);

fn start() -> Value {
    json!({"device_start": {"app": "minter", "subject": "default"}})
}

fn poll(started: &Value) -> Value {
    json!({"device_poll": {"app": "minter", "subject": "default", "device_code": started["device_code"]}})
}

/// A deployment with a described minter that has no grant, and a device flow that was started for it.
async fn started() -> (Deployment, Value) {
    let world = Deployment::new().await;
    world.describe_minter();
    let started = world.ask(start()).await;
    (world, started)
}

fn approve(world: &Deployment, started: &Value) {
    world.sim.webex.approve_device(started["user_code"].as_str().unwrap(), "ada").unwrap();
}

#[tokio::test]
async fn device_flow_sets_up_the_minter() {
    let (world, started) = started().await;
    let fields: Vec<_> = started.as_object().unwrap().keys().map(String::as_str).collect();
    let expected =
        ["device_code", "expires_in", "interval", "user_code", "verification_uri", "verification_uri_complete"];
    let mut sorted = fields.clone();
    sorted.sort_unstable();
    assert_eq!(sorted, expected);
    assert!(started["interval"].as_i64().unwrap() > 0 && started["expires_in"].as_i64().unwrap() > 0, "{started}");
    assert_eq!(world.ask(poll(&started)).await, json!({"state": "pending", "slow_down": false}));
    assert_eq!(world.sim.secrets.current_json(MINTER), None, "nothing is kept meanwhile");

    approve(&world, &started);
    world.wait(POLITE);
    let granted = world.ask(poll(&started)).await;
    let record = world.sim.secrets.current_json(MINTER).unwrap();
    assert_eq!((&granted["state"], &granted["expires_at"]), (&json!("active"), &record["access_token_expires_at"]));
    assert_eq!(granted.get("access_token"), None);
    let scopes = "spark:applications_token application:webhooks_write application:webhooks_read";
    assert_eq!(granted["scope"], scopes, "those of the secret");
    let reports = world.app("reports");
    world.onboard(&reports, super::ORG).await;
}

#[tokio::test]
async fn device_poll_too_early_answers_slow_down() {
    let (world, started) = started().await;
    world.ask(poll(&started)).await;
    assert_eq!(world.ask(poll(&started)).await, json!({"state": "pending", "slow_down": true}));
}

#[tokio::test]
async fn declined_expired_or_used_device_code_stores_nothing() {
    let (world, declined) = started().await;
    world.sim.webex.decline_device(declined["user_code"].as_str().unwrap(), "ada").unwrap();
    assert_eq!(code(&world.ask(poll(&declined)).await), "access_denied");

    let expired = world.ask(start()).await;
    world.wait(SignedDuration::from_mins(6));
    assert_eq!(code(&world.ask(poll(&expired)).await), "expired_token");
    assert_eq!(world.sim.secrets.current_json(MINTER), None);

    let used = world.ask(start()).await;
    approve(&world, &used);
    assert_eq!(world.ask(poll(&used)).await["state"], "active");
    let answer = world.ask(poll(&used)).await;
    assert_eq!(code(&answer), "invalid_grant");
    assert!(answer["error"]["tracking_id"].is_string());
}

#[tokio::test]
async fn device_poll_that_may_have_succeeded_is_not_repeated() {
    let (world, started) = started().await;
    approve(&world, &started);
    world.sim.webex.faults().fail_next(Endpoint::DeviceToken, 1, Fault::DropAfterEffect);
    assert!(!code(&world.ask(poll(&started)).await).is_empty());
    assert_eq!(world.sim.webex.journal().count(Endpoint::DeviceToken), 1);
    let again = world.ask(start()).await;
    approve(&world, &again);
    assert_eq!(world.ask(poll(&again)).await["state"], "active", "from the start, it works");
}

#[tokio::test]
async fn device_start_takes_scopes_of_secret_then_request() {
    let deployment = TestDeployment::new().await;
    deployment.integration("mobile");
    let start = |app: &str, scope: Value| json!({"device_start": {"app": app, "subject": "grace", "scope": scope}});
    assert!(deployment.ask(start("mobile", json!("spark:all"))).await["user_code"].is_string());
    for (app, scope, expected) in [
        ("mobile", json!("spark-admin:people_write"), "invalid_scope"),
        ("mobile", json!(" "), "invalid_request"),
        ("mobile", json!(null), "invalid_request"),
        ("minter", json!("spark:all"), "invalid_request"),
        ("reports", json!("spark:all"), "wrong_kind"),
        ("nobody", json!("spark:all"), "unknown_app"),
    ] {
        assert_eq!(code(&deployment.ask(start(app, scope.clone())).await), expected, "{app} {scope}");
    }
    let of_service_app = json!({"device_poll": {"app": "reports", "subject": super::ORG, "device_code": "x"}});
    assert_eq!(code(&deployment.ask(of_service_app).await), "wrong_kind");
}
