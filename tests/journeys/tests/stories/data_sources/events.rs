//! Webex's events about data sources: a hint to look, nothing else.

use serde_json::json;
use simulator::webex::{DataSource, Delivery, Endpoint};

use super::super::{HOUR, MINUTE};
use super::{READ_WRITE, byods_orgs, byods_orgs_with, described, hourly_sweep, only};
use crate::harness::{App, Deployment};

async fn sweep_with_webhooks(world: &Deployment) {
    world.ask(json!({"sweep": {"webhook_url": "https://broker.example"}})).await;
}

/// The events of the org's webhooks for data sources.
fn registered(world: &Deployment) -> Vec<String> {
    let webhooks = world.sim.webex.registered_webhooks();
    let ours = webhooks.iter().filter(|webhook| webhook.resource == "dataSources" && webhook.active);
    ours.map(|webhook| format!("{} {}", webhook.event, webhook.target_url)).collect()
}

fn signed(app: &App, data_source: &DataSource) -> Delivery {
    let org = simulator::webex::ids::org_id(&data_source.org);
    let body = json!({"resource": "dataSources", "event": "updated", "orgId": org, "data": {"id": data_source.id}});
    Delivery::sign(&app.secret, body.to_string().into_bytes())
}

#[tokio::test]
async fn webhooks_are_registered_once_for_each_org_and_signed() {
    let (world, reports, _) = byods_orgs(2).await;
    sweep_with_webhooks(&world).await;
    let mut events = registered(&world);
    events.sort();
    let url = "https://broker.example/webhooks/reports";
    let expected: Vec<String> =
        ["created", "created", "deleted", "deleted", "updated", "updated"].map(|event| format!("{event} {url}")).into();
    assert_eq!(events, expected);
    let webhooks = world.sim.webex.registered_webhooks();
    let ours = webhooks.iter().filter(|webhook| webhook.resource == "dataSources");
    assert!(ours.clone().all(|webhook| webhook.secret.as_ref() == Some(&reports.secret)));
    let created = world.sim.webex.journal().count(Endpoint::CreateWebhook);
    world.wait(HOUR * 13);
    sweep_with_webhooks(&world).await;
    assert_eq!(world.sim.webex.journal().count(Endpoint::CreateWebhook), created, "they are there already");
}

#[tokio::test]
async fn app_without_data_sources_gets_no_webhooks_for_them() {
    let (world, _, _) = super::super::active_orgs(1).await;
    sweep_with_webhooks(&world).await;
    assert_eq!(registered(&world), Vec::<String>::new());
}

#[tokio::test]
async fn event_makes_the_refresher_look_at_once() {
    let mut forced = described();
    forced["reactivate"] = json!(true);
    let (world, reports, orgs) = byods_orgs_with(1, &forced, &READ_WRITE).await;
    world.sweep().await;
    world.wait(HOUR);
    let disabled = DataSource { disabled: Some("full".to_owned()), ..only(&world, &orgs[0]) };
    world.sim.webex.put_data_source(disabled.clone());
    assert_eq!(world.post(reports.name, &signed(&reports, &disabled)).await.status, 202);
    assert_eq!(world.lambda.drain().await[0]["renewed"], 1);
    assert!(only(&world, &orgs[0]).delivers(world.sim.clock.now()));
}

#[tokio::test]
async fn event_of_the_brokers_own_renewal_asks_nothing() {
    let (world, reports, orgs) = byods_orgs(1).await;
    world.sweep().await;
    world.sim.webex.journal().clear();
    for _ in 0..20 {
        world.post(reports.name, &signed(&reports, &only(&world, &orgs[0]))).await;
    }
    world.lambda.drain().await;
    assert_eq!(world.sim.webex.journal().total(), 0, "the look of a moment ago answers them");
    world.wait(MINUTE * 2);
    world.post(reports.name, &signed(&reports, &only(&world, &orgs[0]))).await;
    world.lambda.drain().await;
    assert_eq!(world.sim.webex.journal().count(Endpoint::ListDataSources), 1);
}

#[tokio::test]
async fn event_about_an_unknown_org_changes_nothing() {
    let (world, reports, orgs) = byods_orgs(1).await;
    world.sweep().await;
    let stranger = DataSource { org: world.sim.webex.add_org("stranger"), ..only(&world, &orgs[0]) };
    assert_eq!(world.post(reports.name, &signed(&reports, &stranger)).await.status, 202);
    let answers = world.lambda.drain().await;
    assert_eq!(answers[0]["renewed"], 0, "{answers:?}");
    assert!(world.document(&reports, &stranger.org).is_none(), "an event should make no grant");
    let forged = Delivery::sign("guessed", b"{}".to_vec());
    assert_eq!(world.post(reports.name, &forged).await.status, 401);
    hourly_sweep(&world).await;
}
