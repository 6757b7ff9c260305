//! A fence beats everything that began before it, and costs a stale one's org no more than the settle time and a sweep.

use serde_json::json;
use simulator::Point;
use simulator::webex::{Change, Endpoint};

use super::{DAY, SETTLED, frozen_at, ready};
use crate::harness::run;

#[tokio::test]
async fn a_stale_withdrawal_costs_the_settle_time_and_one_sweep() {
    let (world, reports, org) = ready().await;
    world.onboard(&reports, &org).await;
    let stale = world.sim.webex.event(Change::Deauthorized, &reports, &org);
    world.deliver(&reports, &stale).await;
    world.lambda.drain().await;
    assert_eq!(world.sweep().await["skipped"], 2, "too soon to ask: Webex may lag behind its own event");
    assert_eq!(world.token(&reports, &org).await.status, 410);
    world.wait(SETTLED);
    assert_eq!(world.sweep().await["minted"], 1);
    assert_eq!(world.token(&reports, &org).await.status, 200);
}

#[tokio::test]
async fn nothing_that_began_before_a_fence_lifts_it() {
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
    assert_eq!(world.state(&reports, &org), "fenced");
    assert_eq!(world.token(&reports, &org).await.status, 410);
}

#[tokio::test]
async fn a_mint_that_comes_home_when_the_fence_has_come_and_gone_changes_nothing() {
    let (world, reports, org) = ready().await;
    let authorized = world.sim.webex.authorize(&reports, &org);
    world.deliver(&reports, &authorized).await;
    let (slow, reconcile) = (world.refresher(), world.lambda.take_queue().remove(0));
    let gate = world.sim.webex.faults().gate(Endpoint::Mint, Point::AfterEffect);
    let frozen = frozen_at(&gate, run(&slow, reconcile, DAY)).await;
    gate.release();
    let deauthorized = world.sim.webex.deauthorize(&reports, &org);
    world.deliver_event(&reports, &deauthorized).await;
    world.wait(SETTLED);
    assert_eq!(world.sweep().await["retired"], 1);
    world.sim.webex.faults().outage(true);
    world.deliver(&reports, &authorized).await;
    assert_eq!(world.lambda.drain().await, [json!({"state": "pending"})], "just as when the mint was asked for");
    assert_eq!(frozen.await, Ok(json!({"state": "pending"})));
    assert_eq!(world.token(&reports, &org).await.status, 409);
}
