//! Webhook secrets come and go while deliveries keep arriving.

use jiff::SignedDuration;
use simulator::webex::Delivery;

use super::TestDeployment;

/// `CACHE_TTL`, as the contract has it.
const TTL: SignedDuration = SignedDuration::from_secs(60);
/// The shortest time between two reads that a signature may cause.
const PAUSE: SignedDuration = SignedDuration::from_secs(5);
const MOMENT: SignedDuration = SignedDuration::from_millis(1);

impl TestDeployment {
    fn signed_with(&self, secret: &str) -> Delivery {
        Delivery::sign(secret, self.body().to_string().into_bytes())
    }

    async fn status_with(&self, secret: &str) -> u16 {
        self.status(&self.signed_with(secret)).await
    }
}

#[tokio::test]
async fn all_secrets_that_are_listed_are_accepted() {
    let deployment = TestDeployment::new().await;
    deployment.store(&["current", "previous", "the one before"]);
    for (secret, status) in [("previous", 202), ("current", 202), ("the one before", 202), ("none", 401)] {
        assert_eq!(deployment.status_with(secret).await, status, "{secret}");
    }
}

#[tokio::test]
async fn a_warm_webhook_reads_its_secrets_once_in_the_time_that_it_may_keep_them() {
    let deployment = TestDeployment::new().await;
    for _ in 0..5 {
        assert_eq!(deployment.status(&deployment.authorized()).await, 202);
    }
    assert_eq!(deployment.reads(), 1);
    deployment.world.wait(TTL - MOMENT);
    assert_eq!(deployment.status(&deployment.authorized()).await, 202);
    assert_eq!(deployment.reads(), 1);
    deployment.world.wait(MOMENT);
    assert_eq!(deployment.status(&deployment.authorized()).await, 202);
    assert_eq!(deployment.reads(), 2);
}

#[tokio::test]
async fn a_secret_stored_while_the_old_one_is_cached_is_found_by_one_fresh_read() {
    let deployment = TestDeployment::new().await;
    deployment.store(&["old"]);
    assert_eq!(deployment.status_with("old").await, 202);
    deployment.store(&["new", "old"]);
    assert_eq!(deployment.status_with("new").await, 202);
    assert_eq!(deployment.reads(), 2);
    for secret in ["new", "old", "new"] {
        assert_eq!(deployment.status_with(secret).await, 202, "{secret}");
    }
    assert_eq!(deployment.reads(), 2, "what was read is kept");
}

#[tokio::test]
async fn wrong_signatures_cost_one_read_in_five_seconds_however_many_there_are() {
    let deployment = TestDeployment::new().await;
    assert_eq!(deployment.status(&deployment.authorized()).await, 202);
    for _ in 0..20 {
        assert_eq!(deployment.status_with("wrong").await, 401);
    }
    assert_eq!(deployment.reads(), 2);
    deployment.world.wait(PAUSE - MOMENT);
    assert_eq!(deployment.status_with("wrong").await, 401);
    assert_eq!(deployment.reads(), 2);
    deployment.world.wait(MOMENT);
    for _ in 0..20 {
        assert_eq!(deployment.status_with("wrong").await, 401);
    }
    assert_eq!(deployment.reads(), 3);
}

#[tokio::test]
async fn signatures_that_are_missing_or_malformed_cost_no_read() {
    let deployment = TestDeployment::new().await;
    assert_eq!(deployment.status(&deployment.authorized()).await, 202);
    for signature in ["", "none", "0"] {
        let delivery = deployment.authorized().with("X-Spark-Signature", signature);
        assert_eq!(deployment.status(&delivery).await, 401);
    }
    assert_eq!(deployment.reads(), 1);
}

#[tokio::test]
async fn a_stranger_delays_a_rotation_by_five_seconds_at_most() {
    let deployment = TestDeployment::new().await;
    deployment.store(&["old"]);
    assert_eq!(deployment.status_with("old").await, 202);
    assert_eq!(deployment.status_with("a stranger's").await, 401);
    deployment.store(&["new"]);
    assert_eq!(deployment.status_with("new").await, 401, "read a moment ago");
    deployment.world.wait(PAUSE);
    assert_eq!(deployment.status_with("new").await, 202);
}

#[tokio::test]
async fn a_secret_that_is_taken_off_the_list_works_no_longer_than_the_cache() {
    let deployment = TestDeployment::new().await;
    deployment.store(&["new", "leaked"]);
    assert_eq!(deployment.status_with("leaked").await, 202);
    deployment.store(&["new"]);
    deployment.world.wait(TTL);
    assert_eq!(deployment.status_with("leaked").await, 401);
    assert_eq!(deployment.status_with("new").await, 202);
}

#[tokio::test]
async fn an_app_that_is_described_a_moment_later_is_found_after_five_seconds() {
    let deployment = TestDeployment::new().await;
    deployment.world.sim.secrets.remove("webex-token-broker/webhooks/reports");
    assert_eq!(deployment.status(&deployment.authorized()).await, 404);
    for _ in 0..10 {
        assert_eq!(deployment.status(&deployment.authorized()).await, 404);
    }
    assert_eq!(deployment.reads(), 1, "made-up names cost few reads");
    deployment.store(&[&deployment.app.secret]);
    deployment.world.wait(PAUSE);
    assert_eq!(deployment.status(&deployment.authorized()).await, 202);
}
