//! Sweeps are killed while they pack and unpack, and vend answers all the while.

use std::pin::pin;

use futures_util::future::{Either, select};
use serde_json::Value;

use super::super::{DAY, HOUR, onboard_orgs};
use super::{is_set_aside, packs};
use crate::harness::{App, Deployment, event, run};

/// Enough for several packs, each of which takes several calls.
const GRANTS: usize = 500;

/// Runs a sweep until it has made `calls` calls to Secrets Manager, and kills it there. `false` if it ended before.
async fn sweep_killed_after(world: &Deployment, calls: usize) -> bool {
    let refresher = world.refresher();
    let journal = world.sim.secrets.journal();
    let start = journal.total();
    let reached = async {
        while journal.total() < start + calls {
            tokio::task::yield_now().await;
        }
    };
    match select(pin!(run(&refresher, event("sweep"), DAY)), pin!(reached)).await {
        Either::Left(_) => false,
        Either::Right(_) => true,
    }
}

/// Asks vend for one org after the other until `work` has ended. All get their token.
async fn while_vending<T>(world: &Deployment, app: &App, orgs: &[String], work: impl Future<Output = T>) -> T {
    let vend = world.cold_vend();
    let mut work = pin!(work);
    for org in orgs.iter().cycle() {
        let path = format!("/v1/apps/{}/grants/{org}/token", app.name);
        let request = crate::harness::TestRequest::get(&path);
        let asked = pin!(world.at(&vend, &request));
        match select(work, asked).await {
            Either::Left((result, asked)) => {
                assert_eq!(asked.await.status, 200, "{org}");
                return result;
            }
            Either::Right((vended, rest)) => {
                assert_eq!(vended.status, 200, "{org}: {}", vended.text);
                work = rest;
            }
        }
    }
    unreachable!("there are orgs")
}

async fn all_are_vended(world: &Deployment, app: &App, orgs: &[String]) {
    for org in orgs {
        assert_eq!(world.token(app, org).await.status, 200, "{org}");
    }
}

/// `PACK_ABOVE` goes from 0 to 100 and back, and sweeps are killed at twenty points.
#[tokio::test]
async fn grants_are_packed_and_unpacked_under_kills_without_a_refusal() {
    let mut world = Deployment::with(&[("PACK_ABOVE", "0"), ("CACHE_TTL", "0")]).await;
    world.minter().await;
    let reports = world.app("reports");
    let orgs = onboard_orgs(&world, &reports, GRANTS).await;
    world.wait(HOUR * 2);
    world.sweep().await;
    assert!(packs(&world).is_empty());
    for (above, is_packed) in [("100", true), ("0", false)] {
        world.reconfigure("PACK_ABOVE", above);
        let sweeps = async {
            for kill in 1..=10 {
                assert!(sweep_killed_after(&world, 25 + kill * 4).await, "the sweep ended before kill {kill}");
            }
        };
        Box::pin(while_vending(&world, &reports, &orgs, sweeps)).await;
        let sweeps = async {
            for _ in 0..4 {
                let report = world.sweep().await;
                assert_eq!(report["failures"], Value::Array(Vec::new()));
                world.wait(HOUR * 7);
            }
        };
        Box::pin(while_vending(&world, &reports, &orgs, sweeps)).await;
        assert!(orgs.iter().all(|org| is_set_aside(&world, org) == is_packed), "above {above}");
        all_are_vended(&world, &reports, &orgs).await;
    }
}
