//! Stories, told from the outside: Webex and Secrets Manager on one side, a caller on the other.

mod crashes;
mod events;
mod fences;
mod healing;
mod isolation;
mod lag;
mod main_job;
mod one_renewal;
mod outage;
mod pace;
mod races;
mod registrations;

use std::pin::Pin;

use futures_util::future::{Either, select};
use jiff::SignedDuration;
use simulator::Gate;

use crate::harness::{App, Deployment};

const MINUTE: SignedDuration = SignedDuration::from_mins(1);
const HOUR: SignedDuration = SignedDuration::from_hours(1);
const DAY: SignedDuration = SignedDuration::from_hours(24);
/// Past the contract's default for `FENCE_SETTLE`.
const SETTLED: SignedDuration = SignedDuration::from_secs(301);

/// A deployment with a minter, an app, and an org that has not authorised it yet.
async fn ready() -> (Deployment, App, String) {
    let world = Deployment::new().await;
    world.minter().await;
    let reports = world.app("reports");
    let org = world.sim.webex.add_org("customer");
    (world, reports, org)
}

/// Runs an invocation until `gate` holds it, and hands it back there, as a frozen environment holds it.
async fn frozen_at<F: Future>(gate: &Gate, invocation: F) -> Pin<Box<F>> {
    match select(Box::pin(invocation), Box::pin(gate.wait_reached())).await {
        Either::Right(((), invocation)) => invocation,
        Either::Left(_) => panic!("the invocation ended before it came to the gate"),
    }
}

/// Whether what is vended is a token that Webex takes.
async fn vends_a_live_token(world: &Deployment, app: &App, org: &str) -> bool {
    let token = world.token(app, org).await.json()["access_token"].clone();
    world.sim.webex.is_alive(token.as_str().unwrap())
}
