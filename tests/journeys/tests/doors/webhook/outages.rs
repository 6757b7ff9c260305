//! What is needed does not answer: nothing acknowledged is lost, and what is cached keeps working.

use jiff::SignedDuration;
use simulator::secrets::{Fault, Operation};

use super::Desk;

#[tokio::test]
async fn a_store_that_is_down_with_nothing_cached_is_503_and_try_again() {
    let desk = Desk::new().await;
    let delivery = desk.authorized();
    desk.world.sim.secrets.faults().outage(true);
    let answer = desk.send(&delivery).await;
    assert_eq!((answer.status, answer.problem()), (503, "unavailable".to_owned()));
    assert!(answer.retry_after() > 0);
    desk.world.sim.secrets.faults().outage(false);
    assert_eq!(desk.status(&delivery).await, 202, "and works as soon as the store does");
}

#[tokio::test]
async fn every_way_for_the_store_to_fail_is_503() {
    let desk = Desk::new().await;
    let faults = desk.world.sim.secrets.faults();
    for fault in [
        Fault::Throttled,
        Fault::InternalError,
        Fault::Unavailable,
        Fault::Drop,
        Fault::Error("AccessDeniedException"),
        Fault::Error("DecryptionFailure"),
    ] {
        faults.fail_next(Operation::GetSecretValue, 10, fault.clone());
        assert_eq!(desk.status(&desk.authorized()).await, 503, "{fault:?}");
        faults.clear();
    }
    faults.fail_next(Operation::GetSecretValue, 1, Fault::InternalError);
    assert_eq!(desk.status(&desk.authorized()).await, 202, "one hiccup is repeated");
}

#[tokio::test]
async fn cached_secrets_keep_working_in_an_outage_however_long() {
    let desk = Desk::new().await;
    assert_eq!(desk.status(&desk.authorized()).await, 202);
    desk.world.sim.secrets.faults().outage(true);
    for hours in [0, 1, 24] {
        desk.world.wait(SignedDuration::from_hours(hours));
        assert_eq!(desk.status(&desk.authorized()).await, 202, "after {hours} h");
        let wrong = desk.authorized().with("X-Spark-Signature", "0".repeat(40));
        assert_eq!(desk.status(&wrong).await, 401, "and no outage makes a wrong signature right");
    }
}

#[tokio::test]
async fn a_document_that_is_broken_is_503_and_does_not_take_what_is_cached() {
    let desk = Desk::new().await;
    let broken = [
        "",
        "no JSON",
        "[]",
        "{}",
        r#"{"secrets":[]}"#,
        r#"{"secrets":[""]}"#,
        r#"{"secrets":"one"}"#,
        r#"{"secrets":["one"],"application_id":7}"#,
    ];
    for text in broken {
        desk.world.sim.secrets.put_text("webex-token-broker/webhooks/reports", text).unwrap();
        let answer = desk.send(&desk.authorized()).await;
        assert_eq!((answer.status, answer.retry_after() > 0), (503, true), "{text}");
    }
    desk.store(&[&desk.app.secret]);
    assert_eq!(desk.status(&desk.authorized()).await, 202);
    desk.world.sim.secrets.put_text("webex-token-broker/webhooks/reports", "broken").unwrap();
    desk.world.wait(SignedDuration::from_hours(1));
    assert_eq!(desk.status(&desk.authorized()).await, 202, "the secrets of before");
}

#[tokio::test]
async fn what_lambda_does_not_take_is_503_and_nothing_is_lost_when_it_comes_again() {
    let desk = Desk::new().await;
    let delivery = desk.authorized();
    desk.world.lambda.outage(true);
    let answer = desk.send(&delivery).await;
    assert_eq!((answer.status, answer.problem()), (503, "unavailable".to_owned()));
    assert!(answer.retry_after() > 0);
    assert_eq!(desk.world.lambda.queued().len(), 0);
    desk.world.lambda.outage(false);
    assert_eq!(desk.status(&delivery).await, 202);
    assert_eq!(desk.world.lambda.queued().len(), 1);
}

#[tokio::test]
async fn what_needs_no_lambda_is_answered_without_it() {
    let desk = Desk::new().await;
    desk.world.lambda.outage(true);
    let body = super::changed(desk.body(), "/event", Some("created".into()));
    assert_eq!(desk.status(&desk.signed(&body)).await, 200);
    assert_eq!(desk.status(&desk.authorized().with("X-Spark-Signature", "none")).await, 401);
}

/// The refresher's own trouble is not the webhook's: the queue has the event.
#[tokio::test]
async fn an_event_is_acknowledged_even_while_webex_is_down() {
    let desk = Desk::new().await;
    desk.world.minter().await;
    desk.world.sim.webex.faults().outage(true);
    assert_eq!(desk.status(&desk.authorized()).await, 202);
    desk.world.lambda.drain().await;
    assert_eq!(desk.world.state(&desk.app, super::ORG), "pending", "written down before Webex is asked");
}
