//! Days of sweeps over many orgs, and an outage of Webex.

use serde_json::json;
use simulator::secrets::Operation;
use simulator::webex::Endpoint;

use super::super::{HOUR, versions_within_a_day};
use super::{all_deliver, byods_orgs, hourly_sweep, life_left};

#[tokio::test]
async fn no_data_source_ends_in_three_days_of_hourly_sweeps() {
    let (world, reports, orgs) = byods_orgs(50).await;
    let first = world.sweep().await;
    assert_eq!(first["data_sources"]["renewed"], 50, "{first}");
    let (webex, secrets) = (world.sim.webex.journal(), world.sim.secrets.journal());
    webex.clear();
    secrets.clear();
    let versions: usize = orgs.iter().map(|org| versions_within_a_day(&world, &reports, org)).sum();
    for hour in 0..72 {
        let report = hourly_sweep(&world).await;
        assert!(all_deliver(&world, &orgs), "all should deliver at hour {hour}");
        assert_eq!(report["failures"], json!([]), "hour {hour}");
    }
    // Each life of 24 hours is renewed at half of it, so 6 times in 3 days: one list and one renewal each.
    assert_eq!(webex.answered(Endpoint::UpdateDataSource, 200), 50 * 6);
    assert_eq!(webex.count(Endpoint::ListDataSources), 50 * 6);
    assert_eq!(webex.count(Endpoint::CreateDataSource), 0);
    assert_eq!(secrets.count(Operation::TagResource), 50 * 6);
    let written = secrets.count(Operation::PutSecretValue);
    assert!(written < 3 * 3, "only the minter and the daily work write versions, and data sources none: {written}");
    let after: usize = orgs.iter().map(|org| versions_within_a_day(&world, &reports, org)).sum();
    assert!(after <= versions, "data sources should cost no version of a grant");
}

#[tokio::test]
async fn all_deliver_again_one_sweep_after_an_outage() {
    let (world, _, orgs) = byods_orgs(20).await;
    world.sweep().await;
    for _ in 0..9 {
        hourly_sweep(&world).await;
    }
    world.sim.webex.faults().outage(true);
    for _ in 0..6 {
        hourly_sweep(&world).await;
        assert!(all_deliver(&world, &orgs), "half a life is longer than the outage");
    }
    world.sim.webex.faults().outage(false);
    let report = hourly_sweep(&world).await;
    assert_eq!((&report["data_sources"]["renewed"], &report["failing"]), (&json!(20), &json!(0)), "{report}");
    for org in &orgs {
        assert!(life_left(&world, org) >= HOUR * 23);
    }
}

#[tokio::test]
async fn none_is_forgotten_after_an_outage_longer_than_a_life() {
    let (world, _, orgs) = byods_orgs(5).await;
    world.sweep().await;
    world.sim.webex.faults().outage(true);
    for _ in 0..30 {
        hourly_sweep(&world).await;
    }
    assert!(!all_deliver(&world, &orgs), "nothing keeps a data source alive without Webex");
    world.sim.webex.faults().outage(false);
    hourly_sweep(&world).await;
    assert!(all_deliver(&world, &orgs), "one sweep should be enough");
}
