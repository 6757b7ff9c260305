//! A secret that takes no more versions is scheduled for deletion in place of a fence, until the fence can be written.

use serde_json::json;
use simulator::Point;
use simulator::secrets::{Fault, Operation};
use simulator::webex::Change;

use super::{DAY, MINUTE, SETTLED, active_token, frozen_at, ready};
use crate::harness::{App, Deployment, event, run};

/// A grant that an event has fenced while its secret took no more versions. The org has not left.
async fn withheld() -> (Deployment, App, String) {
    let (world, reports, org) = ready().await;
    world.onboard(&reports, &org).await;
    world.sim.secrets.version_quota(world.sim.secrets.versions(&secret(&org)).len());
    let stale = world.sim.webex.event(Change::Deauthorized, &reports, &org);
    assert_eq!(world.deliver(&reports, &stale).await.status, 202);
    assert_eq!(world.lambda.drain().await, [json!({"state": "fenced"})]);
    assert!(world.sim.secrets.is_scheduled_for_deletion(&secret(&org)), "the fence falls back to a deletion");
    (world, reports, org)
}

fn secret(org: &str) -> String {
    format!("webex-token-broker/grants/reports/{org}")
}

/// A read of a secret that is scheduled for deletion answers 410 too.
#[tokio::test]
async fn fence_with_a_full_version_quota_still_stops_vending() {
    let (world, reports, org) = withheld().await;
    assert_eq!(world.token(&reports, &org).await.status, 410, "a fenced grant is not vended");
    world.sweep().await;
    assert_eq!(world.token(&reports, &org).await.status, 410, "a sweep before FENCE_SETTLE lifts no fence");
    world.sim.secrets.version_quota(100);
    for _ in 0..2 {
        world.wait(DAY);
        world.sweep().await;
    }
    assert!(
        world.sim.webex.is_alive(&active_token(&world, &reports, &org)),
        "the event was stale, so the grant returns"
    );
}

/// A hint takes the secret back from deletion to look at it. A replay leaves the record as it is, and a new authorisation
/// cannot be written.
#[tokio::test]
async fn hint_that_is_not_written_leaves_a_grant_withheld() {
    let (world, reports, org) = withheld().await;
    let replay = world.sim.webex.event(Change::Authorized, &reports, &org);
    world.wait(MINUTE);
    world.sim.webex.deauthorize(&reports, &org);
    let anew = world.sim.webex.authorize(&reports, &org);
    for authorized in [replay, anew] {
        world.deliver(&reports, &authorized).await;
        world.lambda.drain().await;
        assert!(world.sim.secrets.is_scheduled_for_deletion(&secret(&org)), "the grant is put back");
        assert_eq!(world.token(&reports, &org).await.status, 410, "it is not vended as it was before its fence");
    }
}

#[tokio::test]
async fn sweep_fences_a_withheld_grant_that_a_killed_sweep_restored() {
    let (world, reports, org) = withheld().await;
    world.sim.secrets.version_quota(100);
    world.wait(DAY);
    let gate = world.sim.secrets.faults().gate(Operation::RestoreSecret, Point::AfterEffect);
    let refresher = world.refresher();
    drop(frozen_at(&gate, run(&refresher, event("sweep"), DAY)).await);
    drop(gate);
    assert_eq!(world.token(&reports, &org).await.status, 200, "the kill came before the fence");
    world.sweep().await;
    assert_eq!(world.state(&reports, &org), "fenced", "the note of the fence is still there");
    world.wait(MINUTE * 2);
    assert_eq!(world.token(&reports, &org).await.status, 410, "a fenced grant is not vended");
}

#[tokio::test]
async fn fence_of_a_withheld_grant_is_written_once_although_the_note_stayed() {
    let (world, reports, org) = withheld().await;
    world.sim.secrets.version_quota(100);
    world.wait(DAY);
    world.sim.secrets.faults().fail_all(Operation::UpdateSecret, Fault::Error("AccessDeniedException"));
    world.sweep().await;
    world.sim.secrets.faults().stop_failing(Operation::UpdateSecret);
    assert_eq!(world.state(&reports, &org), "fenced", "the fence was written before the note was to go");
    world.wait(SETTLED);
    world.sweep().await;
    assert_eq!(world.state(&reports, &org), "active", "the event was stale, so the settled fence is lifted");
    world.sweep().await;
    assert_eq!(world.state(&reports, &org), "active", "the note is gone");
}
