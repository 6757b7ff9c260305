//! Outages of Secrets Manager and Lambda: acknowledged events are never lost, and cached secrets keep working.

use jiff::SignedDuration;
use simulator::secrets::{Fault, Operation};

use super::TestDeployment;

#[tokio::test]
async fn store_outage_with_empty_cache_is_503_with_retry_after() {
    let deployment = TestDeployment::new().await;
    let delivery = deployment.authorized();
    deployment.world.sim.secrets.faults().outage(true);
    let answer = deployment.send(&delivery).await;
    assert_eq!((answer.status, answer.problem()), (503, "unavailable".to_owned()));
    assert!(answer.retry_after() > 0);
    deployment.world.sim.secrets.faults().outage(false);
    assert_eq!(deployment.status(&delivery).await, 202, "and works as soon as the store does");
}

#[tokio::test]
async fn every_failure_of_the_store_is_503() {
    let deployment = TestDeployment::new().await;
    let faults = deployment.world.sim.secrets.faults();
    for fault in [
        Fault::Throttled,
        Fault::InternalError,
        Fault::Unavailable,
        Fault::Drop,
        Fault::Error("AccessDeniedException"),
        Fault::Error("DecryptionFailure"),
    ] {
        faults.fail_next(Operation::GetSecretValue, 10, fault.clone());
        assert_eq!(deployment.status(&deployment.authorized()).await, 503, "{fault:?}");
        faults.clear();
    }
    faults.fail_next(Operation::GetSecretValue, 1, Fault::InternalError);
    assert_eq!(deployment.status(&deployment.authorized()).await, 202, "one hiccup is repeated");
}

#[tokio::test]
async fn cached_secrets_work_through_any_outage() {
    let deployment = TestDeployment::new().await;
    assert_eq!(deployment.status(&deployment.authorized()).await, 202);
    deployment.world.sim.secrets.faults().outage(true);
    for hours in [0, 1, 24] {
        deployment.world.wait(SignedDuration::from_hours(hours));
        assert_eq!(deployment.status(&deployment.authorized()).await, 202, "after {hours} h");
        let wrong = deployment.authorized().with("X-Spark-Signature", "0".repeat(40));
        assert_eq!(deployment.status(&wrong).await, 401, "and no outage makes a wrong signature right");
    }
}

#[tokio::test]
async fn broken_document_is_503_and_keeps_the_cached_secrets() {
    let deployment = TestDeployment::new().await;
    let broken = [
        "",
        "no JSON",
        "[]",
        "{}",
        r#"{"secrets":[]}"#,
        r#"{"secrets":[""]}"#,
        r#"{"secrets":["one"],"application_id":7}"#,
    ];
    for text in broken {
        deployment.world.sim.secrets.put_text("webex-token-broker/webhooks/reports", text).unwrap();
        let answer = deployment.send(&deployment.authorized()).await;
        assert_eq!((answer.status, answer.retry_after() > 0), (503, true), "{text}");
    }
    deployment.store(&[&deployment.app.secret]);
    assert_eq!(deployment.status(&deployment.authorized()).await, 202);
    deployment.world.sim.secrets.put_text("webex-token-broker/webhooks/reports", "broken").unwrap();
    deployment.world.wait(SignedDuration::from_hours(1));
    assert_eq!(deployment.status(&deployment.authorized()).await, 202, "the secrets of before");
}

#[tokio::test]
async fn event_that_lambda_refuses_is_503_and_works_again_later() {
    let deployment = TestDeployment::new().await;
    let delivery = deployment.authorized();
    deployment.world.lambda.outage(true);
    let answer = deployment.send(&delivery).await;
    assert_eq!((answer.status, answer.problem()), (503, "unavailable".to_owned()));
    assert!(answer.retry_after() > 0);
    assert_eq!(deployment.world.lambda.queued().len(), 0);
    deployment.world.lambda.outage(false);
    assert_eq!(deployment.status(&delivery).await, 202);
    assert_eq!(deployment.world.lambda.queued().len(), 1);
}

#[tokio::test]
async fn ignored_and_refused_deliveries_need_no_lambda() {
    let deployment = TestDeployment::new().await;
    deployment.world.lambda.outage(true);
    let body = super::changed(deployment.body(), "/event", Some("created".into()));
    assert_eq!(deployment.status(&deployment.signed(&body)).await, 200);
    assert_eq!(deployment.status(&deployment.authorized().with("X-Spark-Signature", "none")).await, 401);
}

/// The queue holds the event, whatever the refresher does with it.
#[tokio::test]
async fn event_is_acknowledged_while_webex_is_down() {
    let deployment = TestDeployment::new().await;
    deployment.world.minter().await;
    deployment.world.sim.webex.faults().outage(true);
    assert_eq!(deployment.status(&deployment.authorized()).await, 202);
    deployment.world.lambda.drain().await;
    assert_eq!(deployment.world.state(&deployment.app, super::ORG), "pending", "written down before Webex is asked");
}
