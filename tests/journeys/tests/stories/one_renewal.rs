//! Concurrent requests for a renewal lead to one refresh, whether or not Webex rotates refresh tokens.

use futures_util::future::{join, join_all};
use serde_json::{Value, json};
use simulator::Point;
use simulator::webex::{Endpoint, Rotation};

use super::{DAY, MINUTE, active_token, kill_refresh_token, versions_within_a_day};
use crate::harness::{App, Deployment, run};

/// A deployment with one active grant, whose access token is dead, and an empty journal.
async fn ready(rotation: Rotation) -> (Deployment, App, String) {
    let world = Deployment::new().await;
    world.sim.webex.rotation(rotation);
    world.minter().await;
    let reports = world.app("reports");
    let org = world.sim.webex.add_org("customer");
    world.onboard(&reports, &org).await;
    assert!(world.sim.webex.kill(&active_token(&world, &reports, &org)));
    world.sim.webex.journal().clear();
    (world, reports, org)
}

fn rejection(org: &str) -> Value {
    json!({"renew": {"app": "reports", "subject": org, "reason": "rejected"}})
}

#[tokio::test]
async fn renewal_wanted_by_twenty_environments_is_one_refresh() {
    for rotation in [Rotation::Stable, Rotation::Rotating] {
        let (world, reports, org) = ready(rotation).await;
        let environments: Vec<_> = (0..20).map(|_| world.refresher()).collect();
        let before = versions_within_a_day(&world, &reports, &org);
        let answers = join_all(environments.iter().map(|refresher| run(refresher, rejection(&org), DAY))).await;
        let renewed = answers.iter().filter(|answer| answer.as_ref().unwrap()["renewed"] == true).count();
        let journal = world.sim.webex.journal();
        assert_eq!((renewed, journal.refreshes(), journal.mints(&org)), (1, 1, 0), "{rotation:?}");
        let stored = world.document(&reports, &org).unwrap();
        assert_eq!(stored.get("renewing_since"), None, "the renewal has ended: {rotation:?}");
        assert_eq!(world.token(&reports, &org).await.status, 200, "{rotation:?}");
        let written = versions_within_a_day(&world, &reports, &org) - before;
        assert_eq!(
            written, 2,
            "the claim proves that the store takes writes, so a third version has no use: {rotation:?}"
        );
    }
}

#[tokio::test]
async fn renewal_waits_for_one_that_is_under_way() {
    let (world, _, org) = ready(Rotation::Stable).await;
    let gate = world.sim.webex.faults().gate(Endpoint::Refresh, Point::AfterEffect);
    let first = world.refresher();
    let second = world.refresher();
    let late = async {
        gate.wait_reached().await;
        let release = async {
            tokio::task::yield_now().await;
            gate.release();
        };
        join(run(&second, rejection(&org), DAY), release).await.0
    };
    let (first, late) = join(run(&first, rejection(&org), DAY), late).await;
    assert_eq!((&first.unwrap()["renewed"], &late.unwrap()["renewed"]), (&json!(true), &json!(false)));
    assert_eq!(world.sim.webex.journal().refreshes(), 1, "the second request uses the first one's pair");
}

#[tokio::test]
async fn renewal_takes_over_from_one_that_crashed() {
    let (world, reports, org) = ready(Rotation::Stable).await;
    let mut document = world.document(&reports, &org).unwrap();
    document["renewing_since"] = world.sim.clock.now().to_string().into();
    world.put(&format!("grants/reports/{org}"), &document);
    let began = world.sim.clock.now();
    let waiting = world.ask(rejection(&org)).await;
    assert_eq!(waiting["error"]["code"], "contended", "the claim outlives the longest renewal: {waiting}");
    world.wait(MINUTE);
    let answer = world.ask(rejection(&org)).await;
    assert_eq!(answer["renewed"], true, "{answer}");
    let waited = world.sim.clock.now().duration_since(began).as_secs();
    assert!(waited >= 15, "a crashed renewal is waited for as long as a renewal may take, not {waited} s");
}

/// The minter's own pair has ended, too. The claim of the grant has proved that the store takes writes.
#[tokio::test]
async fn renewal_that_first_renews_the_minter_claims_once() {
    let (world, reports, org) = ready(Rotation::Stable).await;
    kill_refresh_token(&world, &reports, &org);
    world.wait(DAY * 15);
    assert_eq!(world.ask(rejection(&org)).await["renewed"], true);
    let minter = world.sim.secrets.versions("webex-token-broker/grants/minter/default");
    let written = minter.iter().filter(|version| version.created > world.sim.clock.now() - DAY).count();
    assert_eq!(written, 1, "the minter's record should have its new pair and no claim");
}
