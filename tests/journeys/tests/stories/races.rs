//! Sweeps, callers and environments race. One renewal succeeds, and the losers use its pair.

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

fn successful_refreshes(world: &Deployment) -> usize {
    world.sim.webex.journal().answered(Endpoint::Refresh, 200)
}

#[tokio::test]
async fn concurrent_sweeps_renew_each_due_pair_once() {
    let (world, reports, orgs) = due(12).await;
    let both = join_all([world.sweep_within(DAY), world.sweep_within(DAY)]).await;
    let renewed: u64 = both.iter().map(|report| report["renewed"].as_u64().unwrap()).sum();
    assert_eq!((renewed, successful_refreshes(&world)), (13, 13), "{both:?}");
    for org in &orgs {
        let vended = world.token(&reports, org).await;
        assert_eq!(vended.status, 200, "{}", vended.text);
        let token = vended.json()["access_token"].as_str().unwrap().to_owned();
        assert!(world.sim.webex.is_alive(&token), "Webex should accept the vended token");
        let stored = world.document(&reports, org).unwrap();
        let refresh_token = stored["refresh_token"].as_str().unwrap();
        assert!(world.sim.webex.is_refresh_alive(refresh_token), "the newest pair should be stored");
        assert_eq!(stored["failure"], Value::Null);
    }
    assert_eq!(world.sim.webex.journal().count(Endpoint::Mint), 0, "no refresh token was lost, so no mint was needed");
}

#[tokio::test]
async fn token_rejected_by_twenty_callers_is_renewed_once() {
    let (world, reports, orgs) = due(1).await;
    let rejected = world.token(&reports, &orgs[0]).await.json()["access_token"].as_str().unwrap().to_owned();
    assert!(world.sim.webex.kill(&rejected), "Webex rejects the token");
    let body = json!({"access_token_sha256": sha256(&rejected)});
    let path = format!("/v1/apps/reports/grants/{}/token/rejected", orgs[0]);
    let answers = join_all((0..20).map(|_| world.call("POST", &path, Some(body.clone())))).await;
    let current = world.document(&reports, &orgs[0]).unwrap()["access_token"].clone();
    assert_ne!(current, json!(rejected), "the rejected token should be replaced");
    for answer in answers {
        assert_eq!((answer.status, &answer.json()["access_token"]), (200, &current), "{}", answer.text);
    }
    assert_eq!(successful_refreshes(&world), 1);
}

#[tokio::test]
async fn concurrent_sweeps_agree_on_one_pair_without_rotation() {
    let (world, reports, orgs) = due(1).await;
    world.sim.webex.rotation(Rotation::Stable);
    let sweeps = (0..6).map(|_| world.sweep_within(DAY));
    let renewed: u64 = join_all(sweeps).await.iter().map(|report| report["renewed"].as_u64().unwrap()).sum();
    assert_eq!(renewed, 2, "one renewal each of the minter and the org counts");
    assert_eq!(world.token(&reports, &orgs[0]).await.status, 200);
}

fn sha256(token: &str) -> String {
    broker_core::token::AccessToken::new(token).fingerprint().hex()
}
