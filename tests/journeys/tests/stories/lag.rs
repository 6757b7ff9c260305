//! Webex lags behind its own events.

use serde_json::json;

use super::{DAY, SETTLED, ready, vends_a_live_token};

/// Mints that a sweep asks for while Webex refuses them: a refusal counts only when it is repeated.
const SWEEP: usize = 2;
/// Mints that a new authorization asks for while Webex refuses them: the first attempt and three after a wait.
const RECONCILE: usize = 4 * SWEEP;

#[tokio::test]
async fn mint_is_repeated_until_a_short_lag_is_over() {
    let (world, reports, org) = ready().await;
    world.sim.webex.faults().lag(&org, 2);
    world.onboard(&reports, &org).await;
    assert!(world.sim.webex.faults().unconsumed().is_empty(), "both refused mints should have been asked for");
}

#[tokio::test]
async fn sweep_activates_a_grant_left_pending_by_a_long_lag() {
    let (world, reports, org) = ready().await;
    let event = world.sim.webex.authorize(&reports, &org);
    world.sim.webex.faults().lag(&org, RECONCILE + SWEEP);
    world.deliver(&reports, &event).await;
    assert_eq!(world.lambda.drain().await, [json!({"state": "pending"})]);
    let vended = world.token(&reports, &org).await;
    assert_eq!(vended.status, 409, "Webex has not confirmed the authorization yet");
    assert!(vended.header("retry-after").parse::<u32>().is_ok(), "a pending grant is worth another request");
    assert_eq!(world.sweep().await["pending"], 1, "Webex still lags");
    let second = world.sweep().await;
    assert_eq!((&second["pending"], &second["minted"]), (&json!(0), &json!(1)));
    assert_eq!(world.token(&reports, &org).await.status, 200);
}

#[tokio::test]
async fn unconfirmed_org_is_retired_after_fence_settle() {
    let (world, reports, org) = ready().await;
    let event = world.sim.webex.authorize(&reports, &org);
    world.sim.webex.deauthorize(&reports, &org); // its event is lost
    world.deliver(&reports, &event).await;
    assert_eq!(world.lambda.drain().await, [json!({"state": "pending"})]);
    world.wait(SETTLED);
    assert_eq!(world.sweep().await["retired"], 1, "FENCE_SETTLE is over, so the 403 is no lag");
    assert_eq!(world.token(&reports, &org).await.status, 410, "a retired grant is not vended");
}

#[tokio::test]
async fn reauthorization_during_lag_ends_no_grant() {
    let (world, reports, org) = ready().await;
    world.onboard(&reports, &org).await;
    world.wait(SETTLED);
    world.sim.webex.deauthorize(&reports, &org);
    let again = world.sim.webex.authorize(&reports, &org);
    world.sim.webex.faults().lag(&org, RECONCILE + 2 * SWEEP);
    world.deliver(&reports, &again).await;
    assert_eq!(world.lambda.drain().await, [json!({"state": "active"})]);
    for expected in [0, 0, 1] {
        assert_eq!(world.sweep().await["minted"], expected, "each sweep should try the mint again");
    }
    assert_eq!(world.document(&reports, &org).unwrap()["failure"], serde_json::Value::Null);
    assert!(vends_a_live_token(&world, &reports, &org).await);
}

#[tokio::test]
async fn undated_authorization_counts_as_new() {
    let (world, reports, org) = ready().await;
    world.onboard(&reports, &org).await;
    world.wait(DAY);
    let deauthorized = world.sim.webex.deauthorize(&reports, &org);
    world.deliver_event(&reports, &deauthorized).await;
    world.wait(SETTLED);
    assert_eq!(world.sweep().await["retired"], 1);
    world.sim.webex.authorize(&reports, &org);
    world.sim.webex.faults().lag(&org, RECONCILE + SWEEP);
    let undated = json!({"reconcile": {"app": "reports", "subject": org}});
    assert_eq!(world.ask(undated).await, json!({"state": "pending"}), "a 403 just after an authorization may be lag");
    world.sweep().await;
    assert_eq!(world.sweep().await["minted"], 1);
    assert_eq!(world.token(&reports, &org).await.status, 200);
}

/// The stored pair belongs to the earlier authorization. The `deauthorized` event is lost, and the new `authorized` event
/// has no date.
#[tokio::test]
async fn pair_of_an_earlier_authorization_is_replaced_after_lag() {
    let (world, reports, org) = ready().await;
    world.onboard(&reports, &org).await;
    world.wait(DAY);
    world.sim.webex.deauthorize(&reports, &org);
    world.sim.webex.authorize(&reports, &org);
    world.sim.webex.faults().lag(&org, 2 * SWEEP);
    let undated = json!({"reconcile": {"app": "reports", "subject": org}});
    assert_eq!(world.ask(undated).await, json!({"state": "active"}));
    world.sweep().await;
    assert!(!vends_a_live_token(&world, &reports, &org).await, "Webex still lags, so the old pair stands");
    assert_eq!(world.sweep().await["minted"], 1);
    world.wait(SETTLED);
    assert!(vends_a_live_token(&world, &reports, &org).await);
}
