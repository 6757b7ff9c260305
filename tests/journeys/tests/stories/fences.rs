//! A fence beats everything that began before it. A stale event costs an org the settle time and one sweep.

use serde_json::json;
use simulator::Point;
use simulator::webex::{Change, Endpoint};

use super::{DAY, SETTLED, frozen_at, ready};
use crate::harness::run;

#[tokio::test]
async fn stale_deauthorized_event_is_undone_after_fence_settle() {
    let (world, reports, org) = ready().await;
    world.onboard(&reports, &org).await;
    let stale = world.sim.webex.event(Change::Deauthorized, &reports, &org);
    world.deliver(&reports, &stale).await;
    world.lambda.drain().await;
    assert_eq!(world.sweep().await["skipped"], 2, "the fence has not settled: Webex may lag behind its own event");
    assert_eq!(world.token(&reports, &org).await.status, 410, "a fenced grant is not vended");
    world.wait(SETTLED);
    assert_eq!(world.sweep().await["minted"], 1, "the fence has settled, and Webex mints");
    assert_eq!(world.token(&reports, &org).await.status, 200, "the mint lifted the fence");
}

#[tokio::test]
async fn fence_survives_a_refresh_that_began_before_it() {
    let (world, reports, org) = ready().await;
    world.onboard(&reports, &org).await;
    world.wait(DAY * 8);
    let gate = world.sim.webex.faults().gate(Endpoint::Refresh, Point::AfterEffect);
    let sweep = world.sweep_within(DAY);
    let fence = async {
        gate.wait_reached().await;
        gate.release_one(); // the minter
        gate.wait_reached_by(2).await;
        let deauthorized = world.sim.webex.deauthorize(&reports, &org);
        world.deliver(&reports, &deauthorized).await;
        assert_eq!(world.lambda.drain().await, [json!({"state": "fenced"})]);
        gate.release();
    };
    futures_util::future::join(sweep, fence).await;
    assert_eq!(world.state(&reports, &org), "fenced", "the refresh should not lift the fence");
    assert_eq!(world.token(&reports, &org).await.status, 410, "a fenced grant is not vended");
}

#[tokio::test]
async fn late_mint_does_not_replace_a_newer_pending_record() {
    let (world, reports, org) = ready().await;
    let authorized = world.sim.webex.authorize(&reports, &org);
    world.deliver(&reports, &authorized).await;
    let slow = world.refresher();
    let reconcile = world.lambda.take_queue().remove(0);
    let gate = world.sim.webex.faults().gate(Endpoint::Mint, Point::AfterEffect);
    let frozen = frozen_at(&gate, run(&slow, reconcile, DAY)).await;
    gate.release();
    let deauthorized = world.sim.webex.deauthorize(&reports, &org);
    world.deliver_event(&reports, &deauthorized).await;
    world.wait(SETTLED);
    assert_eq!(world.sweep().await["retired"], 1);
    world.sim.webex.faults().outage(true);
    world.deliver(&reports, &authorized).await;
    assert_eq!(
        world.lambda.drain().await,
        [json!({"state": "pending"})],
        "the record looks as it did when the mint began"
    );
    assert_eq!(frozen.await, Ok(json!({"state": "pending"})), "the late mint should not be stored");
    assert_eq!(world.token(&reports, &org).await.status, 409, "the grant is still pending");
}
