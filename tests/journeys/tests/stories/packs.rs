//! Quiet grants share secrets. Nobody notices, whatever is written, taken back or killed meanwhile.

mod kills;
mod listings;
mod races;

use jiff::Timestamp;
use serde_json::{Value, json};

use super::{DAY, HOUR, SETTLED, active_token, onboard_orgs, vends_a_live_token};
use crate::harness::{App, Deployment};

/// A deployment with `count` orgs that packs an app's grants above three.
async fn quiet_orgs(count: usize) -> (Deployment, App, Vec<String>) {
    let world = Deployment::with(&[("PACK_ABOVE", "3")]).await;
    world.minter().await;
    let reports = world.app("reports");
    let orgs = onboard_orgs(&world, &reports, count).await;
    world.wait(HOUR * 2);
    (world, reports, orgs)
}

/// Like [`quiet_orgs`], after a sweep has packed them.
async fn packed_orgs(count: usize) -> (Deployment, App, Vec<String>) {
    let (world, reports, orgs) = quiet_orgs(count).await;
    world.sweep().await;
    for org in &orgs {
        assert!(is_set_aside(&world, org), "{org} should be packed");
    }
    (world, reports, orgs)
}

/// Whether the grant's own secret waits for deletion, or is gone.
fn is_set_aside(world: &Deployment, org: &str) -> bool {
    let name = format!("webex-token-broker/grants/reports/{org}");
    world.sim.secrets.is_scheduled_for_deletion(&name) || !world.sim.secrets.names().contains(&name)
}

fn packs(world: &Deployment) -> Vec<String> {
    let names = world.sim.secrets.names();
    names.into_iter().filter(|name| name.starts_with("webex-token-broker/packs/")).collect()
}

fn fence(org: &str) -> Value {
    json!({"fence": {"app": "reports", "subject": org}})
}

async fn status_of(world: &Deployment, org: &str) -> Value {
    let status = world.ask(json!({"status": {"app": "reports", "subject": org}})).await;
    status["grants"][0].clone()
}

#[tokio::test]
async fn quiet_grants_share_secrets_and_are_vended() {
    let (world, reports, orgs) = packed_orgs(8).await;
    assert_eq!(packs(&world).len(), 1, "{:?}", packs(&world));
    let vend = world.cold_vend();
    for org in &orgs {
        let vended =
            world.at(&vend, &crate::harness::TestRequest::get(&format!("/v1/apps/reports/grants/{org}/token"))).await;
        assert_eq!(vended.json()["access_token"], active_token(&world, &reports, org), "{}", vended.text);
        assert_eq!(status_of(&world, org).await["state"], "active");
    }
    let status = world.ask(json!({"status": {"app": "reports"}})).await;
    assert_eq!(
        (&status["apps"][0]["counts"]["active"], &status["apps"][0]["counts"]["packed"]),
        (&json!(8), &json!(8))
    );
}

#[tokio::test]
async fn grants_below_the_threshold_and_busy_ones_keep_their_secrets() {
    let (world, reports, orgs) = quiet_orgs(3).await;
    world.sweep().await;
    assert!(packs(&world).is_empty());
    let newest = onboard_orgs(&world, &reports, 1).await;
    world.wait(HOUR / 2);
    world.sweep().await;
    assert!(packs(&world).is_empty(), "the fourth is not quiet yet");
    world.wait(HOUR);
    world.sweep().await;
    assert!(orgs.iter().chain(&newest).all(|org| is_set_aside(&world, org)));
}

/// The minter is an Integration's grant, and records of data sources are tags of the grants' own secrets.
/// The first pack lists a split by the lowest bit of the organisation's first digit. Its other half was damaged.
#[tokio::test]
async fn unreadable_pack_keeps_no_grant_out_of_another() {
    let (world, reports, orgs) = quiet_orgs(16).await;
    // `{}`, deflated.
    let first = json!({"version": 1, "app": "reports", "pack": "0", "depths": [0, 1], "records": "q64FAA=="});
    world.sim.secrets.put_json("webex-token-broker/packs/reports/0", &first).unwrap();
    world.sim.secrets.put_text("webex-token-broker/packs/reports/1", "{").unwrap();
    let report = world.sweep().await;
    assert_eq!(report["failures"][0]["code"], "unreadable", "{report}");
    let belongs_to_first = |org: &str| org.chars().next().unwrap().to_digit(16).unwrap().is_multiple_of(2);
    for org in &orgs {
        assert_eq!(is_set_aside(&world, org), belongs_to_first(org), "{org}");
    }
    assert!(orgs.iter().any(|org| belongs_to_first(org)) && !orgs.iter().all(|org| belongs_to_first(org)));
    active_tokens(&world, &reports, &orgs).await;
}

#[tokio::test]
async fn minter_and_grants_with_data_sources_keep_their_secrets() {
    let (world, reports, orgs) = packed_orgs(4).await;
    assert!(!world.sim.secrets.is_scheduled_for_deletion("webex-token-broker/grants/minter/default"));
    let data_source = json!([{"schema_id": "5397013b-7920-4ffc-807c-e8a3e0a18f43", "url": "https://media.example.com/v1",
        "audience": "reports", "subject": "callAudioData", "token_lifetime_minutes": 1440}]);
    world.describe(&reports, &json!({"data_sources": data_source}));
    world.sweep().await;
    assert!(orgs.iter().all(|org| !is_set_aside(&world, org)), "an app with data sources is unpacked");
}

/// A week later, the own secrets are gone for good.
#[tokio::test]
async fn packed_grants_are_renewed_in_secrets_of_their_own_and_packed_again() {
    for days in [6, 8] {
        let (world, reports, orgs) = packed_orgs(4).await;
        let before = active_tokens(&world, &reports, &orgs).await;
        world.wait(DAY * days);
        for org in &orgs {
            let renewed = world.ask(json!({"renew": {"app": "reports", "subject": org, "force": true}})).await;
            assert_eq!(renewed["renewed"], true, "{renewed}");
            assert!(!is_set_aside(&world, org));
        }
        let after = active_tokens(&world, &reports, &orgs).await;
        assert!(before.iter().all(|token| !after.contains(token)), "each pair is new");
        world.wait(HOUR * 2);
        world.sweep().await;
        assert!(orgs.iter().all(|org| is_set_aside(&world, org)));
        assert_eq!(active_tokens(&world, &reports, &orgs).await, after);
    }
}

async fn active_tokens(world: &Deployment, app: &App, orgs: &[String]) -> Vec<Value> {
    let mut tokens = Vec::new();
    for org in orgs {
        let vended = world.token(app, org).await;
        assert_eq!(vended.status, 200, "{}", vended.text);
        tokens.push(vended.json()["access_token"].clone());
    }
    tokens
}

#[tokio::test]
async fn due_packed_grants_are_renewed_by_the_sweep() {
    let (world, reports, orgs) = packed_orgs(5).await;
    for _ in 0..60 {
        world.wait(HOUR * 12);
        assert_eq!(world.sweep().await["failures"], json!([]));
        for org in &orgs {
            assert!(vends_a_live_token(&world, &reports, org).await);
        }
    }
}

/// Each at the beginning of the eight hours in which it is due, so that its pack takes one merge for many.
#[tokio::test]
async fn packed_grants_are_renewed_at_three_times_a_day() {
    let (world, _, orgs) = packed_orgs(12).await;
    world.wait(DAY * 5);
    let mut renewals = 0;
    for _ in 0..72 {
        let swept_at = world.sim.clock.now();
        world.sweep().await;
        for org in &orgs {
            let renewed_at: Timestamp = status_of(&world, org).await["renewed_at"].as_str().unwrap().parse().unwrap();
            if renewed_at >= swept_at {
                renewals += 1;
                let first = i64::from(org.chars().next().unwrap().to_digit(16).unwrap() % 8);
                let since = (renewed_at.as_second() - first * 60 * 60).rem_euclid(8 * 60 * 60);
                assert!(since <= 60 * 60, "{org} was renewed {since} s after its hours began");
            }
        }
        world.wait(HOUR);
    }
    assert_eq!(renewals, orgs.len());
}

/// After seven days nothing but the pack would be left of the grant.
#[tokio::test]
async fn ended_grant_is_not_brought_back_by_its_pack() {
    let (world, reports, orgs) = packed_orgs(5).await;
    let deauthorized = world.sim.webex.deauthorize(&reports, &orgs[0]);
    world.deliver_event(&reports, &deauthorized).await;
    world.wait(SETTLED);
    assert_eq!(world.sweep().await["retired"], 1);
    for _ in 0..10 {
        assert_ne!(world.token(&reports, &orgs[0]).await.status, 200);
        assert_ne!(status_of(&world, &orgs[0]).await["state"], "active");
        world.wait(DAY);
        world.sweep().await;
    }
    assert_eq!(world.token(&reports, &orgs[0]).await.status, 404, "nothing is left of it");
    assert_eq!(world.token(&reports, &orgs[1]).await.status, 200);
}

#[tokio::test]
async fn fence_of_a_packed_grant_is_seen_within_the_cache_ttl() {
    let (world, reports, orgs) = packed_orgs(5).await;
    for _ in 0..3 {
        active_tokens(&world, &reports, &orgs).await;
        world.wait(super::MINUTE);
    }
    active_tokens(&world, &reports, &orgs).await;
    assert_eq!(world.ask(fence(&orgs[2])).await["state"], "fenced");
    world.wait(super::MINUTE);
    assert_eq!(world.token(&reports, &orgs[2]).await.status, 410);
    world.sim.secrets.version_quota(0);
    assert_eq!(world.ask(fence(&orgs[3])).await["state"], "fenced", "by a deletion");
    world.wait(super::MINUTE);
    assert_eq!(world.token(&reports, &orgs[3]).await.status, 410);
    assert_eq!(world.token(&reports, &orgs[1]).await.status, 200);
}

/// Each costs the versions that it costs in a secret of its own, and the pack takes one for all.
#[tokio::test]
async fn pack_is_written_at_most_four_times_a_day() {
    let (world, reports, orgs) = packed_orgs(30).await;
    let pack = packs(&world).remove(0);
    let since = world.sim.clock.now();
    for org in orgs.iter().take(24) {
        let renewed = world.ask(json!({"renew": {"app": "reports", "subject": org, "force": true}})).await;
        assert_eq!(renewed["renewed"], true, "{renewed}");
        world.wait(HOUR);
        world.sweep().await;
    }
    let versions = world.sim.secrets.versions(&pack);
    let written = versions.iter().filter(|version| version.created > since).count();
    assert!((2..=4).contains(&written), "{written} versions in a day");
    active_tokens(&world, &reports, &orgs).await;
}
