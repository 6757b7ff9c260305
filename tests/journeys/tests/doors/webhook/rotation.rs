//! Webhook secrets come and go while deliveries keep arriving.

use jiff::SignedDuration;
use simulator::webex::Delivery;

use super::Desk;

/// `CACHE_TTL`, as the contract has it.
const TTL: SignedDuration = SignedDuration::from_secs(60);
/// The shortest time between two reads that a signature may cause.
const PAUSE: SignedDuration = SignedDuration::from_secs(5);
const MOMENT: SignedDuration = SignedDuration::from_millis(1);

impl Desk {
    fn signed_with(&self, secret: &str) -> Delivery {
        Delivery::sign(secret, self.body().to_string().into_bytes())
    }

    async fn status_with(&self, secret: &str) -> u16 {
        self.status(&self.signed_with(secret)).await
    }
}

#[tokio::test]
async fn all_secrets_that_are_listed_are_accepted() {
    let desk = Desk::new().await;
    desk.store(&["current", "previous", "the one before"]);
    for (secret, status) in [("previous", 202), ("current", 202), ("the one before", 202), ("none", 401)] {
        assert_eq!(desk.status_with(secret).await, status, "{secret}");
    }
}

#[tokio::test]
async fn a_warm_webhook_reads_its_secrets_once_in_the_time_that_it_may_keep_them() {
    let desk = Desk::new().await;
    for _ in 0..5 {
        assert_eq!(desk.status(&desk.authorized()).await, 202);
    }
    assert_eq!(desk.reads(), 1);
    desk.world.wait(TTL - MOMENT);
    assert_eq!(desk.status(&desk.authorized()).await, 202);
    assert_eq!(desk.reads(), 1);
    desk.world.wait(MOMENT);
    assert_eq!(desk.status(&desk.authorized()).await, 202);
    assert_eq!(desk.reads(), 2);
}

#[tokio::test]
async fn a_secret_stored_while_the_old_one_is_cached_is_found_by_one_fresh_read() {
    let desk = Desk::new().await;
    desk.store(&["old"]);
    assert_eq!(desk.status_with("old").await, 202);
    desk.store(&["new", "old"]);
    assert_eq!(desk.status_with("new").await, 202);
    assert_eq!(desk.reads(), 2);
    for secret in ["new", "old", "new"] {
        assert_eq!(desk.status_with(secret).await, 202, "{secret}");
    }
    assert_eq!(desk.reads(), 2, "what was read is kept");
}

#[tokio::test]
async fn wrong_signatures_cost_one_read_in_five_seconds_however_many_there_are() {
    let desk = Desk::new().await;
    assert_eq!(desk.status(&desk.authorized()).await, 202);
    for _ in 0..20 {
        assert_eq!(desk.status_with("wrong").await, 401);
    }
    assert_eq!(desk.reads(), 2);
    desk.world.wait(PAUSE - MOMENT);
    assert_eq!(desk.status_with("wrong").await, 401);
    assert_eq!(desk.reads(), 2);
    desk.world.wait(MOMENT);
    for _ in 0..20 {
        assert_eq!(desk.status_with("wrong").await, 401);
    }
    assert_eq!(desk.reads(), 3);
}

#[tokio::test]
async fn signatures_that_are_missing_or_malformed_cost_no_read() {
    let desk = Desk::new().await;
    assert_eq!(desk.status(&desk.authorized()).await, 202);
    for signature in ["", "none", "0"] {
        let delivery = desk.authorized().with("X-Spark-Signature", signature);
        assert_eq!(desk.status(&delivery).await, 401);
    }
    assert_eq!(desk.reads(), 1);
}

#[tokio::test]
async fn a_stranger_delays_a_rotation_by_five_seconds_at_most() {
    let desk = Desk::new().await;
    desk.store(&["old"]);
    assert_eq!(desk.status_with("old").await, 202);
    assert_eq!(desk.status_with("a stranger's").await, 401);
    desk.store(&["new"]);
    assert_eq!(desk.status_with("new").await, 401, "read a moment ago");
    desk.world.wait(PAUSE);
    assert_eq!(desk.status_with("new").await, 202);
}

#[tokio::test]
async fn a_secret_that_is_taken_off_the_list_works_no_longer_than_the_cache() {
    let desk = Desk::new().await;
    desk.store(&["new", "leaked"]);
    assert_eq!(desk.status_with("leaked").await, 202);
    desk.store(&["new"]);
    desk.world.wait(TTL);
    assert_eq!(desk.status_with("leaked").await, 401);
    assert_eq!(desk.status_with("new").await, 202);
}

#[tokio::test]
async fn an_app_that_is_described_a_moment_later_is_found_after_five_seconds() {
    let desk = Desk::new().await;
    desk.world.sim.secrets.remove("webex-token-broker/webhooks/reports");
    assert_eq!(desk.status(&desk.authorized()).await, 404);
    for _ in 0..10 {
        assert_eq!(desk.status(&desk.authorized()).await, 404);
    }
    assert_eq!(desk.reads(), 1, "made-up names cost few reads");
    desk.store(&[&desk.app.secret]);
    desk.world.wait(PAUSE);
    assert_eq!(desk.status(&desk.authorized()).await, 202);
}
