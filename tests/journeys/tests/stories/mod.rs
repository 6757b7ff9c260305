//! What happens to orgs and callers, seen from outside: Webex and Secrets Manager on one side, callers on the other.

mod crashes;
mod data_sources;
mod events;
mod evidence;
mod fences;
mod healing;
mod isolation;
mod lag;
mod links;
mod main_job;
mod marks;
mod notices;
mod one_org;
mod one_renewal;
mod operators;
mod org_names;
mod outage;
mod pace;
mod packs;
mod pairs;
mod races;
mod registrations;
mod rejections;
mod removals;
mod retirements;
mod withheld;
mod write_budget;

use std::pin::Pin;

use futures_util::future::{Either, select};
use jiff::SignedDuration;
use serde_json::{Value, json};
use simulator::Gate;

use crate::harness::{App, Deployment};

const MINUTE: SignedDuration = SignedDuration::from_mins(1);
const HOUR: SignedDuration = SignedDuration::from_hours(1);
const DAY: SignedDuration = SignedDuration::from_hours(24);
/// Just longer than the default of `FENCE_SETTLE`.
const SETTLED: SignedDuration = SignedDuration::from_secs(301);

/// A deployment with a minter, an app, and an org that has not authorised it yet.
async fn ready() -> (Deployment, App, String) {
    let world = Deployment::new().await;
    world.minter().await;
    let reports = world.app("reports");
    let org = world.sim.webex.add_org("customer");
    (world, reports, org)
}

/// A deployment with a minter and `count` orgs with active grants.
async fn active_orgs(count: usize) -> (Deployment, App, Vec<String>) {
    let world = Deployment::new().await;
    world.minter().await;
    let reports = world.app("reports");
    let orgs = onboard_orgs(&world, &reports, count).await;
    (world, reports, orgs)
}

/// Lets `count` new orgs authorise the app.
async fn onboard_orgs(world: &Deployment, app: &App, count: usize) -> Vec<String> {
    let mut orgs = Vec::new();
    for n in 0..count {
        let org = world.sim.webex.add_org(&format!("customer-{n}"));
        world.onboard(app, &org).await;
        orgs.push(org);
    }
    orgs
}

/// A deployment with `count` orgs whose pairs are due, and a minter that has just been renewed.
async fn due_orgs(count: usize) -> (Deployment, App, Vec<String>) {
    let (world, reports, orgs) = active_orgs(count).await;
    world.wait(DAY * 8);
    assert_eq!(world.ask(json!({"renew": {"app": "minter", "subject": "default"}})).await["renewed"], true);
    (world, reports, orgs)
}

/// The stored access token of a grant, which must be active.
fn active_token(world: &Deployment, app: &App, org: &str) -> String {
    let stored = world.document(app, org).unwrap();
    assert_eq!(stored["state"], "active", "the grant of {org} should be active");
    stored["access_token"].as_str().unwrap().to_owned()
}

/// Webex forgets the stored refresh token of a grant.
fn kill_refresh_token(world: &Deployment, app: &App, org: &str) {
    let stored = world.document(app, org).unwrap();
    assert!(world.sim.webex.kill(stored["refresh_token"].as_str().unwrap()), "Webex should know the refresh token");
}

/// The codes of a sweep's failures.
fn failure_codes(report: &Value) -> Vec<&str> {
    let failures = report["failures"].as_array().unwrap();
    failures.iter().map(|failure| failure["code"].as_str().unwrap()).collect()
}

/// The number of versions of a grant's secret that were written in the last 24 hours.
fn versions_within_a_day(world: &Deployment, app: &App, org: &str) -> usize {
    let since = world.sim.clock.now() - DAY;
    let versions = world.sim.secrets.versions(&format!("webex-token-broker/grants/{}/{org}", app.name));
    versions.iter().filter(|version| version.created > since).count()
}

/// Runs an invocation until `gate` holds it, and returns it suspended there, like a frozen Lambda environment.
async fn frozen_at<F: Future>(gate: &Gate, invocation: F) -> Pin<Box<F>> {
    match select(Box::pin(invocation), Box::pin(gate.wait_reached())).await {
        Either::Right(((), invocation)) => invocation,
        Either::Left(_) => panic!("the invocation ended before it reached the gate"),
    }
}

/// Whether Webex accepts the token that is vended.
async fn vends_a_live_token(world: &Deployment, app: &App, org: &str) -> bool {
    let token = world.token(app, org).await.json()["access_token"].clone();
    world.sim.webex.is_alive(token.as_str().unwrap())
}
