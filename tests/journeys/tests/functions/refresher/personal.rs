//! `import` of a personal access token: for the minter alone, used until it ends, never renewed.

use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};

use super::{ORG, TestDeployment, code};
use crate::harness::Deployment;

const MINTER: &str = "webex-token-broker/grants/minter/default";

fn import(token: &str) -> Value {
    json!({"import": {"app": "minter", "subject": "default", "access_token": token}})
}

/// A deployment whose minter is a personal access token.
async fn bare() -> (Deployment, String) {
    let world = Deployment::new().await;
    let token = world.sim.webex.personal_access_token("ada");
    (world, token)
}

#[tokio::test]
async fn personal_token_mints_until_it_ends_and_is_not_renewed() {
    let (world, token) = bare().await;
    let answer = world.ask(import(&token)).await;
    assert_eq!((&answer["state"], &answer["renewed"]), (&json!("active"), &json!(true)));
    assert_eq!(answer["expires_at"], "2026-11-22T00:00:00Z", "what Webex says");
    let record = world.sim.secrets.current_json(MINTER).unwrap();
    assert_eq!((record["access_token"].as_str(), record.get("refresh_token")), (Some(token.as_str()), None));
    let reports = world.app("reports");
    world.onboard(&reports, ORG).await;

    world.wait(SignedDuration::from_hours(11));
    let swept = world.sweep().await;
    assert_eq!((&swept["renewed"], &swept["minter_ends_at"]), (&json!(0), &answer["expires_at"]), "its end is told");
    assert_eq!(world.sim.webex.journal().refreshes(), 0);
    world.wait(SignedDuration::from_hours(2));
    let other = "00000000-0000-4000-8000-000000000001";
    world.sim.webex.authorize(&reports, other);
    let answer = world.ask(json!({"reconcile": {"app": "reports", "subject": other}})).await;
    assert_eq!(answer, json!({"state": "pending"}));
    let failure = world.document(&reports, other).unwrap()["failure"]["code"].clone();
    assert_eq!(failure, "minter_ended");
}

#[tokio::test]
async fn personal_token_ends_as_given_or_as_webex_says() {
    let (world, token) = bare().await;
    let mut given = import(&token);
    given["import"]["expires_in"] = 3600.into();
    assert_eq!(world.ask(given).await["expires_at"], "2026-11-21T13:00:00Z");
    world.sim.webex.faults().fail_next(
        simulator::webex::Endpoint::TokenExpiry,
        1,
        simulator::webex::Fault::NonJson(404),
    );
    let ends: Timestamp = world.ask(import(&token)).await["expires_at"].as_str().unwrap().parse().unwrap();
    let left = ends.duration_since("2026-11-21T12:00:00Z".parse().unwrap());
    assert!((12 * 3600..12 * 3600 + 60).contains(&left.as_secs()), "twelve hours: {left:?}");
}

#[tokio::test]
async fn dead_personal_token_is_not_stored() {
    let (world, token) = bare().await;
    world.sim.webex.kill(&token);
    let answer = world.ask(import(&token)).await;
    assert_eq!(code(&answer), "http_401");
    assert_eq!(world.sim.secrets.current_json(MINTER), None);
}

#[tokio::test]
async fn only_the_minter_accepts_a_personal_token() {
    let deployment = TestDeployment::new().await;
    let token = deployment.world.sim.webex.personal_access_token("ada");
    let (grants, calls) = (deployment.grants(), deployment.world.sim.webex.journal().total());
    for (app, subject) in [("reports", ORG), ("minter", "other"), ("exports", "default")] {
        let answer = deployment.ask(json!({"import": {"app": app, "subject": subject, "access_token": token}})).await;
        assert_eq!(code(&answer), "invalid_request", "{app}/{subject}");
        assert!(answer["error"]["detail"].as_str().unwrap().contains("refresh_token"), "{answer}");
    }
    assert_eq!((deployment.grants(), deployment.world.sim.webex.journal().total()), (grants, calls));
}

#[tokio::test]
async fn minter_is_the_configured_grant() {
    let world = Deployment::with(&[("MINTER", "owner/ada")]).await;
    let token = world.sim.webex.personal_access_token("ada");
    assert_eq!(code(&world.ask(import(&token)).await), "invalid_request");
    let own = json!({"import": {"app": "owner", "subject": "ada", "access_token": token}});
    assert_eq!(world.ask(own).await["state"], "active");
}
