//! Sweeps over many grants within the quotas of both services and the deadline of an invocation.

use jiff::SignedDuration;
use serde_json::{Value, json};
use simulator::secrets::{Operation, Quotas};
use simulator::webex::{Endpoint, Fault};

use super::DAY;
use crate::harness::{App, DEVELOPER, Deployment, event, run};

const HALF_A_MINUTE: SignedDuration = SignedDuration::from_secs(30);

/// Stores grants of new orgs without the broker. All are due; their tokens expire one second after another, in the order
/// of the result.
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
        let expires_at = now + DAY + SignedDuration::from_secs(i64::try_from(n).unwrap());
        let document = json!({"version": 1, "app": app.name, "subject": org, "state": "active",
            "access_token": minted["access_token"], "access_token_expires_at": expires_at,
            "refresh_token": minted["refresh_token"], "renewed_at": now - DAY * 13});
        world.put(&format!("grants/{}/{org}", app.name), &document);
    }
    orgs
}

#[tokio::test]
async fn sweep_of_two_thousand_grants_keeps_quotas_and_deadline() {
    let world = Deployment::new().await;
    world.minter().await;
    let reports = world.app("reports");
    let orgs = seed(&world, &reports, 2000).await;
    world.sim.secrets.quotas(Some(Quotas::aws(world.sim.clock.clone())));
    world.sim.secrets.journal().clear();
    let began = world.sim.clock.now();
    let first = world.sweep_within(HALF_A_MINUTE).await;
    assert!(world.sim.clock.now().duration_since(began) <= HALF_A_MINUTE, "the sweep should end before its deadline");
    let done = first["renewed"].as_u64().unwrap();
    assert_eq!(first["scanned"], 2001);
    assert_eq!(done + first["deferred"].as_u64().unwrap(), 2000, "{first}");
    assert!(done >= 200, "the sweep should use the time that it has: {first}");
    let batches = world.sim.secrets.journal().count(Operation::BatchGetSecretValue);
    assert_eq!(
        (batches, world.sim.secrets.journal().count(Operation::ListSecrets)),
        (550, 22),
        "a sweep that knows no counts should read 60 pages, and then parts at once behind what all names begin with; one \
         list of 100 finds what waits for deletion, one the apps' states"
    );
    let throttled = world.sim.secrets.journal().select(|entry| entry.status == Some(400));
    assert!(throttled.is_empty(), "{} calls were throttled", throttled.len());
    let renewed = |org: &String| world.document(&reports, org).unwrap()["renewed_at"].as_str() >= Some("2026-11-21");
    let most_urgent = orgs.iter().take_while(|org| renewed(org)).count();
    assert!(
        u64::try_from(most_urgent).unwrap() + 16 >= done,
        "the most urgent grants should come first: {most_urgent} of {done}"
    );
    let mut runs = 1;
    while !orgs.iter().all(renewed) {
        world.sweep_within(HALF_A_MINUTE).await;
        runs += 1;
        assert!(runs < 20, "20 sweeps should renew every grant");
    }
    world.sim.secrets.journal().clear();
    assert_eq!(world.sweep_within(HALF_A_MINUTE).await["skipped"], 2001, "nothing is due any more");
    let batches = world.sim.secrets.journal().count(Operation::BatchGetSecretValue);
    assert!(batches < 240, "one that knows the counts reads by initial, each of which has few pages: {batches}");
}

#[tokio::test]
async fn retry_after_beyond_the_deadline_defers_grants() {
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
    assert_eq!(world.sweep_within(HALF_A_MINUTE).await["renewed"], 5, "the wait that Webex asked for is over");
}

#[tokio::test]
async fn short_retry_after_is_waited_for() {
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
        let took = world.sim.clock.now().duration_since(began);
        assert!(took >= SignedDuration::from_secs(3), "{status}: Retry-After was 3 s, the sweep took {took}");
    }
}

#[tokio::test]
async fn throttled_store_calls_are_repeated_until_all_succeed() {
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
    assert!(faults.unconsumed().is_empty(), "every planned throttling should have been met");
}

#[tokio::test]
async fn listing_takes_at_most_half_of_a_sweep() {
    let world = Deployment::new().await;
    world.minter().await;
    world.sim.secrets.faults().fail_next(Operation::BatchGetSecretValue, 1000, simulator::secrets::Fault::Throttled);
    let began = world.sim.clock.now();
    let swept = run(&world.refresher(), event("sweep"), HALF_A_MINUTE).await;
    assert!(swept.is_err(), "a sweep that can read nothing should fail");
    let took = world.sim.clock.now().duration_since(began);
    assert!(took > HALF_A_MINUTE / 4 && took <= HALF_A_MINUTE / 2, "listing took {took}");
}
