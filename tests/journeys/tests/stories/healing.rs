//! A broken pair is replaced by minting. What only an operator can repair is reported, and everything else continues.

use serde_json::{Value, json};
use simulator::webex::{Endpoint, Fault};

use super::{DAY, HOUR};
use crate::harness::{App, Deployment};

/// A deployment with one org whose pair is due.
async fn due_org() -> (Deployment, App, String) {
    let world = Deployment::new().await;
    world.minter().await;
    let reports = world.app("reports");
    let org = world.sim.webex.add_org("customer");
    world.onboard(&reports, &org).await;
    world.wait(DAY * 8);
    (world, reports, org)
}

fn refresh_token(world: &Deployment, app: &App, org: &str) -> String {
    world.document(app, org).unwrap()["refresh_token"].as_str().unwrap().to_owned()
}

#[tokio::test]
async fn sweep_mints_when_the_refresh_token_is_dead() {
    let (world, reports, org) = due_org().await;
    world.sim.webex.kill(&refresh_token(&world, &reports, &org));
    let report = world.sweep().await;
    assert_eq!((&report["renewed"], &report["minted"]), (&json!(1), &json!(1)), "{report}");
    assert_eq!(world.token(&reports, &org).await.status, 200, "the minted pair is vended");
}

#[tokio::test]
async fn refresh_error_without_code_is_final_when_repeated() {
    for status in [400, 401, 403] {
        let (world, reports, org) = due_org().await;
        assert_eq!(world.ask(json!({"renew": {"app": "minter", "subject": "default"}})).await["renewed"], true);
        let refused = || Fault::EnvelopeError { status, message: "The request could not be understood.".to_owned() };
        world.sim.webex.faults().fail_next(Endpoint::Refresh, 1, refused());
        let report = world.sweep().await;
        assert_eq!((&report["renewed"], &report["minted"]), (&json!(1), &json!(0)), "{status}: {report}");
        world.wait(DAY * 8);
        assert_eq!(world.ask(json!({"renew": {"app": "minter", "subject": "default"}})).await["renewed"], true);
        world.sim.webex.faults().fail_next(Endpoint::Refresh, 2, refused());
        let report = world.sweep().await;
        assert_eq!((&report["renewed"], &report["minted"]), (&json!(0), &json!(1)), "{status}: {report}");
        assert_eq!(world.token(&reports, &org).await.status, 200);
    }
}

#[tokio::test]
async fn wrong_client_secret_fails_until_the_new_one_is_stored() {
    let (world, mut reports, org) = due_org().await;
    let secret = world.sim.webex.regenerate_secret(&reports.webex.client_id).unwrap();
    let report = world.sweep().await;
    assert_eq!(report["failing"], 1, "{report}");
    let stored = world.document(&reports, &org).unwrap();
    assert_eq!((&stored["state"], &stored["failure"]["code"]), (&json!("active"), &json!("invalid_client")));
    assert_eq!(world.token(&reports, &org).await.status, 200, "the stored token is still valid");
    reports.webex.client_secret = secret;
    world.describe(&reports, &json!({}));
    assert_eq!(world.sweep().await["renewed"], 1);
    assert_eq!(world.document(&reports, &org).unwrap()["failure"], Value::Null);
}

#[tokio::test]
async fn dead_minter_stops_no_refresh_and_no_vend() {
    let (world, reports, org) = due_org().await;
    let minter = "webex-token-broker/grants/minter/default";
    let tokens = world.sim.secrets.current_json(minter).unwrap();
    for field in ["access_token", "refresh_token"] {
        world.sim.webex.kill(tokens[field].as_str().unwrap());
    }
    let report = world.sweep().await;
    assert_eq!((&report["renewed"], &report["failing"]), (&json!(1), &json!(1)), "{report}");
    assert_eq!(report["failures"][0]["app"], "minter", "only the minter fails: {report}");
    assert_eq!(world.token(&reports, &org).await.status, 200, "a refresh needs no minter");
    let other = world.sim.webex.add_org("another customer");
    let authorized = world.sim.webex.authorize(&reports, &other);
    world.deliver(&reports, &authorized).await;
    assert_eq!(world.lambda.drain().await, [json!({"state": "pending"})]);
    world.minter().await;
    assert_eq!(world.sweep().await["minted"], 1, "the new minter should serve the org that waited");
}

#[tokio::test]
async fn rejected_minter_token_is_renewed_and_the_mint_repeated() {
    let (world, reports, _) = due_org().await;
    world.sweep().await;
    let minter = "webex-token-broker/grants/minter/default";
    let token = world.sim.secrets.current_json(minter).unwrap()["access_token"].as_str().unwrap().to_owned();
    world.sim.webex.kill(&token);
    let other = world.sim.webex.add_org("another customer");
    world.onboard(&reports, &other).await;
    let renewed = world.sim.secrets.current_json(minter).unwrap()["access_token"].clone();
    assert_ne!(renewed, json!(token), "the minter should have been renewed");
}

#[tokio::test]
async fn unchanged_token_is_not_refreshed_again_for_a_day() {
    let (world, reports, org) = due_org().await;
    world.sim.webex.configure(|settings| settings.reuse_within = Some(DAY * 30));
    world.sweep().await;
    world.sim.webex.journal().clear();
    for _ in 0..10 {
        world.wait(HOUR);
        world.sweep().await;
    }
    assert_eq!(
        world.sim.webex.journal().refreshes(),
        0,
        "Webex returned the same token, so no further refresh helps today"
    );
    assert_eq!(world.token(&reports, &org).await.status, 200);
}

#[tokio::test]
async fn repeated_failure_is_written_at_powers_of_two() {
    let (world, reports, org) = due_org().await;
    world.sim.webex.regenerate_secret(&reports.webex.client_id).unwrap();
    let name = format!("webex-token-broker/grants/reports/{org}");
    let mut seen = Vec::new();
    for _ in 0..9 {
        world.sweep().await;
        seen.push(world.sim.secrets.current_json(&name).unwrap()["failure"]["attempts"].as_u64().unwrap());
    }
    assert_eq!(seen, [1, 2, 2, 4, 4, 4, 4, 8, 8], "attempts that are not a power of two cost no version");
}

#[tokio::test]
async fn refused_minter_is_renewed_once_a_day_at_most() {
    let (world, reports, _) = due_org().await;
    world.sweep().await;
    world.sim.webex.journal().clear();
    let other = world.sim.webex.add_org("another customer");
    let authorized = world.sim.webex.authorize(&reports, &other);
    world.deliver(&reports, &authorized).await;
    let unauthorized = Fault::EnvelopeError { status: 401, message: "No.".to_owned() };
    world.sim.webex.faults().fail_next(Endpoint::Mint, 100, unauthorized);
    world.lambda.drain().await;
    for _ in 0..3 {
        let report = world.sweep().await;
        assert_eq!(report["failures"][0]["code"], "minter_refused", "{report}");
    }
    assert_eq!(world.sim.webex.journal().refreshes(), 0, "the minter was renewed today, and its token lives");
    world.wait(HOUR);
    world.sweep().await;
    assert_eq!(world.sim.webex.journal().refreshes(), 0, "an hour changes nothing");
    world.wait(DAY);
    world.sweep().await;
    assert_eq!(world.sim.webex.journal().refreshes(), 1, "a day later a renewal is worth a try");
    world.sim.webex.faults().clear();
    assert_eq!(world.sweep().await["minted"], 1);
}

#[tokio::test]
async fn dead_minter_costs_one_refresh_a_sweep() {
    let (world, reports, _) = due_org().await;
    world.sweep().await;
    let minter = "webex-token-broker/grants/minter/default";
    let tokens = world.sim.secrets.current_json(minter).unwrap();
    for field in ["access_token", "refresh_token"] {
        world.sim.webex.kill(tokens[field].as_str().unwrap());
    }
    let orgs: Vec<_> = (0..5).map(|n| world.sim.webex.add_org(&format!("more-{n}"))).collect();
    world.describe(&reports, &json!({"orgs": orgs}));
    world.sim.webex.journal().clear();
    let report = world.sweep().await;
    assert_eq!(report["failures"].as_array().unwrap().len(), 5, "{report}");
    assert_eq!(world.sim.webex.journal().refreshes(), 1, "five mints should share the answer about the minter");
}
