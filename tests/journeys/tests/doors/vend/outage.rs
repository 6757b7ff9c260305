//! Secrets Manager does not answer.

use jiff::SignedDuration;
use simulator::secrets::{Fault, Operation};

use super::{DAY, Desk};
use crate::harness::{Answer, lines_about};

const TTL: SignedDuration = SignedDuration::from_secs(60);
/// Longer than a store that was away counts as away.
const LATER: SignedDuration = SignedDuration::from_secs(10);

fn is_unavailable(answer: &Answer) -> bool {
    (answer.status, answer.problem(), answer.retry_after() > 0) == (503, "unavailable".to_owned(), true)
}

#[tokio::test]
async fn a_warm_vend_bridges_it_for_as_long_as_the_token_lives() {
    let desk = Desk::new().await;
    assert_eq!(desk.token(&desk.org, "").await.status, 200);
    desk.world.sim.secrets.faults().outage(true);
    for _ in 0..13 {
        desk.world.wait(DAY);
        let answer = desk.token(&desk.org, "").await;
        assert_eq!(answer.status, 200);
        assert_eq!(answer.json()["access_token"], desk.stored().as_str());
        assert_eq!(answer.json()["expires_in"], desk.left(&answer));
    }
    assert!(
        is_unavailable(&desk.token(&desk.org, "?min_ttl=604800").await),
        "a day is left, and nothing can be renewed"
    );
    desk.world.wait(DAY);
    assert!(is_unavailable(&desk.token(&desk.org, "?min_ttl=0").await), "the token has ended");
}

#[tokio::test]
async fn a_cold_vend_cannot_bridge_it() {
    let desk = Desk::new().await;
    desk.world.sim.secrets.faults().outage(true);
    assert!(is_unavailable(&desk.token(&desk.org, "").await));
    desk.world.sim.secrets.faults().outage(false);
    assert_eq!(desk.token(&desk.org, "").await.status, 200);
}

#[tokio::test]
async fn the_store_is_asked_once_and_then_left_alone_for_a_moment() {
    let desk = Desk::new().await;
    assert_eq!(desk.token(&desk.org, "").await.status, 200);
    desk.world.sim.secrets.faults().outage(true);
    desk.world.wait(TTL);
    assert_eq!(desk.token(&desk.org, "").await.status, 200);
    let calls = desk.calls();
    for _ in 0..5 {
        assert_eq!(desk.token(&desk.org, "").await.status, 200);
    }
    assert_eq!(desk.calls(), calls);
    desk.world.wait(LATER);
    assert_eq!(desk.token(&desk.org, "").await.status, 200);
    assert!(desk.calls().0 > calls.0, "and asked again");
}

#[tokio::test]
async fn a_fence_is_seen_as_soon_as_the_store_is_back() {
    let desk = Desk::new().await;
    assert_eq!(desk.token(&desk.org, "").await.status, 200);
    desk.world.sim.secrets.faults().outage(true);
    desk.world.wait(TTL);
    assert_eq!(desk.token(&desk.org, "").await.status, 200);
    desk.world.sim.secrets.faults().outage(false);
    desk.fence().await;
    desk.world.wait(LATER);
    assert_eq!(desk.token(&desk.org, "").await.status, 410);
    desk.world.sim.secrets.faults().outage(true);
    desk.world.wait(TTL);
    assert!(is_unavailable(&desk.token(&desk.org, "").await), "a fenced record is nothing to bridge with");
}

#[tokio::test]
async fn a_store_that_says_no_is_not_away() {
    let desk = Desk::new().await;
    assert_eq!(desk.token(&desk.org, "").await.status, 200);
    desk.world.wait(TTL);
    let denied = Fault::Error("AccessDeniedException");
    desk.world.sim.secrets.faults().fail_next(Operation::GetSecretValue, 1, denied);
    assert!(is_unavailable(&desk.token(&desk.org, "").await));
    assert_eq!(desk.token(&desk.org, "").await.status, 200, "and is asked again at once");
}

#[tokio::test]
async fn the_audit_line_says_that_it_came_from_memory() {
    let org = "a0d10000-0000-4000-8000-000000000008";
    let desk = Desk::of(org, &[]).await;
    assert_eq!(desk.token(org, "").await.status, 200);
    desk.world.sim.secrets.faults().outage(true);
    desk.world.wait(TTL);
    assert_eq!(desk.token(org, "").await.status, 200);
    let lines = lines_about(org);
    let vended: Vec<_> = lines.iter().filter(|line| line["outcome"] == "vended").map(|line| &line["cached"]).collect();
    assert_eq!(vended, [false, true]);
    assert!(lines.iter().any(|line| line["message"] == "using the record of before" && line["level"] == "WARN"));
}
