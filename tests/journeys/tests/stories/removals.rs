//! Operators remove grants and apps, and keep organisations out.

use serde_json::{Value, json};

use super::operators::{changes, grant_status, words};
use super::{DAY, SETTLED, active_token, ready};
use crate::harness::Deployment;

async fn remove(world: &Deployment, org: &str, block: bool) -> Value {
    world.ask(json!({"remove": {"app": "reports", "subject": org, "block": block}, "operator": "ada"})).await
}

#[tokio::test]
async fn blocked_org_stays_out_until_it_is_unblocked() {
    let (world, reports, org) = ready().await;
    world.describe(&reports, &json!({ "orgs": [org] }));
    world.onboard(&reports, &org).await;
    let answer = remove(&world, &org, true).await;
    assert_eq!(answer["state"], "revoked", "{answer}");
    assert!(answer["detail"].as_str().unwrap().contains("Control Hub"), "{answer}");
    world.wait(SETTLED);
    let authorized = world.sim.webex.authorize(&reports, &org);
    world.deliver_event(&reports, &authorized).await;
    world.sweep().await;
    assert_eq!(world.token(&reports, &org).await.status, 410);
    for command in ["import", "restore"] {
        let mut request = json!({"app": "reports", "subject": org});
        if command == "import" {
            request["refresh_token"] = "any".into();
        }
        let refused = world.ask(json!({ command: request })).await;
        assert_eq!(refused["error"]["code"], "blocked", "{command}: {refused}");
    }
    let unblock = json!({"unblock": {"app": "reports", "subject": org}});
    assert_eq!(world.ask(unblock).await["state"], "active");
    assert!(world.sim.webex.is_alive(&active_token(&world, &reports, &org)));
    let grant = grant_status(&world, &org).await;
    let expected = [
        ("authorized", "event"),
        ("minted", "event"),
        ("blocked", "operator ada"),
        ("unblocked", "operator"),
        ("minted", "operator"),
    ];
    assert_eq!(changes(&grant), words(&expected));
}

#[tokio::test]
async fn unknown_org_can_be_blocked_before_it_authorizes() {
    let (world, reports, org) = ready().await;
    assert_eq!(remove(&world, &org, true).await["state"], "revoked");
    let authorized = world.sim.webex.authorize(&reports, &org);
    world.deliver_event(&reports, &authorized).await;
    assert_eq!(world.state(&reports, &org), "revoked");
    assert_eq!(world.sim.webex.journal().mints(&org), 0);
}

#[tokio::test]
async fn removed_org_is_erased_and_may_come_back() {
    let (world, reports, org) = ready().await;
    world.onboard(&reports, &org).await;
    assert_eq!(remove(&world, &org, false).await["state"], "revoked");
    assert_eq!(world.token(&reports, &org).await.status, 410);
    assert!(world.sim.secrets.is_scheduled_for_deletion(&format!("webex-token-broker/grants/reports/{org}")));
    assert_eq!(remove(&world, &org, false).await["state"], "revoked", "twice is no error");
    world.wait(DAY);
    world.onboard(&reports, &org).await;
    assert_eq!(world.token(&reports, &org).await.status, 200);
}

/// Sweeps and orgs that are named in the app's secret bring nothing back until an operator describes the app anew.
#[tokio::test]
async fn removed_app_stays_removed_until_it_is_described_again() {
    let world = Deployment::with(&[("WEBHOOK_URL", "https://broker.example")]).await;
    world.minter().await;
    let reports = world.app("reports");
    let orgs = ["one", "two", "three"].map(|name| world.sim.webex.add_org(name));
    world.describe(&reports, &json!({ "orgs": orgs }));
    assert_eq!(world.sweep().await["webhooks_repaired"], 2, "the registrations of two events");
    let unconfirmed = world.ask(json!({"remove_app": {"app": "reports", "confirm": "report"}})).await;
    assert_eq!(unconfirmed["error"]["code"], "invalid_request", "{unconfirmed}");
    for org in &orgs {
        world.onboard(&reports, org).await;
    }
    let remove = || json!({"remove_app": {"app": "reports", "confirm": "reports"}});
    let answer = world.ask(remove()).await;
    assert_eq!((&answer["removed"], &answer["left"]), (&json!(3), &json!(0)), "{answer}");
    assert!(answer["next_steps"].to_string().contains("apps/reports"), "{answer}");
    assert_eq!(world.ask(remove()).await["removed"], 0, "twice is no error");
    let report = world.sweep().await;
    assert_eq!((&report["minted"], &report["webhooks_repaired"]), (&json!(0), &json!(0)), "{report}");
    for org in &orgs {
        assert_eq!(world.token(&reports, org).await.status, 410);
    }
    world.describe(&reports, &json!({ "orgs": orgs, "note": "again" }));
    assert_eq!(world.sweep().await["minted"], 3, "the orgs still authorise the app");
}
