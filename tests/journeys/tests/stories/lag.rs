//! Webex lags behind its own events.

use serde_json::json;

use super::{DAY, SETTLED, ready, vends_a_live_token};

#[tokio::test]
async fn a_short_lag_is_waited_out() {
    let (world, reports, org) = ready().await;
    world.sim.webex.faults().lag(&org, 2);
    world.onboard(&reports, &org).await;
    assert!(world.sim.webex.faults().unconsumed().is_empty());
}

#[tokio::test]
async fn a_long_lag_leaves_a_pending_grant_that_the_sweep_makes_active() {
    let (world, reports, org) = ready().await;
    let event = world.sim.webex.authorize(&reports, &org);
    world.sim.webex.faults().lag(&org, 5);
    world.deliver(&reports, &event).await;
    assert_eq!(world.lambda.drain().await, [json!({"state": "pending"})]);
    let vended = world.token(&reports, &org).await;
    assert_eq!(vended.status, 409);
    assert!(vended.header("retry-after").parse::<u32>().is_ok());
    assert_eq!(world.sweep().await["pending"], 1);
    let second = world.sweep().await;
    assert_eq!((&second["pending"], &second["minted"]), (&json!(0), &json!(1)));
    assert_eq!(world.token(&reports, &org).await.status, 200);
}

#[tokio::test]
async fn an_org_that_webex_never_confirms_is_ended_after_the_lag_allowance() {
    let (world, reports, org) = ready().await;
    let event = world.sim.webex.authorize(&reports, &org);
    world.sim.webex.deauthorize(&reports, &org); // and that event is lost
    world.deliver(&reports, &event).await;
    assert_eq!(world.lambda.drain().await, [json!({"state": "pending"})]);
    world.wait(SETTLED);
    assert_eq!(world.sweep().await["retired"], 1);
    assert_eq!(world.token(&reports, &org).await.status, 410);
}

#[tokio::test]
async fn a_repeated_authorisation_during_lag_never_ends_what_works() {
    let (world, reports, org) = ready().await;
    world.onboard(&reports, &org).await;
    world.wait(SETTLED);
    world.sim.webex.deauthorize(&reports, &org);
    let again = world.sim.webex.authorize(&reports, &org);
    world.sim.webex.faults().lag(&org, 6);
    world.deliver(&reports, &again).await;
    assert_eq!(world.lambda.drain().await, [json!({"state": "active"})]);
    for expected in [0, 0, 1] {
        assert_eq!(world.sweep().await["minted"], expected, "what failed is tried again by the next sweep");
    }
    assert_eq!(world.document(&reports, &org).unwrap()["failure"], serde_json::Value::Null);
    assert!(vends_a_live_token(&world, &reports, &org).await);
}

#[tokio::test]
async fn an_authorisation_without_a_date_is_as_new_as_it_gets() {
    let (world, reports, org) = ready().await;
    world.onboard(&reports, &org).await;
    world.wait(DAY);
    let withdrawn = world.sim.webex.deauthorize(&reports, &org);
    world.deliver_event(&reports, &withdrawn).await;
    world.wait(SETTLED);
    assert_eq!(world.sweep().await["retired"], 1);
    world.sim.webex.authorize(&reports, &org);
    world.sim.webex.faults().lag(&org, 5);
    let undated = json!({"reconcile": {"app": "reports", "subject": org}});
    assert_eq!(world.ask(undated).await, json!({"state": "pending"}), "a 403 is lag for a while");
    world.sweep().await;
    assert_eq!(world.sweep().await["minted"], 1);
    assert_eq!(world.token(&reports, &org).await.status, 200);
}

/// The pair is of the authorisation before. No event tells of its end, and the one of its replacement has no date.
#[tokio::test]
async fn a_pair_that_was_left_behind_is_replaced_once_webex_has_caught_up() {
    let (world, reports, org) = ready().await;
    world.onboard(&reports, &org).await;
    world.wait(DAY);
    world.sim.webex.deauthorize(&reports, &org);
    world.sim.webex.authorize(&reports, &org);
    world.sim.webex.faults().lag(&org, 2);
    let undated = json!({"reconcile": {"app": "reports", "subject": org}});
    assert_eq!(world.ask(undated).await, json!({"state": "active"}));
    world.sweep().await;
    assert!(!vends_a_live_token(&world, &reports, &org).await, "still lagging");
    assert_eq!(world.sweep().await["minted"], 1);
    world.wait(SETTLED);
    assert!(vends_a_live_token(&world, &reports, &org).await);
}
