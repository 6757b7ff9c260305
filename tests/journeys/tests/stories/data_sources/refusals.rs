//! Answers of Webex's that refuse, and answers that are not Webex's.

use serde_json::json;
use simulator::webex::{Endpoint, Fault, ForeignBody};

use super::super::{HOUR, failure_codes};
use super::{READ_WRITE, byods_orgs, byods_orgs_with, described, hourly_sweep, life_left, only};

#[tokio::test]
async fn foreign_answer_ends_nothing_and_fails_no_grant() {
    for (endpoint, status) in [(Endpoint::ListDataSources, 403), (Endpoint::UpdateDataSource, 200)] {
        let (world, reports, orgs) = byods_orgs(1).await;
        world.sweep().await;
        let before = only(&world, &orgs[0]);
        world.wait(HOUR * 13);
        world.sim.webex.faults().fail_next(endpoint, 1, Fault::foreign(status, ForeignBody::CdnBlockPage));
        let report = world.sweep().await;
        assert_eq!(failure_codes(&report), ["foreign_answer"], "{report}");
        assert_eq!((&report["failing"], &report["data_sources"]["failing"]), (&json!(0), &json!(1)), "{report}");
        assert_eq!(world.state(&reports, &orgs[0]), "active");
        assert_eq!(only(&world, &orgs[0]).id, before.id);
        let report = hourly_sweep(&world).await;
        assert_eq!((&report["data_sources"]["failing"], &report["failures"]), (&json!(0), &json!([])), "{report}");
        assert!(life_left(&world, &orgs[0]) >= HOUR * 23);
    }
}

#[tokio::test]
async fn missing_scope_fails_the_data_source_alone_and_backs_off() {
    let (world, reports, orgs) = byods_orgs_with(1, &described(), &["spark:people_read"]).await;
    for _ in 0..24 {
        hourly_sweep(&world).await;
    }
    assert_eq!(world.state(&reports, &orgs[0]), "active");
    assert_eq!(world.document(&reports, &orgs[0]).unwrap()["failure"], json!(null));
    let asked = world.sim.webex.journal().count(Endpoint::ListDataSources);
    assert!((5..=8).contains(&asked), "asked {asked} times in a day");
    let status = world.ask(json!({"status": {"app": "reports", "subject": orgs[0]}})).await;
    let shown = &status["grants"][0]["data_sources"][0];
    assert_eq!(
        (&shown["state"], &shown["code"], &shown["url"]),
        (&json!("failing"), &json!("http_403"), &json!(super::URL))
    );
    assert!(shown["tracking_id"].as_str().unwrap().starts_with("ROUTERGW_"), "{shown}");
}

#[tokio::test]
async fn token_that_webex_calls_dead_is_renewed_for_its_data_source() {
    let (world, reports, orgs) = byods_orgs(1).await;
    world.sweep().await;
    world.wait(HOUR * 13);
    let token = super::super::active_token(&world, &reports, &orgs[0]);
    assert!(world.sim.webex.kill(&token));
    let report = world.sweep().await;
    assert_eq!(report["data_sources"]["renewed"], 1, "{report}");
    assert_eq!(world.state(&reports, &orgs[0]), "active");
    assert!(life_left(&world, &orgs[0]) >= HOUR * 23);
}

#[tokio::test]
async fn lifetime_too_short_for_the_sweeps_is_named_and_not_used() {
    let mut short = described();
    short["lifetime_minutes"] = json!(120);
    let (world, _, orgs) = byods_orgs_with(1, &short, &READ_WRITE).await;
    let report = world.sweep().await;
    assert_eq!(failure_codes(&report), ["app_misconfigured"], "{report}");
    let reason = report["failures"][0]["reason"].as_str().unwrap();
    assert!(reason.contains("120 minutes") && reason.contains("at least 180"), "{reason}");
    assert!(world.sim.webex.data_sources(&orgs[0]).is_empty());
    let status = world.ask(json!({"status": {"app": "reports"}})).await;
    assert!(status["apps"][0]["problems"][0].as_str().unwrap().contains("at least 180"), "{status}");
}
