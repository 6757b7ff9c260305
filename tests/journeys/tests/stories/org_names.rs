//! The display name of an organisation: kept where Webex tells it, and never in the way of a renewal.

use serde_json::{Value, json};
use simulator::webex::{Endpoint, Fault, ForeignBody};

use super::DAY;
use crate::harness::{App, DEVELOPER, Deployment};

/// A deployment with an app whose tokens have these scopes, and an org that has not authorised it yet.
async fn ready_with(scopes: &[&str]) -> (Deployment, App, String) {
    let world = Deployment::new().await;
    world.minter().await;
    let webex = world.sim.webex.register_service_app(DEVELOPER, scopes);
    let app = App { name: "reports", webex, secret: "webhook-secret".to_owned() };
    world.describe(&app, &json!({}));
    let keys = json!({"secrets": [app.secret], "application_id": app.webex.application_id});
    world.put("webhooks/reports", &keys);
    let org = world.sim.webex.add_org("Acme \"<b>\" Corp");
    (world, app, org)
}

async fn shown_name(world: &Deployment, org: &str) -> Value {
    let status = world.ask(json!({"status": {"app": "reports", "subject": org}})).await;
    status["grants"][0]["name"].clone()
}

fn asked(world: &Deployment) -> usize {
    world.sim.webex.journal().count(Endpoint::Organization)
}

fn versions(world: &Deployment, org: &str) -> usize {
    world.sim.secrets.versions(&format!("webex-token-broker/grants/reports/{org}")).len()
}

const MAY_READ: [&str; 1] = ["spark-admin:organizations_read"];

#[tokio::test]
async fn name_comes_with_the_mint_and_costs_no_version() {
    let (world, app, org) = ready_with(&MAY_READ).await;
    world.onboard(&app, &org).await;
    assert_eq!(shown_name(&world, &org).await, "Acme \"<b>\" Corp");
    let (plain, other_app, other_org) = ready_with(&["spark:people_read"]).await;
    plain.onboard(&other_app, &other_org).await;
    assert_eq!(versions(&world, &org), versions(&plain, &other_org));
    world.wait(DAY * 8);
    assert_eq!(world.sweep().await["renewed"], 2, "the pair of the minter, and that of the org");
    assert_eq!(asked(&world), 1, "a name that is known is not asked for at a refresh");
    assert_eq!(shown_name(&world, &org).await, "Acme \"<b>\" Corp");
}

#[tokio::test]
async fn refusal_is_remembered_until_the_next_mint() {
    let (world, app, org) = ready_with(&["spark:people_read"]).await;
    world.onboard(&app, &org).await;
    assert_eq!(world.document(&app, &org).unwrap()["org_name_withheld"], true);
    assert_eq!(shown_name(&world, &org).await, Value::Null);
    for _ in 0..3 {
        world.wait(DAY * 8);
        assert_eq!(world.sweep().await["renewed"], 2, "the pair of the minter, and that of the org");
    }
    assert_eq!(asked(&world), 1);
}

#[tokio::test]
async fn failure_to_tell_the_name_fails_no_grant_and_is_not_remembered() {
    let faults = [Fault::foreign(403, ForeignBody::CdnBlockPage), Fault::Drop, Fault::NonJson(200)];
    for fault in faults {
        let (world, app, org) = ready_with(&MAY_READ).await;
        world.sim.webex.faults().fail_all(Endpoint::Organization, fault.clone());
        world.onboard(&app, &org).await;
        assert_eq!(shown_name(&world, &org).await, Value::Null, "{fault:?}");
        assert!(world.document(&app, &org).unwrap().get("failure").is_none(), "{fault:?}");
        world.sim.webex.faults().clear();
        world.wait(DAY * 8);
        assert_eq!(world.sweep().await["renewed"], 2, "{fault:?}");
        assert_eq!(shown_name(&world, &org).await, "Acme \"<b>\" Corp", "the stored token asked before the refresh");
    }
}
