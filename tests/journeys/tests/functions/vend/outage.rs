//! Secrets Manager is unavailable.

use jiff::SignedDuration;
use simulator::secrets::{Fault, Operation};

use super::{DAY, TestDeployment};
use crate::harness::{Answer, lines_about};

const TTL: SignedDuration = SignedDuration::from_secs(60);
/// Longer than an outage is remembered.
const LATER: SignedDuration = SignedDuration::from_secs(10);

fn is_unavailable(answer: &Answer) -> bool {
    (answer.status, answer.problem(), answer.retry_after() > 0) == (503, "unavailable".to_owned(), true)
}

#[tokio::test]
async fn warm_vend_serves_until_the_token_expires() {
    let deployment = TestDeployment::new().await;
    assert_eq!(deployment.token(&deployment.org, "").await.status, 200);
    deployment.world.sim.secrets.faults().outage(true);
    for _ in 0..13 {
        deployment.world.wait(DAY);
        let answer = deployment.token(&deployment.org, "").await;
        assert_eq!(answer.status, 200);
        assert_eq!(answer.json()["access_token"], deployment.stored().as_str());
        assert_eq!(answer.json()["expires_in"], deployment.left(&answer));
    }
    assert!(
        is_unavailable(&deployment.token(&deployment.org, "?min_ttl=604800").await),
        "a day is left, and nothing can be renewed"
    );
    deployment.world.wait(DAY);
    assert!(is_unavailable(&deployment.token(&deployment.org, "?min_ttl=0").await), "the token has ended");
}

#[tokio::test]
async fn cold_vend_is_503() {
    let deployment = TestDeployment::new().await;
    deployment.world.sim.secrets.faults().outage(true);
    assert!(is_unavailable(&deployment.token(&deployment.org, "").await));
    deployment.world.sim.secrets.faults().outage(false);
    assert_eq!(deployment.token(&deployment.org, "").await.status, 200);
}

#[tokio::test]
async fn store_is_not_read_for_each_request() {
    let deployment = TestDeployment::new().await;
    assert_eq!(deployment.token(&deployment.org, "").await.status, 200);
    deployment.world.sim.secrets.faults().outage(true);
    deployment.world.wait(TTL);
    assert_eq!(deployment.token(&deployment.org, "").await.status, 200);
    let calls = deployment.calls();
    for _ in 0..5 {
        assert_eq!(deployment.token(&deployment.org, "").await.status, 200);
    }
    assert_eq!(deployment.calls(), calls);
    deployment.world.wait(LATER);
    assert_eq!(deployment.token(&deployment.org, "").await.status, 200);
    assert!(deployment.calls().0 > calls.0, "and asked again");
}

#[tokio::test]
async fn fence_is_seen_when_the_store_is_back() {
    let deployment = TestDeployment::new().await;
    assert_eq!(deployment.token(&deployment.org, "").await.status, 200);
    deployment.world.sim.secrets.faults().outage(true);
    deployment.world.wait(TTL);
    assert_eq!(deployment.token(&deployment.org, "").await.status, 200);
    deployment.world.sim.secrets.faults().outage(false);
    deployment.fence().await;
    deployment.world.wait(LATER);
    assert_eq!(deployment.token(&deployment.org, "").await.status, 410);
    deployment.world.sim.secrets.faults().outage(true);
    deployment.world.wait(TTL);
    assert!(is_unavailable(&deployment.token(&deployment.org, "").await), "a fenced record is nothing to bridge with");
}

#[tokio::test]
async fn denied_read_is_not_an_outage() {
    let deployment = TestDeployment::new().await;
    assert_eq!(deployment.token(&deployment.org, "").await.status, 200);
    deployment.world.wait(TTL);
    let denied = Fault::Error("AccessDeniedException");
    deployment.world.sim.secrets.faults().fail_next(Operation::GetSecretValue, 1, denied);
    assert!(is_unavailable(&deployment.token(&deployment.org, "").await));
    assert_eq!(deployment.token(&deployment.org, "").await.status, 200, "and is asked again at once");
}

#[tokio::test]
async fn audit_line_says_that_the_record_was_cached() {
    let org = "a0d10000-0000-4000-8000-000000000008";
    let deployment = TestDeployment::of(org, &[]).await;
    assert_eq!(deployment.token(org, "").await.status, 200);
    deployment.world.sim.secrets.faults().outage(true);
    deployment.world.wait(TTL);
    assert_eq!(deployment.token(org, "").await.status, 200);
    let lines = lines_about(org);
    let vended: Vec<_> = lines.iter().filter(|line| line["outcome"] == "vended").map(|line| &line["cached"]).collect();
    assert_eq!(vended, [false, true]);
    assert!(lines.iter().any(|line| line["message"] == "using the record of before" && line["level"] == "WARN"));
}
