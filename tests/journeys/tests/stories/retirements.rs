//! Retirements without a fence are limited in each sweep, and each retirement can be undone.

use futures_util::future::{Either, select};
use serde_json::{Value, json};
use simulator::Point;
use simulator::secrets::Operation;
use simulator::webex::Change;

use super::{DAY, SETTLED, active_token, due_orgs, failure_codes, frozen_at, kill_refresh_token, ready};
use crate::harness::{App, Deployment, event, run};

/// A deployment in which `leaving` of `grants` orgs have left without an event. A mint for one that stays proves the
/// minter good.
async fn departed(grants: usize, leaving: usize) -> (Deployment, App, Vec<String>) {
    let (world, reports, orgs) = due_orgs(grants).await;
    for org in &orgs[..leaving] {
        world.sim.webex.deauthorize(&reports, org);
    }
    kill_refresh_token(&world, &reports, &orgs[leaving]);
    (world, reports, orgs)
}

#[tokio::test]
async fn sweep_retires_three_grants_or_a_tenth_without_a_fence() {
    for (grants, leaving) in [(6, 3), (40, 4)] {
        let (world, reports, orgs) = departed(grants, leaving).await;
        let report = world.sweep().await;
        assert_eq!(report["retired"], leaving, "{leaving} of {grants}: {report}");
        for org in &orgs[..leaving] {
            assert_eq!(world.state(&reports, org), "revoked");
        }
    }
}

#[tokio::test]
async fn sweep_holds_all_retirements_beyond_its_limit() {
    for (grants, leaving) in [(6, 4), (40, 5)] {
        let (world, reports, orgs) = departed(grants, leaving).await;
        for _ in 0..2 {
            let report = world.sweep().await;
            assert_eq!(report["retired"], 0, "{leaving} of {grants} are too many: {report}");
            assert_eq!(failure_codes(&report), vec!["retirements_held"; leaving], "{report}");
            for org in &orgs[..leaving] {
                assert_eq!(world.state(&reports, org), "active", "a held grant stays as it was");
            }
            world.wait(SETTLED);
        }
        let report = world.ask(event("sweep-allow-retirements")).await;
        assert_eq!(report["retired"], leaving, "an operator has agreed: {report}");
        assert_eq!(world.token(&reports, &orgs[0]).await.status, 410, "a retired grant is not vended");
        assert_eq!(world.token(&reports, &orgs[leaving]).await.status, 200, "the others are served");
    }
}

/// A fence is evidence of its own, so its retirements are not limited.
#[tokio::test]
async fn sweep_retires_any_number_of_settled_fences() {
    let (world, reports, orgs) = due_orgs(5).await;
    for org in &orgs {
        let deauthorized = world.sim.webex.deauthorize(&reports, org);
        world.deliver_event(&reports, &deauthorized).await;
    }
    world.wait(SETTLED);
    assert_eq!(world.sweep().await["retired"], 5);
}

fn restore(org: &str) -> Value {
    json!({"restore": {"app": "reports", "subject": org}})
}

/// Webex refuses mints although the org has not left, until the fence of a stale event is settled.
async fn wrongly_retired() -> (Deployment, App, String) {
    let (world, reports, org) = ready().await;
    world.onboard(&reports, &org).await;
    let stale = world.sim.webex.event(Change::Deauthorized, &reports, &org);
    world.deliver_event(&reports, &stale).await;
    world.wait(SETTLED);
    world.sim.webex.faults().lag(&org, 100);
    assert_eq!(world.sweep().await["retired"], 1);
    world.sim.webex.faults().clear();
    world.sim.webex.journal().clear();
    (world, reports, org)
}

#[tokio::test]
async fn restore_refreshes_the_pair_before_the_retirement() {
    let (world, reports, org) = wrongly_retired().await;
    let answer = world.ask(restore(&org)).await;
    assert_eq!(answer["state"], "active", "{answer}");
    let journal = world.sim.webex.journal();
    assert_eq!((journal.refreshes(), journal.mints(&org)), (1, 0), "the earlier pair still works");
    assert!(world.sim.webex.is_alive(&active_token(&world, &reports, &org)));
    let name = format!("webex-token-broker/grants/reports/{org}");
    assert!(!world.sim.secrets.is_scheduled_for_deletion(&name), "the secret should be taken out of deletion");
}

#[tokio::test]
async fn restore_mints_when_the_earlier_pair_is_dead() {
    let (world, reports, org) = ready().await;
    world.onboard(&reports, &org).await;
    let deauthorized = world.sim.webex.deauthorize(&reports, &org);
    world.deliver_event(&reports, &deauthorized).await;
    world.wait(SETTLED);
    assert_eq!(world.sweep().await["retired"], 1);
    let answer = world.ask(restore(&org)).await;
    assert_ne!(answer["error"], Value::Null, "the org has not come back: {answer}");
    assert_eq!(world.token(&reports, &org).await.status, 410, "a failed restore serves nothing");
    world.sim.webex.authorize(&reports, &org); // its event is lost
    world.wait(DAY);
    let answer = world.ask(restore(&org)).await;
    assert_eq!(answer["state"], "active", "{answer}");
    assert!(world.sim.webex.is_alive(&active_token(&world, &reports, &org)));
}

/// A sweep deletes the secret of a retired grant just after a new authorization has been stored in it, and is killed.
#[tokio::test]
async fn sweep_restores_a_new_grant_deleted_by_a_killed_sweep() {
    let (world, reports, org) = ready().await;
    world.onboard(&reports, &org).await;
    let deauthorized = world.sim.webex.deauthorize(&reports, &org);
    world.deliver_event(&reports, &deauthorized).await;
    world.wait(SETTLED);
    let faults = world.sim.secrets.faults();
    let before = faults.gate(Operation::DeleteSecret, Point::BeforeEffect);
    let refresher = world.refresher();
    let retiring = frozen_at(&before, run(&refresher, event("sweep"), DAY)).await;
    world.onboard(&reports, &org).await;
    let after = faults.gate(Operation::DeleteSecret, Point::AfterEffect);
    before.release();
    match select(retiring, Box::pin(after.wait_reached())).await {
        Either::Right(((), killed)) => drop(killed),
        Either::Left((report, _)) => panic!("the sweep ended without deleting: {report:?}"),
    }
    drop(after);
    let name = format!("webex-token-broker/grants/reports/{org}");
    assert!(world.sim.secrets.is_scheduled_for_deletion(&name), "the deletion took effect");
    world.sweep().await;
    assert!(!world.sim.secrets.is_scheduled_for_deletion(&name), "an active grant should be taken out of deletion");
    assert!(world.sim.webex.is_alive(&active_token(&world, &reports, &org)));
}
