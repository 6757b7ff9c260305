//! `reconcile` and `fence`.

use broker_core::clock::Clock as _;
use jiff::SignedDuration;
use serde_json::{Value, json};

use super::{DAY, ORG, TestDeployment};

const OTHER: &str = "00000000-0000-4000-8000-000000000001";

fn about_other(command: &str) -> Value {
    json!({command: {"app": "reports", "subject": OTHER}})
}

#[tokio::test]
async fn reconcile_makes_an_active_tagged_record() {
    let deployment = TestDeployment::new().await;
    deployment.world.sim.webex.authorize(&deployment.app, OTHER);
    assert_eq!(deployment.ask(about_other("reconcile")).await, json!({"state": "active"}));
    let tags = deployment.world.sim.secrets.tags(&format!("webex-token-broker/grants/reports/{OTHER}"));
    let expected = [("app", "reports"), ("managed-by", "webex-token-broker"), ("subject", OTHER)];
    assert!(expected.iter().all(|(tag, value)| tags.get(*tag).is_some_and(|is| is == value)), "{tags:?}");
    let record = deployment.world.document(&deployment.app, OTHER).unwrap();
    assert_eq!((&record["version"], &record["state"]), (&json!(1), &json!("active")));
    assert_eq!(record.get("authorized_at"), None, "the event had none");
}

#[tokio::test]
async fn reconcile_stays_pending_while_webex_is_down_or_lags() {
    let deployment = TestDeployment::new().await;
    deployment.world.sim.webex.faults().outage(true);
    assert_eq!(deployment.ask(about_other("reconcile")).await, json!({"state": "pending"}));
    deployment.world.sim.webex.faults().outage(false);
    assert_eq!(deployment.ask(about_other("reconcile")).await, json!({"state": "pending"}), "403, which may be lag");
    let record = deployment.world.document(&deployment.app, OTHER).unwrap();
    assert_eq!((record["state"].as_str(), record.get("access_token")), (Some("pending"), None));
}

#[tokio::test]
async fn repeated_reconcile_mints_no_second_pair() {
    let deployment = TestDeployment::new().await;
    let (token, mints) = (deployment.access_token(), deployment.world.sim.webex.journal().mints(ORG));
    for _ in 0..3 {
        let again = deployment.about("reconcile", json!({"authorized_at": "2026-11-21T12:00:00Z"})).await;
        assert_eq!(again, json!({"state": "active"}));
    }
    assert_eq!((deployment.access_token(), deployment.world.sim.webex.journal().mints(ORG)), (token, mints));
}

#[tokio::test]
async fn fence_needs_no_webex_and_is_always_written_anew() {
    let deployment = TestDeployment::new().await;
    let (record, calls) = (deployment.record(), deployment.world.sim.webex.journal().total());
    deployment.world.sim.webex.faults().outage(true);
    let mut fenced_at = Vec::new();
    for _ in 0..2 {
        deployment.world.wait(SignedDuration::from_secs(10));
        assert_eq!(deployment.about("fence", json!({})).await, json!({"state": "fenced"}));
        fenced_at.push(deployment.record()["fenced_at"].as_str().unwrap().to_owned());
    }
    assert!(fenced_at[0] < fenced_at[1], "{fenced_at:?}");
    assert_eq!(deployment.record()["refresh_token"], record["refresh_token"]);
    assert_eq!(deployment.world.sim.webex.journal().total(), calls);
}

#[tokio::test]
async fn fence_of_an_unknown_grant_makes_a_record_without_tokens() {
    let deployment = TestDeployment::new().await;
    for app in ["reports", "nobodys"] {
        let answer = deployment.ask(json!({"fence": {"app": app, "subject": OTHER}})).await;
        assert_eq!(answer, json!({"state": "fenced"}), "{app}");
        let name = format!("webex-token-broker/grants/{app}/{OTHER}");
        let record = deployment.world.sim.secrets.current_json(&name).unwrap();
        assert_eq!((record["state"].as_str(), record.get("access_token")), (Some("fenced"), None));
        assert!(record["fenced_at"].is_string());
    }
}

#[tokio::test]
async fn fence_is_lifted_only_by_a_newer_authorisation() {
    let deployment = TestDeployment::new().await;
    deployment.world.wait(DAY);
    deployment.about("fence", json!({})).await;
    let fenced_at = deployment.record()["fenced_at"].as_str().unwrap().to_owned();
    for stale in
        [json!({}), json!({"authorized_at": "2026-11-21T12:00:00Z"}), json!({"authorized_at": "2026-11-22T11:59:59Z"})]
    {
        assert_eq!(deployment.about("reconcile", stale.clone()).await, json!({"state": "fenced"}), "{stale}");
        assert_eq!(deployment.record()["fenced_at"], fenced_at.as_str());
    }
    let fresh = deployment.about("reconcile", json!({"authorized_at": fenced_at})).await;
    assert_eq!(fresh, json!({"state": "active"}), "at the very moment of the fence is not before it");
    assert_eq!(deployment.record().get("fenced_at"), None);
}

#[tokio::test]
async fn revoked_grant_stays_revoked_until_authorised_anew() {
    let deployment = TestDeployment::new().await;
    deployment.about("fence", json!({})).await;
    deployment.world.sim.webex.deauthorize(&deployment.app, ORG);
    deployment.world.wait(SignedDuration::from_secs(301));
    assert_eq!(deployment.ask(json!({"sweep": {}})).await["retired"], 1);
    assert_eq!(deployment.about("fence", json!({})).await, json!({"state": "revoked"}));
    let name = format!("webex-token-broker/grants/reports/{ORG}");
    assert!(deployment.world.sim.secrets.is_scheduled_for_deletion(&name));
    deployment.world.sim.webex.authorize(&deployment.app, ORG);
    let now = deployment.world.sim.clock.now().to_string();
    assert_eq!(deployment.about("reconcile", json!({"authorized_at": now})).await, json!({"state": "active"}));
    assert!(!deployment.world.sim.secrets.is_scheduled_for_deletion(&name), "taken back");
}

/// The mint that the event asks for could still succeed while Webex lags behind the withdrawal.
#[tokio::test]
async fn refenced_revoked_grant_ignores_older_authorisations() {
    for dated in [true, false] {
        assert_not_accepted(dated).await;
    }
}

async fn assert_not_accepted(dated: bool) {
    let deployment = TestDeployment::new().await;
    deployment.about("fence", json!({})).await;
    deployment.world.sim.webex.deauthorize(&deployment.app, ORG);
    deployment.world.wait(SignedDuration::from_secs(301));
    deployment.ask(json!({"sweep": {}})).await;
    deployment.world.sim.webex.authorize(&deployment.app, ORG);
    let before = deployment.world.clock.now().to_string();
    deployment.world.wait(SignedDuration::from_secs(1));
    assert_eq!(deployment.about("fence", json!({})).await, json!({"state": "revoked"}));
    let hint = if dated { json!({"authorized_at": before}) } else { json!({}) };
    assert_eq!(deployment.about("reconcile", hint.clone()).await, json!({"state": "fenced"}), "{hint}");
    deployment.world.wait(SignedDuration::from_secs(301));
    assert_eq!(deployment.ask(json!({"sweep": {}})).await["minted"], 1, "Webex has the last word");
}
