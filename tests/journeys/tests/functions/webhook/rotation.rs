//! Rotation of webhook secrets while deliveries arrive.

use jiff::SignedDuration;
use simulator::webex::Delivery;

use super::TestDeployment;

/// The default of `CACHE_TTL`.
const TTL: SignedDuration = SignedDuration::from_secs(60);
/// The shortest time between two reads that wrong signatures cause.
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
async fn every_listed_secret_is_accepted() {
    let deployment = TestDeployment::new().await;
    deployment.store(&["current", "previous", "the one before"]);
    for (secret, status) in [("previous", 202), ("current", 202), ("the one before", 202), ("none", 401)] {
        assert_eq!(deployment.status_with(secret).await, status, "{secret}");
    }
}

#[tokio::test]
async fn warm_webhook_reads_its_secrets_once_in_cache_ttl() {
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
async fn new_secret_is_found_by_one_fresh_read() {
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
async fn wrong_signatures_cost_one_read_in_five_seconds() {
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
async fn malformed_signatures_cost_no_read() {
    let deployment = TestDeployment::new().await;
    for app in ["reports", "exports"] {
        let unsigned = Delivery::unsigned(deployment.body().to_string().into_bytes());
        for delivery in [unsigned.clone(), unsigned.with("X-Spark-Signature", "none")] {
            let request = deployment.request(&delivery).path(&format!("/webhooks/{app}"));
            assert_eq!(deployment.world.at_webhook(&request).await.status, 401, "{app}");
        }
    }
    assert_eq!(deployment.reads(), 0, "neither for a known nor for an unknown app");
    assert_eq!(deployment.status(&deployment.authorized()).await, 202);
    for signature in ["", "none", "0"] {
        let delivery = deployment.authorized().with("X-Spark-Signature", signature);
        assert_eq!(deployment.status(&delivery).await, 401);
    }
    assert_eq!(deployment.reads(), 1);
}

#[tokio::test]
async fn wrong_signature_delays_a_rotation_by_five_seconds() {
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
async fn removed_secret_works_no_longer_than_cache_ttl() {
    let deployment = TestDeployment::new().await;
    deployment.store(&["new", "leaked"]);
    assert_eq!(deployment.status_with("leaked").await, 202);
    deployment.store(&["new"]);
    deployment.world.wait(TTL);
    assert_eq!(deployment.status_with("leaked").await, 401);
    assert_eq!(deployment.status_with("new").await, 202);
}

#[tokio::test]
async fn app_described_later_is_found_after_five_seconds() {
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
