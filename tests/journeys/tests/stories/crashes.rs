//! `kill -9` at every point of a renewal and of an onboarding: the next sweep leaves every org active.

use serde_json::json;
use simulator::secrets::Operation;
use simulator::webex::{Endpoint, Rotation};
use simulator::{Gate, Point};

use super::{DAY, SETTLED, frozen_at, vends_a_live_token};
use crate::harness::{App, Deployment, event};

/// Runs an invocation in an environment of its own until `gate` holds it, and kills it there.
async fn killed_at(world: &Deployment, gate: Gate, payload: serde_json::Value) {
    let refresher = world.refresher();
    drop(frozen_at(&gate, crate::harness::run(&refresher, payload, DAY)).await);
    drop(gate);
}

async fn due_org() -> (Deployment, App, String) {
    let world = Deployment::new().await;
    world.sim.webex.rotation(Rotation::Rotating);
    let reports = world.app("reports");
    world.minter().await;
    let org = world.sim.webex.add_org("customer");
    world.onboard(&reports, &org).await;
    world.wait(DAY * 8);
    // The minter first and by itself, so that the org's renewal is the one that dies.
    let renew = json!({"renew": {"app": "minter", "subject": "default"}});
    assert_eq!(world.ask(renew).await["renewed"], true);
    (world, reports, org)
}

async fn is_active_after_a_sweep(world: &Deployment, reports: &App, org: &str) {
    world.sweep().await;
    let vended = world.token(reports, org).await;
    assert_eq!(vended.status, 200, "{}", vended.text);
    assert!(world.sim.webex.is_alive(vended.json()["access_token"].as_str().unwrap()));
    let stored = world.document(reports, org).unwrap();
    assert!(world.sim.webex.is_refresh_alive(stored["refresh_token"].as_str().unwrap()), "and it can be renewed");
}

#[tokio::test]
async fn killed_at_any_call_to_webex_during_a_renewal() {
    for point in [Point::BeforeEffect, Point::AfterEffect] {
        let (world, reports, org) = due_org().await;
        let gate = world.sim.webex.faults().gate(Endpoint::Refresh, point);
        killed_at(&world, gate, event("sweep")).await;
        is_active_after_a_sweep(&world, &reports, &org).await;
    }
}

#[tokio::test]
async fn killed_at_any_write_to_the_store_during_a_renewal() {
    for operation in [Operation::PutSecretValue, Operation::UpdateSecretVersionStage] {
        for point in [Point::BeforeEffect, Point::AfterEffect] {
            let (world, reports, org) = due_org().await;
            let gate = world.sim.secrets.faults().gate(operation, point);
            killed_at(&world, gate, event("sweep")).await;
            is_active_after_a_sweep(&world, &reports, &org).await;
        }
    }
}

#[tokio::test]
async fn killed_at_any_step_of_an_onboarding() {
    for point in [Point::BeforeEffect, Point::AfterEffect] {
        let (world, reports, org) = unknown_org().await;
        let reconcile = world.lambda.take_queue().remove(0);
        let gate = world.sim.webex.faults().gate(Endpoint::Mint, point);
        killed_at(&world, gate, reconcile).await;
        assert_eq!(world.state(&reports, &org), "pending", "the hint was durable before Webex was asked");
        is_active_after_a_sweep(&world, &reports, &org).await;
    }
}

#[tokio::test]
async fn killed_before_the_hint_is_written_the_queue_still_has_it() {
    for point in [Point::BeforeEffect, Point::AfterEffect] {
        let (world, reports, org) = unknown_org().await;
        let reconcile = world.lambda.queued().remove(0);
        let gate = world.sim.secrets.faults().gate(Operation::CreateSecret, point);
        killed_at(&world, gate, reconcile).await;
        assert_eq!(world.lambda.drain().await, [json!({"state": "active"})]);
        assert_eq!(world.token(&reports, &org).await.status, 200);
    }
}

#[tokio::test]
async fn killed_between_erasing_and_deleting_the_next_sweep_deletes() {
    let (world, reports, org) = due_org().await;
    let event_of_it = world.sim.webex.deauthorize(&reports, &org);
    world.deliver(&reports, &event_of_it).await;
    world.lambda.drain().await;
    world.wait(SETTLED);
    let gate = world.sim.secrets.faults().gate(Operation::DeleteSecret, Point::BeforeEffect);
    killed_at(&world, gate, event("sweep")).await;
    assert_eq!(world.state(&reports, &org), "revoked");
    assert_eq!(world.token(&reports, &org).await.status, 410);
    world.sweep().await;
    let name = format!("webex-token-broker/grants/reports/{org}");
    assert!(world.sim.secrets.is_scheduled_for_deletion(&name));
    assert_eq!(world.token(&reports, &org).await.status, 410);
}

async fn unknown_org() -> (Deployment, App, String) {
    let world = Deployment::new().await;
    let reports = world.app("reports");
    world.minter().await;
    let org = world.sim.webex.add_org("customer");
    let authorized = world.sim.webex.authorize(&reports, &org);
    assert_eq!(world.deliver(&reports, &authorized).await.status, 202);
    (world, reports, org)
}

#[tokio::test]
async fn killed_before_the_pair_of_a_new_authorisation_is_stored_the_hint_is_not_lost() {
    let (world, reports, org) = super::ready().await;
    world.onboard(&reports, &org).await;
    world.wait(DAY);
    world.sim.webex.deauthorize(&reports, &org);
    let authorized = world.sim.webex.authorize(&reports, &org);
    world.deliver(&reports, &authorized).await;
    let gate = world.sim.webex.faults().gate(Endpoint::Mint, Point::AfterEffect);
    killed_at(&world, gate, world.lambda.take_queue().remove(0)).await;
    assert_eq!(world.sweep().await["minted"], 1);
    assert!(vends_a_live_token(&world, &reports, &org).await);
    let (vended, stored) = (world.token(&reports, &org).await, world.document(&reports, &org).unwrap());
    assert_eq!(vended.json()["access_token"], stored["access_token"]);
}
