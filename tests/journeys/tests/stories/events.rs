//! Events are hints. Duplicated, replayed, reordered or lost, they leave each grant in the state that Webex has for it.

use serde_json::json;

use super::{DAY, MINUTE, SETTLED, ready};

#[tokio::test]
async fn duplicate_event_is_acknowledged_without_another_mint() {
    let (world, reports, org) = ready().await;
    let authorized = world.sim.webex.authorize(&reports, &org);
    for _ in 0..5 {
        assert_eq!(world.deliver(&reports, &authorized).await.status, 202);
        world.lambda.drain().await;
    }
    assert_eq!(world.state(&reports, &org), "active");
    assert_eq!(world.sim.webex.journal().mints(&org), 1, "the duplicates should find a living pair");
}

#[tokio::test]
async fn authorized_event_after_its_deauthorized_changes_nothing() {
    let (world, reports, org) = ready().await;
    let authorized = world.sim.webex.authorize(&reports, &org);
    world.wait(MINUTE);
    let deauthorized = world.sim.webex.deauthorize(&reports, &org);
    for event in [&deauthorized, &authorized] {
        world.deliver(&reports, event).await;
        world.lambda.drain().await;
    }
    assert_eq!(world.token(&reports, &org).await.status, 410, "the older event does not lift the fence");
    world.wait(SETTLED);
    world.sweep().await;
    assert_eq!(world.state(&reports, &org), "revoked", "Webex confirmed the withdrawal");
}

#[tokio::test]
async fn fenced_org_is_served_at_once_after_a_new_authorization() {
    let (world, reports, org) = ready().await;
    world.onboard(&reports, &org).await;
    world.wait(MINUTE);
    let deauthorized = world.sim.webex.deauthorize(&reports, &org);
    world.deliver_event(&reports, &deauthorized).await;
    world.wait(MINUTE);
    world.onboard(&reports, &org).await;
    let token = world.token(&reports, &org).await.json()["access_token"].clone();
    assert!(world.sim.webex.is_alive(token.as_str().unwrap()), "Webex should accept the vended token");
}

#[tokio::test]
async fn retired_org_is_served_after_a_new_authorization() {
    let (world, reports, org) = ready().await;
    world.onboard(&reports, &org).await;
    let deauthorized = world.sim.webex.deauthorize(&reports, &org);
    world.deliver_event(&reports, &deauthorized).await;
    world.wait(SETTLED);
    assert_eq!(world.sweep().await["retired"], 1);
    world.deliver(&reports, &deauthorized).await;
    assert_eq!(world.lambda.drain().await, [json!({"state": "revoked"})], "a late duplicate should change nothing");
    world.wait(DAY);
    world.onboard(&reports, &org).await;
    assert_eq!(world.token(&reports, &org).await.status, 200, "a new authorization restores the grant");
}

#[tokio::test]
async fn replayed_authorized_event_leaves_a_retired_grant_revoked() {
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
    assert_eq!(world.lambda.drain().await, [json!({"state": "revoked"})], "Webex still refuses to mint");
    assert_eq!(world.token(&reports, &org).await.status, 410, "a replay restores nothing");
}

#[tokio::test]
async fn sweep_finds_a_configured_org_whose_event_was_lost() {
    let (world, reports, org) = ready().await;
    world.describe(&reports, &json!({"orgs": [org]}));
    assert_eq!(world.sweep().await["minted"], 0);
    assert_eq!(world.state(&reports, &org), "none", "an org that has not authorized the app gets no record");
    world.sim.webex.authorize(&reports, &org);
    assert_eq!(world.sweep().await["minted"], 1, "the sweep should ask Webex about each configured org");
    assert_eq!(world.token(&reports, &org).await.status, 200);
}

#[tokio::test]
async fn sweep_checks_a_configured_org_again_after_retirement() {
    let (world, reports, org) = ready().await;
    world.describe(&reports, &json!({"orgs": [org]}));
    world.onboard(&reports, &org).await;
    let deauthorized = world.sim.webex.deauthorize(&reports, &org);
    world.deliver_event(&reports, &deauthorized).await;
    world.wait(SETTLED);
    assert_eq!(world.sweep().await["retired"], 1);
    assert_eq!(world.sweep().await["minted"], 0);
    world.sim.webex.authorize(&reports, &org);
    assert_eq!(world.sweep().await["minted"], 1, "the sweep should ask Webex about each configured org");
    assert_eq!(world.token(&reports, &org).await.status, 200);
}

#[tokio::test]
async fn lost_deauthorized_event_is_noticed_when_the_pair_is_due() {
    let (world, reports, org) = ready().await;
    world.onboard(&reports, &org).await;
    world.sim.webex.deauthorize(&reports, &org);
    world.wait(DAY * 8);
    assert_eq!(world.sweep().await["retired"], 1);
    assert_eq!(world.token(&reports, &org).await.status, 410);
}

/// A caller's report ends no grant: it makes the next sweep ask.
#[tokio::test]
async fn lost_deauthorized_event_is_noticed_by_a_rejected_token() {
    let (world, reports, org) = ready().await;
    world.onboard(&reports, &org).await;
    let token = world.token(&reports, &org).await.json()["access_token"].as_str().unwrap().to_owned();
    world.sim.webex.deauthorize(&reports, &org);
    world.wait(SETTLED);
    let hash = broker_core::token::AccessToken::new(token).fingerprint().hex();
    let path = format!("/v1/apps/reports/grants/{org}/token/rejected");
    let answer = world.call("POST", &path, Some(json!({"access_token_sha256": hash}))).await;
    assert_eq!(answer.status, 503, "the token cannot be renewed now: {}", answer.text);
    world.wait(SETTLED);
    assert_eq!(world.sweep().await["retired"], 1, "the sweep should find the evidence");
    assert_eq!(world.token(&reports, &org).await.status, 410, "a retired grant is not vended");
}
