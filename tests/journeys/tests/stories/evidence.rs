//! A grant ends only on evidence: a refusal in Webex's own voice, and a second fact that confirms it.

use serde_json::{Value, json};
use simulator::webex::{Endpoint, Fault};

use super::{DAY, HOUR, SETTLED, active_orgs, active_token, due_orgs, failure_codes, kill_refresh_token};
use crate::harness::{App, Deployment, event};

const BLOCKED: [Endpoint; 3] = [Endpoint::Refresh, Endpoint::Mint, Endpoint::TokenExpiry];

/// Begins to answer Webex's token endpoints with the 403 page of a content-delivery network.
fn block_webex(world: &Deployment) {
    for endpoint in BLOCKED {
        world.sim.webex.faults().fail_all(endpoint, Fault::cdn_block());
    }
}

fn unblock_webex(world: &Deployment) {
    for endpoint in BLOCKED {
        world.sim.webex.faults().stop_failing(endpoint);
    }
}

/// The org withdraws, its tokens die, and the event is lost.
fn leave_without_event(world: &Deployment, app: &App, org: &str) {
    world.sim.webex.deauthorize(app, org);
}

#[tokio::test]
async fn foreign_403_fails_due_grants_and_the_next_sweep_renews() {
    let (world, reports, orgs) = due_orgs(4).await;
    block_webex(&world);
    let report = world.sweep().await;
    assert_eq!((&report["retired"], &report["failing"]), (&json!(0), &json!(4)), "{report}");
    assert_eq!(failure_codes(&report), ["foreign_answer"; 4], "the page is no verdict of Webex's: {report}");
    for org in &orgs {
        let stored = world.document(&reports, org).unwrap();
        assert_eq!((&stored["state"], &stored["failure"]["code"]), (&json!("active"), &json!("foreign_answer")));
        assert_eq!(world.token(&reports, org).await.status, 200, "the stored token is still valid");
    }
    unblock_webex(&world);
    let report = world.sweep().await;
    assert_eq!((&report["renewed"], &report["failing"]), (&json!(4), &json!(0)), "{report}");
}

#[tokio::test]
async fn foreign_403_during_33_sweeps_retires_nothing() {
    let (world, reports, orgs) = due_orgs(2).await;
    block_webex(&world);
    for sweep in 0..33 {
        let report = world.sweep().await;
        assert_eq!(report["retired"], 0, "sweep {sweep}: {report}");
        for org in &orgs {
            let vended = world.token(&reports, org).await;
            assert_eq!(vended.status, 200, "sweep {sweep}, the stored token is still valid: {}", vended.text);
        }
        world.wait(HOUR * 4);
    }
    unblock_webex(&world);
    world.sweep().await;
    for org in &orgs {
        let document = world.document(&reports, org).unwrap();
        assert_eq!(document["failure"], Value::Null, "the sweep after the block should renew");
        assert!(world.sim.webex.is_alive(&active_token(&world, &reports, org)));
    }
}

#[tokio::test]
async fn minter_without_rights_touches_no_grant() {
    let (world, reports, orgs) = due_orgs(3).await;
    let mut before = Vec::new();
    for org in &orgs {
        kill_refresh_token(&world, &reports, org);
        before.push(world.document(&reports, org).unwrap());
    }
    world.sim.webex.faults().fail_all(Endpoint::Mint, Fault::MissingRights);
    for _ in 0..2 {
        let report = world.sweep().await;
        assert_eq!((&report["retired"], &report["minted"]), (&json!(0), &json!(0)), "{report}");
        assert_eq!(failure_codes(&report), ["minter_refused"; 3], "the 403 is about the minter: {report}");
        world.wait(SETTLED);
    }
    for (org, before) in orgs.iter().zip(&before) {
        let stored = world.document(&reports, org).unwrap();
        for field in ["state", "access_token", "refresh_token"] {
            assert_eq!(stored[field], before[field], "{field} of {org} should stay as it was");
        }
        assert_eq!(world.token(&reports, org).await.status, 200, "the stored token is still valid");
    }
    world.sim.webex.faults().stop_failing(Endpoint::Mint);
    assert_eq!(world.sweep().await["minted"], 3, "a minter with its rights back serves all three");
}

#[tokio::test]
async fn departed_org_with_a_dead_token_is_retired() {
    let (world, reports, orgs) = due_orgs(2).await;
    leave_without_event(&world, &reports, &orgs[0]);
    let report = world.sweep().await;
    assert_eq!((&report["retired"], &report["renewed"]), (&json!(1), &json!(1)), "{report}");
    assert_eq!(world.state(&reports, &orgs[0]), "revoked");
    assert_eq!(world.token(&reports, &orgs[0]).await.status, 410, "a retired grant is not vended");
}

/// Webex refuses every mint of the app, and no healthy grant is left that could show whether the minter is the reason.
#[tokio::test]
async fn refusals_without_a_proven_minter_wait_for_an_operator() {
    let (world, reports, orgs) = due_orgs(2).await;
    for org in &orgs {
        leave_without_event(&world, &reports, org);
    }
    for _ in 0..2 {
        let report = world.sweep().await;
        assert_eq!(report["retired"], 0, "nothing shows that the minter may mint: {report}");
        assert_eq!(failure_codes(&report), ["not_confirmed"; 2], "{report}");
        world.wait(SETTLED);
    }
    let report = world.ask(event("sweep-allow-retirements")).await;
    assert_eq!(report["retired"], 2, "an operator has agreed: {report}");
}

#[tokio::test]
async fn refused_mint_with_a_living_token_is_not_confirmed() {
    let (world, reports, orgs) = due_orgs(2).await;
    let org = &orgs[0];
    kill_refresh_token(&world, &reports, org);
    world.sim.webex.faults().lag(org, 100); // Webex refuses the mint although the org's token lives
    for _ in 0..3 {
        world.sweep().await;
        world.wait(SETTLED);
    }
    let stored = world.document(&reports, org).unwrap();
    assert_eq!((&stored["state"], &stored["failure"]["code"]), (&json!("active"), &json!("not_confirmed")));
    assert_eq!(world.token(&reports, org).await.status, 200, "a token that lives is vended");
    world.sim.webex.kill(&active_token(&world, &reports, org));
    assert_eq!(world.sweep().await["retired"], 1, "the dead token confirms the 403");
}

#[tokio::test]
async fn single_403_before_a_200_ends_nothing() {
    let (world, reports, orgs) = due_orgs(1).await;
    kill_refresh_token(&world, &reports, &orgs[0]);
    world.sim.webex.faults().lag(&orgs[0], 1);
    let report = world.sweep().await;
    assert_eq!((&report["retired"], &report["minted"]), (&json!(0), &json!(1)), "{report}");
    assert!(world.sim.webex.is_alive(&active_token(&world, &reports, &orgs[0])));
}

#[tokio::test]
async fn authorization_dated_2099_does_not_make_lag_last() {
    let (world, reports, orgs) = due_orgs(2).await;
    let name = format!("grants/reports/{}", orgs[0]);
    let mut document = world.document(&reports, &orgs[0]).unwrap();
    document["authorized_at"] = "2099-01-01T00:00:00Z".into();
    world.put(&name, &document);
    leave_without_event(&world, &reports, &orgs[0]);
    world.sweep().await;
    world.wait(SETTLED);
    world.sweep().await;
    assert_eq!(world.state(&reports, &orgs[0]), "revoked", "a date far ahead of the clock counts as absent");
}

#[tokio::test]
async fn lost_deauthorized_event_is_noticed_within_a_day() {
    let (world, reports, orgs) = active_orgs(3).await;
    world.wait(DAY * 2);
    leave_without_event(&world, &reports, &orgs[1]);
    for _ in 0..24 {
        world.wait(HOUR);
        world.sweep().await;
    }
    let states: Vec<_> = orgs.iter().map(|org| world.state(&reports, org)).collect();
    assert_eq!(states, ["active", "revoked", "active"], "sweeps ask Webex about each token once a day");
    assert_eq!(world.token(&reports, &orgs[1]).await.status, 410, "a retired grant is not vended");
}
