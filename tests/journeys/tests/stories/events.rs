//! Events are hints: duplicated, replayed, reordered, lost or forged, they end in the state that Webex is in.

use serde_json::json;

use super::{DAY, MINUTE, SETTLED, ready};

#[tokio::test]
async fn a_duplicate_is_acknowledged_and_mints_nothing_more() {
    let (world, reports, org) = ready().await;
    let authorized = world.sim.webex.authorize(&reports, &org);
    for _ in 0..5 {
        assert_eq!(world.deliver(&reports, &authorized).await.status, 202);
        world.lambda.drain().await;
    }
    assert_eq!(world.state(&reports, &org), "active");
    assert_eq!(world.sim.webex.journal().mints(&org), 1);
}

#[tokio::test]
async fn the_authorisation_that_arrives_after_its_withdrawal_changes_nothing() {
    let (world, reports, org) = ready().await;
    let authorized = world.sim.webex.authorize(&reports, &org);
    world.wait(MINUTE);
    let deauthorized = world.sim.webex.deauthorize(&reports, &org);
    for event in [&deauthorized, &authorized] {
        world.deliver(&reports, event).await;
        world.lambda.drain().await;
    }
    assert_eq!(world.token(&reports, &org).await.status, 410);
    world.wait(SETTLED);
    world.sweep().await;
    assert_eq!(world.state(&reports, &org), "revoked");
}

#[tokio::test]
async fn an_org_that_comes_back_is_served_at_once_by_its_new_event() {
    let (world, reports, org) = ready().await;
    world.onboard(&reports, &org).await;
    world.wait(MINUTE);
    let deauthorized = world.sim.webex.deauthorize(&reports, &org);
    world.deliver_event(&reports, &deauthorized).await;
    world.wait(MINUTE);
    world.onboard(&reports, &org).await;
    let token = world.token(&reports, &org).await.json()["access_token"].clone();
    assert!(world.sim.webex.is_alive(token.as_str().unwrap()));
}

#[tokio::test]
async fn an_org_that_comes_back_after_its_retirement_is_restored() {
    let (world, reports, org) = ready().await;
    world.onboard(&reports, &org).await;
    let deauthorized = world.sim.webex.deauthorize(&reports, &org);
    world.deliver_event(&reports, &deauthorized).await;
    world.wait(SETTLED);
    assert_eq!(world.sweep().await["retired"], 1);
    world.deliver(&reports, &deauthorized).await;
    assert_eq!(world.lambda.drain().await, [json!({"state": "revoked"})], "a late duplicate changes nothing");
    world.wait(DAY);
    world.onboard(&reports, &org).await;
    assert_eq!(world.token(&reports, &org).await.status, 200);
}

#[tokio::test]
async fn an_old_authorisation_replayed_after_the_retirement_ends_where_it_was() {
    let (world, reports, org) = ready().await;
    let authorized = world.sim.webex.authorize(&reports, &org);
    world.deliver(&reports, &authorized).await;
    world.lambda.drain().await;
    world.wait(DAY);
    let deauthorized = world.sim.webex.deauthorize(&reports, &org);
    world.deliver_event(&reports, &deauthorized).await;
    world.wait(SETTLED);
    world.sweep().await;
    assert_eq!(world.deliver(&reports, &authorized).await.status, 202);
    assert_eq!(world.lambda.drain().await, [json!({"state": "revoked"})]);
    assert_eq!(world.token(&reports, &org).await.status, 410);
}

#[tokio::test]
async fn a_lost_authorisation_of_an_org_that_the_operator_named_is_found_by_the_sweep() {
    let (world, reports, org) = ready().await;
    world.describe(&reports, &json!({"orgs": [org]}));
    assert_eq!(world.sweep().await["minted"], 0);
    assert_eq!(world.state(&reports, &org), "none", "an org that has not authorised leaves no record");
    world.sim.webex.authorize(&reports, &org);
    assert_eq!(world.sweep().await["minted"], 1);
    assert_eq!(world.token(&reports, &org).await.status, 200);
}

#[tokio::test]
async fn a_named_org_is_looked_at_again_after_its_retirement() {
    let (world, reports, org) = ready().await;
    world.describe(&reports, &json!({"orgs": [org]}));
    world.onboard(&reports, &org).await;
    let deauthorized = world.sim.webex.deauthorize(&reports, &org);
    world.deliver_event(&reports, &deauthorized).await;
    world.wait(SETTLED);
    assert_eq!(world.sweep().await["retired"], 1);
    assert_eq!(world.sweep().await["minted"], 0);
    world.sim.webex.authorize(&reports, &org);
    assert_eq!(world.sweep().await["minted"], 1);
    assert_eq!(world.token(&reports, &org).await.status, 200);
}

#[tokio::test]
async fn a_lost_withdrawal_is_found_when_the_pair_is_due() {
    let (world, reports, org) = ready().await;
    world.onboard(&reports, &org).await;
    world.sim.webex.deauthorize(&reports, &org);
    world.wait(DAY * 8);
    assert_eq!(world.sweep().await["retired"], 1);
    assert_eq!(world.token(&reports, &org).await.status, 410);
}

#[tokio::test]
async fn a_lost_withdrawal_is_found_sooner_by_a_caller_whose_token_is_rejected() {
    let (world, reports, org) = ready().await;
    world.onboard(&reports, &org).await;
    let token = world.token(&reports, &org).await.json()["access_token"].as_str().unwrap().to_owned();
    world.sim.webex.deauthorize(&reports, &org);
    world.wait(SETTLED);
    let hash = broker_core::token::AccessToken::new(token).fingerprint().hex();
    let path = format!("/v1/apps/reports/grants/{org}/token/rejected");
    assert_eq!(world.call("POST", &path, Some(json!({"access_token_sha256": hash}))).await.status, 410);
}
