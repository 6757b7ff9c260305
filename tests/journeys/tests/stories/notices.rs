//! What people and programs learn through the event bus.

mod bus;
mod changes;
mod incidents;
mod space;

use serde_json::{Value, json};

use crate::harness::{App, Deployment};
use crate::stories::{DAY, kill_refresh_token};

/// A deployment with an event bus, a console, a minter and an app that is swept once.
async fn with_bus() -> (Deployment, App) {
    let world = Deployment::with(&[("EVENT_BUS", "default"), ("CONSOLE_URL", "https://console.example")]).await;
    world.minter().await;
    let reports = world.app("reports");
    (world, reports)
}

/// An org whose pair is due in eight days, and cannot be renewed then.
async fn failing_org(world: &Deployment, reports: &App) -> String {
    let org = world.sim.webex.add_org("customer");
    world.onboard(reports, &org).await;
    world.sweep().await;
    kill_refresh_token(world, reports, &org);
    world.wait(DAY * 8);
    world.sim.webex.faults().lag(&org, 1000);
    org
}

/// The notices about incidents so far, as kind and status. All events must have the published form.
fn incidents(world: &Deployment) -> Vec<(String, String)> {
    let notices = notices(world).into_iter().filter(|notice| notice["status"] != "changed");
    notices.map(|notice| (word(&notice, "kind"), word(&notice, "status"))).collect()
}

/// The notices so far.
fn notices(world: &Deployment) -> Vec<Value> {
    assert_published_form(world);
    world.sim.events.of_type("Notice").into_iter().map(|event| event.detail).collect()
}

fn word(document: &Value, field: &str) -> String {
    document[field].as_str().unwrap().to_owned()
}

fn words(expected: &[(&str, &str)]) -> Vec<(String, String)> {
    expected.iter().map(|(kind, status)| ((*kind).to_owned(), (*status).to_owned())).collect()
}

/// Checks every event against `infra/events.schema.json`.
fn assert_published_form(world: &Deployment) {
    let text = include_str!("../../../../infra/events.schema.json");
    let mut compiler = boon::Compiler::new();
    compiler.enable_format_assertions();
    compiler.add_resource("events.json", serde_json::from_str(text).unwrap()).unwrap();
    let mut schemas = boon::Schemas::new();
    let schema = compiler.compile("events.json", &mut schemas).unwrap();
    for event in world.sim.events.taken() {
        assert_eq!(event.bus, "default");
        let sent = json!({"source": event.source, "detail-type": event.detail_type, "detail": event.detail});
        if let Err(error) = schemas.validate(&sent, schema) {
            panic!("{sent} has not the published form: {error:#}");
        }
    }
}
