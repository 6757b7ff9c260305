//! Heal, then ask: what is broken is mended by minting, and only what a human must do is left to one.

use serde_json::{Value, json};
use simulator::webex::{Endpoint, Fault};

use super::{DAY, HOUR};
use crate::harness::{App, Deployment};

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
async fn a_dead_refresh_token_is_healed_by_minting() {
    let (world, reports, org) = due_org().await;
    world.sim.webex.kill(&refresh_token(&world, &reports, &org));
    let report = world.sweep().await;
    assert_eq!((&report["renewed"], &report["minted"]), (&json!(1), &json!(1)), "{report}");
    assert_eq!(world.token(&reports, &org).await.status, 200);
}

#[tokio::test]
async fn a_refusal_without_a_code_is_believed_the_second_time() {
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
async fn a_regenerated_client_secret_is_a_failure_until_the_new_one_is_stored() {
    let (world, mut reports, org) = due_org().await;
    let secret = world.sim.webex.regenerate_secret(&reports.webex.client_id).unwrap();
    let report = world.sweep().await;
    assert_eq!(report["failing"], 1, "{report}");
    let stored = world.document(&reports, &org).unwrap();
    assert_eq!((&stored["state"], &stored["failure"]["code"]), (&json!("active"), &json!("invalid_client")));
    assert_eq!(world.token(&reports, &org).await.status, 200, "what is still valid is served");
    reports.webex.client_secret = secret;
    world.describe(&reports, &json!({}));
    assert_eq!(world.sweep().await["renewed"], 1);
    assert_eq!(world.document(&reports, &org).unwrap()["failure"], Value::Null);
}

#[tokio::test]
async fn with_a_dead_minter_everything_goes_on_with_what_it_has() {
    let (world, reports, org) = due_org().await;
    let minter = "webex-token-broker/grants/minter/default";
    let tokens = world.sim.secrets.current_json(minter).unwrap();
    for field in ["access_token", "refresh_token"] {
        world.sim.webex.kill(tokens[field].as_str().unwrap());
    }
    let report = world.sweep().await;
    assert_eq!((&report["renewed"], &report["failing"]), (&json!(1), &json!(1)), "{report}");
    assert_eq!(report["failures"][0]["app"], "minter");
    assert_eq!(world.token(&reports, &org).await.status, 200);
    let other = world.sim.webex.add_org("another customer");
    let authorized = world.sim.webex.authorize(&reports, &other);
    world.deliver(&reports, &authorized).await;
    assert_eq!(world.lambda.drain().await, [json!({"state": "pending"})]);
    world.minter().await;
    assert_eq!(world.sweep().await["minted"], 1, "and all that waited is served once there is one again");
}

#[tokio::test]
async fn a_minter_whose_token_webex_rejects_is_renewed_once_and_the_mint_repeated() {
    let (world, reports, _) = due_org().await;
    world.sweep().await;
    let minter = "webex-token-broker/grants/minter/default";
    let token = world.sim.secrets.current_json(minter).unwrap()["access_token"].as_str().unwrap().to_owned();
    world.sim.webex.kill(&token);
    let other = world.sim.webex.add_org("another customer");
    world.onboard(&reports, &other).await;
    assert_ne!(world.sim.secrets.current_json(minter).unwrap()["access_token"], json!(token));
}

#[tokio::test]
async fn an_unchanged_answer_is_done_for_today() {
    let (world, reports, org) = due_org().await;
    world.sim.webex.configure(|settings| settings.reuse_within = Some(DAY * 30));
    world.sweep().await;
    world.sim.webex.journal().clear();
    for _ in 0..10 {
        world.wait(HOUR);
        world.sweep().await;
    }
    assert_eq!(world.sim.webex.journal().refreshes(), 0, "not better means done for today, not a loop");
    assert_eq!(world.token(&reports, &org).await.status, 200);
}

#[tokio::test]
async fn a_failure_costs_a_version_only_now_and_then() {
    let (world, reports, org) = due_org().await;
    world.sim.webex.regenerate_secret(&reports.webex.client_id).unwrap();
    let name = format!("webex-token-broker/grants/reports/{org}");
    let mut seen = Vec::new();
    for _ in 0..9 {
        world.sweep().await;
        seen.push(world.sim.secrets.current_json(&name).unwrap()["failure"]["attempts"].as_u64().unwrap());
    }
    assert_eq!(seen, [1, 2, 2, 4, 4, 4, 4, 8, 8]);
}

#[tokio::test]
async fn a_minter_that_is_refused_whatever_its_age_is_renewed_once_an_hour_and_not_for_every_mint() {
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
    assert_eq!(world.sim.webex.journal().refreshes(), 1);
    world.wait(HOUR);
    world.sweep().await;
    assert_eq!(world.sim.webex.journal().refreshes(), 2);
    world.sim.webex.faults().clear();
    assert_eq!(world.sweep().await["minted"], 1);
}

#[tokio::test]
async fn a_dead_minter_is_found_out_once_a_sweep() {
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
    assert_eq!(world.sim.webex.journal().refreshes(), 1);
}
