//! A function is killed at every point of a renewal and of an onboarding. The next sweep leaves every org active.

use serde_json::json;
use simulator::secrets::Operation;
use simulator::webex::{Endpoint, Rotation};
use simulator::{Gate, Point};

use super::{DAY, SETTLED, frozen_at, vends_a_live_token};
use crate::harness::{App, Deployment, event};

/// Runs an invocation in its own environment until `gate` holds it, then kills it.
async fn kill_at(world: &Deployment, gate: Gate, payload: serde_json::Value) {
    let refresher = world.refresher();
    drop(frozen_at(&gate, crate::harness::run(&refresher, payload, DAY)).await);
    drop(gate);
}

/// A deployment with rotating refresh tokens and one org whose pair is due.
async fn due_org() -> (Deployment, App, String) {
    let world = Deployment::new().await;
    world.sim.webex.rotation(Rotation::Rotating);
    let reports = world.app("reports");
    world.minter().await;
    let org = world.sim.webex.add_org("customer");
    world.onboard(&reports, &org).await;
    world.wait(DAY * 8);
    // The minter is renewed first, so that the org's renewal is the one that is killed.
    let renew = json!({"renew": {"app": "minter", "subject": "default"}});
    assert_eq!(world.ask(renew).await["renewed"], true);
    (world, reports, org)
}

async fn sweep_and_assert_active(world: &Deployment, reports: &App, org: &str) {
    world.sweep().await;
    let vended = world.token(reports, org).await;
    assert_eq!(vended.status, 200, "the sweep should have recovered the grant: {}", vended.text);
    let token = vended.json()["access_token"].as_str().unwrap().to_owned();
    assert!(world.sim.webex.is_alive(&token), "Webex should accept the vended token");
    let stored = world.document(reports, org).unwrap();
    assert!(
        world.sim.webex.is_refresh_alive(stored["refresh_token"].as_str().unwrap()),
        "the stored refresh token should still work"
    );
}

#[tokio::test]
async fn sweep_recovers_renewal_killed_at_a_webex_request() {
    for point in [Point::BeforeEffect, Point::AfterEffect] {
        let (world, reports, org) = due_org().await;
        let gate = world.sim.webex.faults().gate(Endpoint::Refresh, point);
        kill_at(&world, gate, event("sweep")).await;
        sweep_and_assert_active(&world, &reports, &org).await;
    }
}

#[tokio::test]
async fn sweep_recovers_renewal_killed_at_a_store_write() {
    for operation in [Operation::PutSecretValue, Operation::UpdateSecretVersionStage] {
        for point in [Point::BeforeEffect, Point::AfterEffect] {
            let (world, reports, org) = due_org().await;
            let gate = world.sim.secrets.faults().gate(operation, point);
            kill_at(&world, gate, event("sweep")).await;
            sweep_and_assert_active(&world, &reports, &org).await;
        }
    }
}

#[tokio::test]
async fn sweep_recovers_onboarding_killed_at_the_mint() {
    for point in [Point::BeforeEffect, Point::AfterEffect] {
        let (world, reports, org) = unknown_org().await;
        let reconcile = world.lambda.take_queue().remove(0);
        let gate = world.sim.webex.faults().gate(Endpoint::Mint, point);
        kill_at(&world, gate, reconcile).await;
        assert_eq!(world.state(&reports, &org), "pending", "the hint should be stored before Webex is asked");
        sweep_and_assert_active(&world, &reports, &org).await;
    }
}

#[tokio::test]
async fn queue_keeps_a_hint_whose_write_was_killed() {
    for point in [Point::BeforeEffect, Point::AfterEffect] {
        let (world, reports, org) = unknown_org().await;
        let reconcile = world.lambda.queued().remove(0);
        let gate = world.sim.secrets.faults().gate(Operation::CreateSecret, point);
        kill_at(&world, gate, reconcile).await;
        assert_eq!(world.lambda.drain().await, [json!({"state": "active"})]);
        assert_eq!(world.token(&reports, &org).await.status, 200, "the queued hint should have been executed");
    }
}

#[tokio::test]
async fn sweep_deletes_secret_whose_deletion_was_killed() {
    let (world, reports, org) = due_org().await;
    let deauthorized = world.sim.webex.deauthorize(&reports, &org);
    world.deliver(&reports, &deauthorized).await;
    world.lambda.drain().await;
    world.wait(SETTLED);
    let gate = world.sim.secrets.faults().gate(Operation::DeleteSecret, Point::BeforeEffect);
    kill_at(&world, gate, event("sweep")).await;
    assert_eq!(world.state(&reports, &org), "revoked", "the retirement is written before the deletion");
    assert_eq!(world.token(&reports, &org).await.status, 410, "a retired grant is not vended");
    world.sweep().await;
    let name = format!("webex-token-broker/grants/reports/{org}");
    assert!(world.sim.secrets.is_scheduled_for_deletion(&name), "the next sweep should delete the secret");
    assert_eq!(world.token(&reports, &org).await.status, 410, "a deleted grant is not vended");
}

/// A deployment in which an `authorized` event waits in the queue.
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
async fn sweep_mints_again_when_a_reauthorization_was_killed() {
    let (world, reports, org) = super::ready().await;
    world.onboard(&reports, &org).await;
    world.wait(DAY);
    world.sim.webex.deauthorize(&reports, &org);
    let authorized = world.sim.webex.authorize(&reports, &org);
    world.deliver(&reports, &authorized).await;
    let gate = world.sim.webex.faults().gate(Endpoint::Mint, Point::AfterEffect);
    kill_at(&world, gate, world.lambda.take_queue().remove(0)).await;
    assert_eq!(world.sweep().await["minted"], 1, "the killed mint is repeated");
    assert!(vends_a_live_token(&world, &reports, &org).await);
    let vended = world.token(&reports, &org).await;
    let stored = world.document(&reports, &org).unwrap();
    assert_eq!(vended.json()["access_token"], stored["access_token"], "vend answers with the newest pair");
}
