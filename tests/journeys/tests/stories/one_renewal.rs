//! However many callers want a renewal at the same time, and whatever Webex does with refresh tokens, there is one.

use futures_util::future::join_all;
use serde_json::{Value, json};
use simulator::Point;
use simulator::webex::{Endpoint, Rotation};

use super::DAY;
use crate::harness::{App, Deployment, run};

async fn ready(rotation: Rotation) -> (Deployment, App, String) {
    let world = Deployment::new().await;
    world.sim.webex.rotation(rotation);
    world.minter().await;
    let reports = world.app("reports");
    let org = world.sim.webex.add_org("customer");
    world.onboard(&reports, &org).await;
    world.sim.webex.journal().clear();
    (world, reports, org)
}

fn rejection(org: &str) -> Value {
    json!({"renew": {"app": "reports", "subject": org, "reason": "rejected"}})
}

#[tokio::test]
async fn twenty_environments_that_want_it_at_once_cost_webex_one_refresh() {
    for rotation in [Rotation::Stable, Rotation::Rotating] {
        let (world, reports, org) = ready(rotation).await;
        let environments: Vec<_> = (0..20).map(|_| world.refresher()).collect();
        let answers = join_all(environments.iter().map(|refresher| run(refresher, rejection(&org), DAY))).await;
        let renewed = answers.iter().filter(|answer| answer.as_ref().unwrap()["renewed"] == true).count();
        let journal = world.sim.webex.journal();
        assert_eq!((renewed, journal.refreshes(), journal.mints(&org)), (1, 1, 0), "{rotation:?}");
        assert_eq!(world.document(&reports, &org).unwrap().get("renewing_since"), None);
        assert_eq!(world.token(&reports, &org).await.status, 200);
    }
}

#[tokio::test]
async fn who_comes_while_a_renewal_is_under_way_waits_for_it() {
    let (world, _, org) = ready(Rotation::Stable).await;
    let gate = world.sim.webex.faults().gate(Endpoint::Refresh, Point::AfterEffect);
    let (first, second) = (world.refresher(), world.refresher());
    let late = async {
        gate.wait_reached().await;
        let open = async {
            tokio::task::yield_now().await;
            gate.release();
        };
        futures_util::future::join(run(&second, rejection(&org), DAY), open).await.0
    };
    let (first, late) = futures_util::future::join(run(&first, rejection(&org), DAY), late).await;
    assert_eq!((&first.unwrap()["renewed"], &late.unwrap()["renewed"]), (&json!(true), &json!(false)));
    assert_eq!(world.sim.webex.journal().refreshes(), 1);
}

#[tokio::test]
async fn who_died_over_a_renewal_is_passed_over() {
    let (world, reports, org) = ready(Rotation::Stable).await;
    let mut document = world.document(&reports, &org).unwrap();
    document["renewing_since"] = world.sim.clock.now().to_string().into();
    world.put(&format!("grants/reports/{org}"), &document);
    let began = world.sim.clock.now();
    assert_eq!(world.ask(rejection(&org)).await["renewed"], true);
    assert!(world.sim.clock.now().duration_since(began).as_secs() >= 15, "after the longest that a renewal takes");
}
