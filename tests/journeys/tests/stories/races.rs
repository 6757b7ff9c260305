//! Any number of sweeps, callers and environments: one successful renewal, and the losers use it.

use futures_util::future::join_all;
use serde_json::{Value, json};
use simulator::webex::{Endpoint, Rotation};

use super::DAY;
use crate::harness::{App, Deployment};

/// A deployment with rotating refresh tokens and some orgs whose pairs are due.
async fn due(orgs: usize) -> (Deployment, App, Vec<String>) {
    let world = Deployment::new().await;
    world.sim.webex.rotation(Rotation::Rotating);
    world.minter().await;
    let reports = world.app("reports");
    let mut names = Vec::new();
    for n in 0..orgs {
        let org = world.sim.webex.add_org(&format!("customer-{n}"));
        world.onboard(&reports, &org).await;
        names.push(org);
    }
    world.wait(DAY * 8);
    world.sim.webex.journal().clear();
    (world, reports, names)
}

fn renewals_by_webex(world: &Deployment) -> usize {
    world.sim.webex.journal().answered(Endpoint::Refresh, 200)
}

#[tokio::test]
async fn of_two_sweeps_that_race_each_due_pair_is_renewed_once_and_none_is_lost() {
    let (world, reports, orgs) = due(12).await;
    let sweeps = [world.sweep_within(DAY), world.sweep_within(DAY)];
    let reports_of_both = join_all(sweeps).await;
    let renewed: u64 = reports_of_both.iter().map(|report| report["renewed"].as_u64().unwrap()).sum();
    assert_eq!((renewed, renewals_by_webex(&world)), (13, 13), "{reports_of_both:?}");
    for org in &orgs {
        let vended = world.token(&reports, org).await;
        assert_eq!(vended.status, 200);
        assert!(world.sim.webex.is_alive(vended.json()["access_token"].as_str().unwrap()));
        let stored = world.document(&reports, org).unwrap();
        assert!(world.sim.webex.is_refresh_alive(stored["refresh_token"].as_str().unwrap()), "the newest pair is kept");
        assert_eq!(stored["failure"], Value::Null);
    }
    assert_eq!(world.sim.webex.journal().count(Endpoint::Mint), 0, "nothing had to be healed");
}

#[tokio::test]
async fn a_token_that_twenty_callers_reject_is_renewed_once() {
    let (world, reports, orgs) = due(1).await;
    let rejected = world.token(&reports, &orgs[0]).await.json()["access_token"].as_str().unwrap().to_owned();
    let body = json!({"access_token_sha256": sha256(&rejected)});
    let path = format!("/v1/apps/reports/grants/{}/token/rejected", orgs[0]);
    let answers = join_all((0..20).map(|_| world.call("POST", &path, Some(body.clone())))).await;
    let current = world.document(&reports, &orgs[0]).unwrap()["access_token"].clone();
    assert_ne!(current, json!(rejected));
    for answer in answers {
        assert_eq!((answer.status, &answer.json()["access_token"]), (200, &current), "{}", answer.text);
    }
    assert_eq!(renewals_by_webex(&world), 1);
}

#[tokio::test]
async fn environments_that_renew_at_once_agree_on_one_pair_even_if_webex_gives_each_its_own() {
    let (world, reports, orgs) = due(1).await;
    world.sim.webex.rotation(Rotation::Stable);
    let sweeps = (0..6).map(|_| world.sweep_within(DAY));
    let renewed: u64 = join_all(sweeps).await.iter().map(|report| report["renewed"].as_u64().unwrap()).sum();
    assert_eq!(renewed, 2, "the minter's and the org's, whoever got there first");
    assert_eq!(world.token(&reports, &orgs[0]).await.status, 200);
}

fn sha256(token: &str) -> String {
    broker_core::token::AccessToken::new(token).fingerprint().hex()
}
