//! A sweep is killed at each point of a registration and of a renewal, and two sweeps race.

use futures_util::future::join_all;
use serde_json::json;
use simulator::secrets::Operation;
use simulator::webex::Endpoint;
use simulator::{Gate, Point};

use super::super::{DAY, HOUR, frozen_at};
use super::{byods_orgs, hourly_sweep, life_left, only};
use crate::harness::{Deployment, event, run};

async fn kill_at(world: &Deployment, gate: Gate) {
    let refresher = world.refresher();
    let sweep = async {
        let _ = run(&refresher, event("sweep"), DAY).await;
    };
    drop(frozen_at(&gate, sweep).await);
    drop(gate);
}

/// All points at which a look at a data source can be cut off.
fn gates(world: &Deployment, write: Endpoint) -> Vec<Box<dyn Fn() -> Gate>> {
    let mut gates: Vec<Box<dyn Fn() -> Gate>> = Vec::new();
    for point in [Point::BeforeEffect, Point::AfterEffect] {
        for endpoint in [Endpoint::ListDataSources, write] {
            let faults = world.sim.webex.faults();
            gates.push(Box::new(move || faults.gate(endpoint, point)));
        }
        let faults = world.sim.secrets.faults();
        gates.push(Box::new(move || faults.gate(Operation::TagResource, point)));
    }
    gates
}

#[tokio::test]
async fn registration_killed_at_any_point_leaves_one_data_source() {
    for nth in 0..6 {
        let (world, _, orgs) = byods_orgs(1).await;
        kill_at(&world, gates(&world, Endpoint::CreateDataSource)[nth]()).await;
        hourly_sweep(&world).await;
        assert!(only(&world, &orgs[0]).delivers(world.sim.clock.now()), "killed at point {nth}");
        let created = world.sim.webex.journal().answered(Endpoint::CreateDataSource, 200);
        assert!(created <= 1, "killed at point {nth}: {created} were registered");
        let again = hourly_sweep(&world).await;
        assert_eq!(again["data_sources"]["renewed"], 0, "killed at point {nth}");
    }
}

#[tokio::test]
async fn renewal_killed_at_any_point_is_finished_by_the_next_sweep() {
    for nth in 0..6 {
        let (world, _, orgs) = byods_orgs(1).await;
        world.sweep().await;
        let id = only(&world, &orgs[0]).id;
        world.wait(HOUR * 13);
        kill_at(&world, gates(&world, Endpoint::UpdateDataSource)[nth]()).await;
        hourly_sweep(&world).await;
        assert_eq!(only(&world, &orgs[0]).id, id, "killed at point {nth}");
        assert!(life_left(&world, &orgs[0]) >= HOUR * 22, "killed at point {nth}");
        let again = hourly_sweep(&world).await;
        assert_eq!(again["data_sources"]["renewed"], 0, "killed at point {nth}");
    }
}

#[tokio::test]
async fn registration_with_a_lost_answer_is_not_repeated() {
    let (world, _, orgs) = byods_orgs(1).await;
    let lost = simulator::webex::Fault::DropAfterEffect;
    world.sim.webex.faults().fail_next(Endpoint::CreateDataSource, 1, lost);
    world.sweep().await;
    hourly_sweep(&world).await;
    assert!(only(&world, &orgs[0]).delivers(world.sim.clock.now()));
    assert_eq!(world.sim.webex.journal().count(Endpoint::CreateDataSource), 1);
}

#[tokio::test]
async fn sweeps_that_race_to_register_leave_one_data_source() {
    let (world, _, orgs) = byods_orgs(6).await;
    join_all((0..3).map(|_| world.sweep_within(DAY))).await;
    for org in &orgs {
        only(&world, org);
    }
    let after = hourly_sweep(&world).await;
    assert_eq!((&after["data_sources"]["renewed"], &after["data_sources"]["failing"]), (&json!(0), &json!(0)));
    let created = world.sim.webex.journal().count(Endpoint::CreateDataSource);
    for _ in 0..24 {
        hourly_sweep(&world).await;
    }
    assert_eq!(world.sim.webex.journal().count(Endpoint::CreateDataSource), created, "the one that is left should do");
    for org in &orgs {
        let left = only(&world, org);
        assert!(left.delivers(world.sim.clock.now()));
        assert!(
            super::tag(&world, org).contains(&format!("id={} ", left.id)),
            "the record should name the one that is left"
        );
    }
}

#[tokio::test]
async fn sweeps_that_race_to_renew_agree_on_one_nonce() {
    let (world, _, orgs) = byods_orgs(6).await;
    world.sweep().await;
    world.wait(HOUR * 13);
    join_all((0..3).map(|_| world.sweep_within(DAY))).await;
    let nonces: Vec<String> = orgs.iter().map(|org| only(&world, org).nonce).collect();
    for _ in 0..10 {
        let report = hourly_sweep(&world).await;
        assert_eq!(report["data_sources"]["renewed"], 0, "nothing should be renewed twice: {report}");
    }
    let unchanged: Vec<String> = orgs.iter().map(|org| only(&world, org).nonce).collect();
    assert_eq!(nonces, unchanged);
}
