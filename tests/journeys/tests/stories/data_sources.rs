//! Data sources stay alive: the second clock, of a day at most, beside the tokens' clock of weeks.

mod crashes;
mod endings;
mod events;
mod refusals;
mod three_days;

use jiff::SignedDuration;
use serde_json::{Value, json};
use simulator::webex::DataSource;

use super::{HOUR, onboard_orgs};
use crate::harness::{App, Deployment};

const URL: &str = "https://data.example/webex";
const READ_WRITE: [&str; 2] = ["spark-admin:datasource_read", "spark-admin:datasource_write"];

/// The description of the data source that each story is about.
fn described() -> Value {
    json!({"url": URL, "schema_id": "78efc775-dccb-45ca-9acf-989a4a59f788", "audience": "data.example",
        "subject": "call-records"})
}

/// A deployment with `count` orgs whose app names one data source, before any sweep.
async fn byods_orgs(count: usize) -> (Deployment, App, Vec<String>) {
    byods_orgs_with(count, &described(), &READ_WRITE).await
}

async fn byods_orgs_with(count: usize, data_sources: &Value, scopes: &[&str]) -> (Deployment, App, Vec<String>) {
    let world = Deployment::new().await;
    world.minter().await;
    let reports = world.app_with_scopes("reports", scopes);
    world.describe(&reports, &json!({"data_sources": data_sources}));
    let orgs = onboard_orgs(&world, &reports, count).await;
    (world, reports, orgs)
}

/// The only data source of an org.
fn only(world: &Deployment, org: &str) -> DataSource {
    let found = world.sim.webex.data_sources(org);
    assert_eq!(found.len(), 1, "the org should have one data source");
    found.into_iter().next().unwrap()
}

/// Whether Webex delivers to the data sources of all `orgs`.
fn all_deliver(world: &Deployment, orgs: &[String]) -> bool {
    orgs.iter().all(|org| only(world, org).delivers(world.sim.clock.now()))
}

/// How long the JWS of an org's data source lives.
fn life_left(world: &Deployment, org: &str) -> SignedDuration {
    only(world, org).expires_at.duration_since(world.sim.clock.now())
}

/// The record of an org's data source.
fn tag(world: &Deployment, org: &str) -> String {
    let tags = world.sim.secrets.tags(&format!("webex-token-broker/grants/reports/{org}"));
    tags["webex-token-broker:data-source-1"].clone()
}

/// An hour passes, and a sweep runs, with the report as its result.
async fn hourly_sweep(world: &Deployment) -> Value {
    world.wait(HOUR);
    world.sweep_within(HOUR / 12).await
}
