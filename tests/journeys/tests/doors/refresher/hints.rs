//! `reconcile` and `fence`.

use broker_core::clock::Clock as _;
use jiff::SignedDuration;
use serde_json::{Value, json};

use super::{DAY, Desk, ORG};

const OTHER: &str = "00000000-0000-4000-8000-000000000001";

fn about_other(command: &str) -> Value {
    json!({command: {"app": "reports", "subject": OTHER}})
}

#[tokio::test]
async fn an_org_that_has_authorised_becomes_active_and_its_record_is_tagged() {
    let desk = Desk::new().await;
    desk.world.sim.webex.authorize(&desk.app, OTHER);
    assert_eq!(desk.ask(about_other("reconcile")).await, json!({"state": "active"}));
    let tags = desk.world.sim.secrets.tags(&format!("webex-token-broker/grants/reports/{OTHER}"));
    let expected = [("app", "reports"), ("managed-by", "webex-token-broker"), ("subject", OTHER)];
    assert!(expected.iter().all(|(tag, value)| tags.get(*tag).is_some_and(|is| is == value)), "{tags:?}");
    let record = desk.world.document(&desk.app, OTHER).unwrap();
    assert_eq!((&record["version"], &record["state"]), (&json!(1), &json!("active")));
    assert_eq!(record.get("authorized_at"), None, "the event had none");
}

#[tokio::test]
async fn while_webex_is_down_or_lags_the_hint_is_kept_as_pending() {
    let desk = Desk::new().await;
    desk.world.sim.webex.faults().outage(true);
    assert_eq!(desk.ask(about_other("reconcile")).await, json!({"state": "pending"}));
    desk.world.sim.webex.faults().outage(false);
    assert_eq!(desk.ask(about_other("reconcile")).await, json!({"state": "pending"}), "403, which may be lag");
    let record = desk.world.document(&desk.app, OTHER).unwrap();
    assert_eq!((record["state"].as_str(), record.get("access_token")), (Some("pending"), None));
}

#[tokio::test]
async fn a_repeated_hint_costs_no_second_pair() {
    let desk = Desk::new().await;
    let (token, mints) = (desk.access_token(), desk.world.sim.webex.journal().mints(ORG));
    for _ in 0..3 {
        let again = desk.about("reconcile", json!({"authorized_at": "2026-11-21T12:00:00Z"})).await;
        assert_eq!(again, json!({"state": "active"}));
    }
    assert_eq!((desk.access_token(), desk.world.sim.webex.journal().mints(ORG)), (token, mints));
}

#[tokio::test]
async fn a_fence_asks_nobody_holds_the_tokens_and_is_always_written_anew() {
    let desk = Desk::new().await;
    let (record, calls) = (desk.record(), desk.world.sim.webex.journal().total());
    desk.world.sim.webex.faults().outage(true);
    let mut fenced_at = Vec::new();
    for _ in 0..2 {
        desk.world.wait(SignedDuration::from_secs(10));
        assert_eq!(desk.about("fence", json!({})).await, json!({"state": "fenced"}));
        fenced_at.push(desk.record()["fenced_at"].as_str().unwrap().to_owned());
    }
    assert!(fenced_at[0] < fenced_at[1], "{fenced_at:?}");
    assert_eq!(desk.record()["refresh_token"], record["refresh_token"]);
    assert_eq!(desk.world.sim.webex.journal().total(), calls);
}

#[tokio::test]
async fn an_unknown_grant_becomes_a_fenced_record_without_tokens_whatever_its_app() {
    let desk = Desk::new().await;
    for app in ["reports", "nobodys"] {
        let answer = desk.ask(json!({"fence": {"app": app, "subject": OTHER}})).await;
        assert_eq!(answer, json!({"state": "fenced"}), "{app}");
        let name = format!("webex-token-broker/grants/{app}/{OTHER}");
        let record = desk.world.sim.secrets.current_json(&name).unwrap();
        assert_eq!((record["state"].as_str(), record.get("access_token")), (Some("fenced"), None));
        assert!(record["fenced_at"].is_string());
    }
}

#[tokio::test]
async fn a_fence_is_lifted_only_by_an_authorisation_that_is_newer_and_not_before_it() {
    let desk = Desk::new().await;
    desk.world.wait(DAY);
    desk.about("fence", json!({})).await;
    let fenced_at = desk.record()["fenced_at"].as_str().unwrap().to_owned();
    for stale in
        [json!({}), json!({"authorized_at": "2026-11-21T12:00:00Z"}), json!({"authorized_at": "2026-11-22T11:59:59Z"})]
    {
        assert_eq!(desk.about("reconcile", stale.clone()).await, json!({"state": "fenced"}), "{stale}");
        assert_eq!(desk.record()["fenced_at"], fenced_at.as_str());
    }
    let fresh = desk.about("reconcile", json!({"authorized_at": fenced_at})).await;
    assert_eq!(fresh, json!({"state": "active"}), "at the very moment of the fence is not before it");
    assert_eq!(desk.record().get("fenced_at"), None);
}

#[tokio::test]
async fn a_revoked_grant_stays_revoked_until_it_is_authorised_anew() {
    let desk = Desk::new().await;
    desk.about("fence", json!({})).await;
    desk.world.sim.webex.deauthorize(&desk.app, ORG);
    desk.world.wait(SignedDuration::from_secs(301));
    assert_eq!(desk.ask(json!({"sweep": {}})).await["retired"], 1);
    assert_eq!(desk.about("fence", json!({})).await, json!({"state": "revoked"}));
    let name = format!("webex-token-broker/grants/reports/{ORG}");
    assert!(desk.world.sim.secrets.is_scheduled_for_deletion(&name));
    desk.world.sim.webex.authorize(&desk.app, ORG);
    let now = desk.world.sim.clock.now().to_string();
    assert_eq!(desk.about("reconcile", json!({"authorized_at": now})).await, json!({"state": "active"}));
    assert!(!desk.world.sim.secrets.is_scheduled_for_deletion(&name), "taken back");
}

/// The mint that the event asks for could still succeed while Webex lags behind the withdrawal.
#[tokio::test]
async fn a_revoked_grant_that_was_fenced_again_believes_no_authorisation_that_is_older_or_undated() {
    for dated in [true, false] {
        is_not_believed(dated).await;
    }
}

async fn is_not_believed(dated: bool) {
    let desk = Desk::new().await;
    desk.about("fence", json!({})).await;
    desk.world.sim.webex.deauthorize(&desk.app, ORG);
    desk.world.wait(SignedDuration::from_secs(301));
    desk.ask(json!({"sweep": {}})).await;
    desk.world.sim.webex.authorize(&desk.app, ORG);
    let before = desk.world.clock.now().to_string();
    desk.world.wait(SignedDuration::from_secs(1));
    assert_eq!(desk.about("fence", json!({})).await, json!({"state": "revoked"}));
    let hint = if dated { json!({"authorized_at": before}) } else { json!({}) };
    assert_eq!(desk.about("reconcile", hint.clone()).await, json!({"state": "fenced"}), "{hint}");
    desk.world.wait(SignedDuration::from_secs(301));
    assert_eq!(desk.ask(json!({"sweep": {}})).await["minted"], 1, "Webex has the last word");
}
