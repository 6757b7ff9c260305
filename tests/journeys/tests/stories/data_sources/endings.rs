//! Data sources that someone disables, changes or ends.

use serde_json::json;
use simulator::webex::{DataSource, Endpoint};

use super::super::{HOUR, failure_codes};
use super::{READ_WRITE, byods_orgs, byods_orgs_with, described, hourly_sweep, life_left, only};

#[tokio::test]
async fn disabled_data_source_is_reported_once_and_left_alone() {
    let (world, _, orgs) = byods_orgs(1).await;
    world.sweep().await;
    let disabled = DataSource { disabled: Some("not approved".to_owned()), ..only(&world, &orgs[0]) };
    world.sim.webex.put_data_source(disabled.clone());
    let mut reports = Vec::new();
    for _ in 0..48 {
        reports.push(hourly_sweep(&world).await);
    }
    let told: Vec<_> = reports.iter().filter(|report| !failure_codes(report).is_empty()).collect();
    assert_eq!(told.len(), 1, "it should be reported once");
    assert_eq!(failure_codes(told[0]), ["data_source_disabled"]);
    let reason = told[0]["failures"][0]["reason"].as_str().unwrap();
    assert!(reason.contains("not approved") && reason.contains("reactivate"), "{reason}");
    assert_eq!(reports[47]["data_sources"]["disabled"], 1);
    assert_eq!(only(&world, &orgs[0]), disabled, "it should be left as it is");
    let status = world.ask(json!({"status": {"app": "reports", "subject": orgs[0]}})).await;
    let shown = &status["grants"][0]["data_sources"][0];
    assert_eq!((&shown["state"], &shown["message"]), (&json!("disabled"), &json!("not approved")));
    let active = DataSource { disabled: None, ..disabled };
    world.sim.webex.put_data_source(active);
    for _ in 0..7 {
        hourly_sweep(&world).await;
    }
    assert!(only(&world, &orgs[0]).delivers(world.sim.clock.now()), "an administrator made it active again");
}

#[tokio::test]
async fn disabled_data_source_is_forced_back_only_if_asked_for() {
    let mut forced = described();
    forced["reactivate"] = json!(true);
    let (world, _, orgs) = byods_orgs_with(1, &json!([forced]), &READ_WRITE).await;
    world.sweep().await;
    world.sim.webex.put_data_source(DataSource { disabled: Some("full".to_owned()), ..only(&world, &orgs[0]) });
    for _ in 0..13 {
        hourly_sweep(&world).await;
    }
    assert!(only(&world, &orgs[0]).delivers(world.sim.clock.now()));
}

#[tokio::test]
async fn changed_description_is_applied_by_the_next_sweep() {
    let (world, reports, orgs) = byods_orgs(1).await;
    world.sweep().await;
    let before = only(&world, &orgs[0]);
    let mut moved = described();
    moved["url"] = json!("https://new.example/webex");
    world.describe(&reports, &json!({"data_sources": moved}));
    hourly_sweep(&world).await;
    let after = only(&world, &orgs[0]);
    assert_eq!((&after.id, after.url.as_str()), (&before.id, "https://new.example/webex"));
}

#[tokio::test]
async fn data_source_of_someone_else_is_left_alone() {
    let (world, _, orgs) = byods_orgs(1).await;
    world.sweep().await;
    let theirs = DataSource { id: "0".to_owned(), subject: "theirs".to_owned(), ..only(&world, &orgs[0]) };
    world.sim.webex.put_data_source(theirs.clone());
    for _ in 0..25 {
        hourly_sweep(&world).await;
    }
    let found = world.sim.webex.data_sources(&orgs[0]);
    assert_eq!((found.len(), found.contains(&theirs)), (2, true), "{found:?}");
}

#[tokio::test]
async fn deleted_data_source_is_registered_again() {
    let (world, _, orgs) = byods_orgs(1).await;
    world.sweep().await;
    let before = only(&world, &orgs[0]);
    world.sim.webex.delete_data_source(&before.id);
    for _ in 0..13 {
        hourly_sweep(&world).await;
    }
    assert_ne!(only(&world, &orgs[0]).id, before.id);
    assert!(life_left(&world, &orgs[0]) >= HOUR * 22);
}

#[tokio::test]
async fn removed_grant_takes_its_data_source_along() {
    let (world, reports, orgs) = byods_orgs(2).await;
    world.sweep().await;
    world.ask(json!({"remove": {"app": "reports", "subject": orgs[0]}})).await;
    assert!(world.sim.webex.data_sources(&orgs[0]).is_empty());
    assert_eq!(world.state(&reports, &orgs[1]), "active");
    only(&world, &orgs[1]);
    world.ask(json!({"remove_app": {"app": "reports", "confirm": "reports"}})).await;
    assert!(world.sim.webex.data_sources(&orgs[1]).is_empty());
}

#[tokio::test]
async fn fenced_grant_makes_no_call_and_raises_no_alarm() {
    let (world, reports, orgs) = byods_orgs(1).await;
    world.sweep().await;
    world.ask(json!({"fence": {"app": "reports", "subject": orgs[0]}})).await;
    world.sim.webex.journal().clear();
    world.wait(HOUR * 13);
    world.sim.webex.faults().outage(true);
    world.sweep().await;
    assert_eq!(world.state(&reports, &orgs[0]), "fenced");
    assert_eq!(world.sim.webex.journal().count(Endpoint::ListDataSources), 0);
    assert_eq!(super::tag(&world, &orgs[0]), "none", "the record of a grant that is not active is forgotten");
}

#[tokio::test]
async fn app_without_data_sources_makes_no_call_about_them() {
    let (world, _, _) = super::super::active_orgs(2).await;
    let report = world.sweep().await;
    assert_eq!(report["data_sources"], json!(null));
    let journal = world.sim.webex.journal();
    assert_eq!(journal.select(|entry| entry.path.contains("dataSources")).len(), 0);
}
