//! Thousands of grants, quotas on both sides, and half a minute.

use jiff::SignedDuration;
use serde_json::{Value, json};
use simulator::secrets::{Operation, Quotas};
use simulator::webex::{Endpoint, Fault};

use super::DAY;
use crate::harness::{App, DEVELOPER, Deployment, event, run};

const HALF_A_MINUTE: SignedDuration = SignedDuration::from_secs(30);

/// Grants of many orgs with pairs that Webex gave, seeded past the broker; all are due, and the first ends first.
async fn seed(world: &Deployment, app: &App, grants: usize) -> Vec<String> {
    let now = world.sim.clock.now();
    let orgs: Vec<_> = (0..grants).map(|n| world.sim.webex.add_org(&format!("customer-{n}"))).collect();
    let bearer = world.sim.webex.personal_access_token(DEVELOPER);
    let url = format!("{}/applications/{}/token", world.sim.webex.base_url(), app.webex.application_id);
    let client = reqwest::Client::builder().build().unwrap();
    for (n, org) in orgs.iter().enumerate() {
        world.sim.webex.authorize(app, org);
        let body =
            json!({"clientId": app.webex.client_id, "clientSecret": app.webex.client_secret, "targetOrgId": org});
        let minted: Value =
            client.post(&url).bearer_auth(&bearer).json(&body).send().await.unwrap().json().await.unwrap();
        let ends = now + DAY + SignedDuration::from_secs(i64::try_from(n).unwrap());
        let document = json!({"version": 1, "app": app.name, "subject": org, "state": "active",
            "access_token": minted["access_token"], "access_token_expires_at": ends,
            "refresh_token": minted["refresh_token"], "renewed_at": now - DAY * 13});
        world.put(&format!("grants/{}/{org}", app.name), &document);
    }
    orgs
}

#[tokio::test]
async fn a_sweep_over_two_thousand_grants_keeps_to_the_quotas_and_its_time_and_the_next_ones_finish() {
    let world = Deployment::new().await;
    world.minter().await;
    let reports = world.app("reports");
    let orgs = seed(&world, &reports, 2000).await;
    world.sim.secrets.quotas(Some(Quotas::aws(world.sim.clock.clone())));
    world.sim.secrets.journal().clear();
    let began = world.sim.clock.now();
    let first = world.sweep_within(HALF_A_MINUTE).await;
    assert!(world.sim.clock.now().duration_since(began) <= HALF_A_MINUTE, "it ended in time");
    let done = first["renewed"].as_u64().unwrap();
    assert_eq!(first["scanned"], 2001);
    assert_eq!(done + first["deferred"].as_u64().unwrap(), 2000, "{first}");
    assert!(done >= 200, "and it used its time: {first}");
    let batches = world.sim.secrets.journal().count(Operation::BatchGetSecretValue);
    assert_eq!(
        (batches, world.sim.secrets.journal().count(Operation::ListSecrets)),
        (102, 0),
        "the fewest pages: 2001 and 2"
    );
    let throttled = world.sim.secrets.journal().select(|entry| entry.status == Some(400));
    assert!(throttled.is_empty(), "no call was throttled: {}", throttled.len());
    let renewed = |org: &String| world.document(&reports, org).unwrap()["renewed_at"].as_str() >= Some("2026-11-21");
    let most_urgent = orgs.iter().take_while(|org| renewed(org)).count();
    assert!(u64::try_from(most_urgent).unwrap() + 16 >= done, "the most urgent first: {most_urgent} of {done}");
    let mut runs = 1;
    while !orgs.iter().all(renewed) {
        world.sweep_within(HALF_A_MINUTE).await;
        runs += 1;
        assert!(runs < 20, "the next sweeps finish");
    }
    assert_eq!(world.sweep_within(HALF_A_MINUTE).await["skipped"], 2001);
}

#[tokio::test]
async fn a_wait_that_webex_asks_for_is_kept_and_what_it_leaves_no_time_for_is_deferred() {
    let world = Deployment::new().await;
    world.minter().await;
    let reports = world.app("reports");
    for n in 0..5 {
        let org = world.sim.webex.add_org(&format!("customer-{n}"));
        world.onboard(&reports, &org).await;
    }
    world.wait(DAY * 8);
    assert_eq!(world.ask(json!({"renew": {"app": "minter", "subject": "default"}})).await["renewed"], true);
    let limited = Fault::RateLimited { status: 429, retry_after: Some(600) };
    world.sim.webex.faults().fail_next(Endpoint::Refresh, 5, limited);
    let report = world.sweep_within(HALF_A_MINUTE).await;
    assert_eq!(
        (&report["deferred"], &report["failing"], &report["renewed"]),
        (&json!(5), &json!(0), &json!(0)),
        "{report}"
    );
    world.sim.webex.faults().clear();
    world.wait(SignedDuration::from_secs(601));
    assert_eq!(world.sweep_within(HALF_A_MINUTE).await["renewed"], 5);
}

#[tokio::test]
async fn a_short_wait_is_waited() {
    for status in [429, 423] {
        let world = Deployment::new().await;
        world.minter().await;
        let reports = world.app("reports");
        let org = world.sim.webex.add_org("customer");
        world.onboard(&reports, &org).await;
        world.wait(DAY * 8);
        world.sim.webex.faults().fail_next(Endpoint::Refresh, 1, Fault::RateLimited { status, retry_after: Some(3) });
        let began = world.sim.clock.now();
        assert_eq!(world.sweep().await["renewed"], 2);
        assert!(world.sim.clock.now().duration_since(began) >= SignedDuration::from_secs(3));
    }
}

#[tokio::test]
async fn a_throttled_store_is_given_time_and_nothing_is_skipped() {
    let world = Deployment::new().await;
    world.minter().await;
    let reports = world.app("reports");
    let orgs: Vec<_> = (0..30).map(|n| world.sim.webex.add_org(&format!("customer-{n}"))).collect();
    for org in &orgs {
        world.onboard(&reports, org).await;
    }
    world.wait(DAY * 8);
    let faults = world.sim.secrets.faults();
    faults.fail_next(Operation::BatchGetSecretValue, 3, simulator::secrets::Fault::Throttled);
    faults.fail_next(Operation::PutSecretValue, 4, simulator::secrets::Fault::Throttled);
    faults.fail_next(Operation::UpdateSecretVersionStage, 4, simulator::secrets::Fault::Throttled);
    let report = world.sweep().await;
    assert_eq!((&report["scanned"], &report["renewed"]), (&json!(31), &json!(31)), "{report}");
    assert_eq!(report["failures"], Value::Array(Vec::new()));
    assert!(faults.unconsumed().is_empty());
}

#[tokio::test]
async fn listing_takes_half_of_a_sweeps_time_at_most() {
    let world = Deployment::new().await;
    world.minter().await;
    world.sim.secrets.faults().fail_next(Operation::BatchGetSecretValue, 1000, simulator::secrets::Fault::Throttled);
    let began = world.sim.clock.now();
    let swept = run(&world.refresher(), event("sweep"), HALF_A_MINUTE).await;
    assert!(swept.is_err(), "nothing could be read");
    let took = world.sim.clock.now().duration_since(began);
    assert!(took > HALF_A_MINUTE / 4 && took <= HALF_A_MINUTE / 2, "{took}");
}
