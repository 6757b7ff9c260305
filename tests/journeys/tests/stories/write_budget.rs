//! Secrets Manager keeps about 100 versions a day and then refuses writes. Every day leaves room for a fence.

use jiff::SignedDuration;
use serde_json::json;
use simulator::webex::Change;

use super::{DAY, HOUR, MINUTE, active_orgs, active_token, ready, versions_within_a_day};
use crate::harness::{App, Deployment};

const POLL: SignedDuration = SignedDuration::from_secs(15);

/// A deployment with one grant whose access token has ended, and a minter that has just been renewed.
async fn ended_token() -> (Deployment, App, String) {
    let (world, reports, org) = ready().await;
    world.onboard(&reports, &org).await;
    world.wait(DAY * 15);
    assert_eq!(world.ask(json!({"renew": {"app": "minter", "subject": "default"}})).await["renewed"], true);
    (world, reports, org)
}

/// A caller polls every 15 s, and a sweep runs every hour, for `duration`.
async fn poll(world: &Deployment, app: &App, org: &str, duration: SignedDuration, expected: u16) {
    let end = world.sim.clock.now() + duration;
    let mut next_sweep = world.sim.clock.now();
    while world.sim.clock.now() < end {
        let vended = world.token(app, org).await;
        assert_eq!(vended.status, expected, "{} left: {}", end - world.sim.clock.now(), vended.text);
        if vended.status == 503 {
            assert_ne!(vended.header("retry-after"), "", "the caller should learn when to ask again");
        }
        if world.sim.clock.now() >= next_sweep {
            world.sweep().await;
            next_sweep = world.sim.clock.now() + HOUR;
        }
        world.wait(POLL);
    }
}

#[tokio::test]
async fn six_hours_of_polling_leave_room_for_the_renewal() {
    let (world, reports, org) = ended_token().await;
    world.sim.webex.faults().outage(true);
    poll(&world, &reports, &org, HOUR * 6, 503).await;
    world.sim.webex.faults().outage(false);
    world.sweep().await;
    assert!(world.sim.webex.is_alive(&active_token(&world, &reports, &org)), "the next sweep should renew");
    let versions = versions_within_a_day(&world, &reports, &org);
    assert!(versions <= 60, "{versions} versions were written in a day");
}

#[tokio::test]
async fn fence_is_written_at_once_after_hours_of_polling() {
    let (world, mut reports, org) = ended_token().await;
    let secret = world.sim.webex.regenerate_secret(&reports.webex.client_id).unwrap();
    poll(&world, &reports, &org, HOUR * 3, 503).await;
    let stale = world.sim.webex.event(Change::Deauthorized, &reports, &org);
    assert_eq!(world.deliver(&reports, &stale).await.status, 202);
    assert_eq!(world.lambda.drain().await, [json!({"state": "fenced"})]);
    world.wait(MINUTE);
    poll(&world, &reports, &org, HOUR * 3, 410).await;
    reports.webex.client_secret = secret;
    world.describe(&reports, &json!({}));
    world.sweep().await;
    assert!(world.sim.webex.is_alive(&active_token(&world, &reports, &org)), "the next sweep should mint");
    let versions = versions_within_a_day(&world, &reports, &org);
    assert!(versions <= 60, "{versions} versions were written in a day");
}

#[tokio::test]
async fn failing_grant_swept_every_quarter_hour_costs_64_versions_a_day() {
    let (world, reports, orgs) = active_orgs(2).await;
    world.wait(DAY * 8);
    let refresh_token = world.document(&reports, &orgs[0]).unwrap()["refresh_token"].clone();
    world.sim.webex.kill(refresh_token.as_str().unwrap());
    world.sim.webex.faults().lag(&orgs[0], 10_000); // Webex refuses the mint although the org's token lives
    for _ in 0..96 {
        world.sweep().await;
        world.wait(MINUTE * 15);
    }
    for org in &orgs {
        let versions = versions_within_a_day(&world, &reports, org);
        assert!(versions <= 64, "{versions} versions of {org} were written in a day");
    }
}
