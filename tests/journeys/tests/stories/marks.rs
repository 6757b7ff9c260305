//! A warm vend relies on the mark of an app: it reads a record once, and what is taken back it sees within `CACHE_TTL`.

use broker_core::token::AccessToken;
use jiff::SignedDuration;
use serde_json::{Value, json};
use simulator::secrets::{Fault, Operation};
use simulator::{Gate, Point};

use super::{DAY, MINUTE, active_orgs, active_token, frozen_at};
use crate::harness::{App, Deployment, TestRequest, run};

/// The default of `CACHE_TTL`.
const TTL: SignedDuration = SignedDuration::from_secs(60);

const INDEX: &str = "webex-token-broker/index/reports";

/// A deployment whose vend has the tokens of `count` orgs in memory and relies on the mark.
async fn warm_vend(count: usize) -> (Deployment, App, Vec<String>) {
    let (world, reports, orgs) = active_orgs(count).await;
    world.sweep().await;
    for _ in 0..3 {
        for org in &orgs {
            assert_eq!(world.token(&reports, org).await.status, 200);
        }
        world.wait(TTL);
    }
    world.sim.secrets.journal().clear();
    (world, reports, orgs)
}

async fn kill_fence_at(world: &Deployment, gate: Gate, fence: &Value) {
    let refresher = world.refresher();
    drop(frozen_at(&gate, run(&refresher, fence.clone(), DAY)).await);
    drop(gate);
}

fn fence(org: &str) -> Value {
    json!({"fence": {"app": "reports", "subject": org}})
}

#[tokio::test]
async fn warm_vend_makes_one_call_a_minute_for_all_orgs() {
    let (world, reports, orgs) = warm_vend(5).await;
    for _ in 0..60 {
        for org in &orgs {
            assert_eq!(world.token(&reports, org).await.json()["access_token"], active_token(&world, &reports, org));
        }
        world.wait(MINUTE);
    }
    let journal = world.sim.secrets.journal();
    assert_eq!((journal.count(Operation::DescribeSecret), journal.total()), (60, 60), "one look a CACHE_TTL");
}

#[tokio::test]
async fn fence_is_seen_within_the_cache_ttl() {
    let (world, reports, orgs) = warm_vend(2).await;
    assert_eq!(world.token(&reports, &orgs[0]).await.status, 200);
    let deauthorized = world.sim.webex.deauthorize(&reports, &orgs[0]);
    world.deliver_event(&reports, &deauthorized).await;
    world.wait(TTL);
    assert_eq!(world.token(&reports, &orgs[0]).await.status, 410);
    assert_eq!(world.token(&reports, &orgs[1]).await.status, 200);
}

/// The refresher dies between the mark and the fence, and the event comes again.
#[tokio::test]
async fn fence_after_a_kill_is_seen_within_the_cache_ttl() {
    for (operation, point) in [
        (Operation::TagResource, Point::BeforeEffect),
        (Operation::TagResource, Point::AfterEffect),
        (Operation::PutSecretValue, Point::AfterEffect),
        (Operation::UpdateSecretVersionStage, Point::AfterEffect),
    ] {
        let (world, reports, orgs) = warm_vend(1).await;
        let org = &orgs[0];
        let gate = world.sim.secrets.faults().gate(operation, point);
        kill_fence_at(&world, gate, &fence(org)).await;
        if operation != Operation::UpdateSecretVersionStage {
            assert_eq!(world.token(&reports, org).await.status, 200, "{operation:?}: there is no fence yet");
            world.wait(TTL);
            assert_eq!(world.token(&reports, org).await.status, 200, "{operation:?}: there is still no fence");
            assert_eq!(world.ask(fence(org)).await["state"], "fenced");
        }
        world.wait(TTL);
        assert_eq!(world.token(&reports, org).await.status, 410, "{operation:?} {point:?}");
    }
}

/// The secret takes no more versions, so the fence is a deletion.
#[tokio::test]
async fn fence_by_deletion_is_seen_within_the_cache_ttl() {
    let (world, reports, orgs) = warm_vend(1).await;
    world.sim.secrets.version_quota(0);
    assert_eq!(world.ask(fence(&orgs[0])).await["state"], "fenced");
    world.wait(TTL);
    assert_eq!(world.token(&reports, &orgs[0]).await.status, 410);
}

/// The first fence has moved the mark; a second one follows before vend has looked, and another after it.
#[tokio::test]
async fn fences_after_one_another_are_each_seen_within_the_cache_ttl() {
    let (world, reports, orgs) = warm_vend(4).await;
    for org in &orgs {
        assert_eq!(world.ask(fence(org)).await["state"], "fenced");
        world.wait(TTL / 2);
    }
    world.wait(TTL / 2);
    for org in &orgs {
        assert_eq!(world.token(&reports, org).await.status, 410);
    }
}

/// Another environment of vend got the token renewed. This one must not serve the dead one from memory.
#[tokio::test]
async fn dead_token_is_replaced_in_every_warm_vend_within_the_cache_ttl() {
    let (world, reports, orgs) = warm_vend(1).await;
    let dead = active_token(&world, &reports, &orgs[0]);
    world.sim.webex.kill(&dead);
    let body = json!({"access_token_sha256": AccessToken::new(dead.clone()).fingerprint().hex()});
    let path = format!("/v1/apps/reports/grants/{}/token/rejected", orgs[0]);
    let reported = world.at(&world.cold_vend(), &TestRequest::post(&path, &body)).await;
    assert_ne!(reported.json()["access_token"], dead, "{}", reported.text);
    world.wait(TTL);
    let vended = world.token(&reports, &orgs[0]).await;
    assert_eq!(vended.json()["access_token"], reported.json()["access_token"]);
}

/// The org left and came back, and the event of its leaving was lost: the token in memory belongs to an account that is gone.
#[tokio::test]
async fn token_of_an_earlier_authorization_is_replaced_within_the_cache_ttl() {
    let (world, reports, orgs) = warm_vend(1).await;
    world.sim.webex.deauthorize(&reports, &orgs[0]);
    world.wait(MINUTE);
    let again = world.sim.webex.authorize(&reports, &orgs[0]);
    world.deliver_event(&reports, &again).await;
    world.wait(TTL);
    let vended = world.token(&reports, &orgs[0]).await;
    assert_eq!(vended.json()["access_token"], active_token(&world, &reports, &orgs[0]), "{}", vended.text);
}

#[tokio::test]
async fn routine_renewals_move_no_mark() {
    let (world, reports, orgs) = warm_vend(3).await;
    let mark = world.sim.secrets.tags(INDEX);
    world.wait(DAY * 8);
    assert_eq!(world.sweep().await["renewed"], 4, "the orgs and the minter");
    assert_eq!(world.sim.secrets.tags(INDEX), mark);
    assert!(world.sim.webex.is_alive(world.token(&reports, &orgs[0]).await.json()["access_token"].as_str().unwrap()));
}

/// A role that may not tag. No mark can move then, so vend trusts none and reads each record once in `CACHE_TTL`.
#[tokio::test]
async fn without_a_mark_each_record_is_read_once_a_minute() {
    let world = Deployment::new().await;
    world.sim.secrets.faults().fail_all(Operation::TagResource, Fault::Error("AccessDeniedException"));
    world.minter().await;
    let reports = world.app("reports");
    let orgs = super::onboard_orgs(&world, &reports, 2).await;
    world.sweep().await;
    for _ in 0..5 {
        for org in &orgs {
            assert_eq!(world.token(&reports, org).await.status, 200);
        }
        world.wait(TTL);
    }
    let read = |org: &str| {
        let journal = world.sim.secrets.journal();
        let name = format!("webex-token-broker/grants/reports/{org}");
        journal
            .select(|entry| entry.operation == Operation::GetSecretValue && entry.field("SecretId") == Some(&name))
            .len()
    };
    assert!(orgs.iter().all(|org| read(org) >= 5), "{} and {} reads", read(&orgs[0]), read(&orgs[1]));
    assert_eq!(world.ask(fence(&orgs[0])).await["state"], "fenced", "no fence may depend on the mark");
    world.wait(TTL);
    assert_eq!(world.token(&reports, &orgs[0]).await.status, 410);
}
