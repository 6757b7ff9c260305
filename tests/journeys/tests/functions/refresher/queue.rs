//! Failed hints: messages of a queue, dead letters sent again by hand, and events of other services.

use serde_json::{Value, json};

use super::{ORG, TestDeployment, about};

/// The record that Lambda sends to a failure destination, as the body of message `id`.
fn message(id: &str, payload: &Value) -> Value {
    json!({"messageId": id, "body": dead_letter(payload).to_string(), "eventSource": "aws:sqs"})
}

fn dead_letter(payload: &Value) -> Value {
    json!({"version": "1.0", "requestContext": {"condition": "RetriesExhausted", "approximateInvokeCount": 3},
        "requestPayload": payload, "responsePayload": {"errorType": "store_unavailable"}})
}

#[tokio::test]
async fn hint_in_a_queue_message_is_performed() {
    let deployment = TestDeployment::new().await;
    let records =
        json!({"Records": [message("1", &about("reconcile", json!({}))), message("2", &about("fence", json!({})))]});
    assert_eq!(deployment.ask(records).await, json!({"batchItemFailures": []}));
    assert_eq!(deployment.record()["state"], "fenced");
}

#[tokio::test]
async fn failed_messages_stay_in_the_queue() {
    let deployment = TestDeployment::new().await;
    let fence = about("fence", json!({}));
    let records = json!({"Records": [
        message("other command", &about("renew", json!({}))),
        message("wrapped twice", &dead_letter(&fence)),
        message("no org", &json!({"reconcile": {"app": "reports", "subject": "default"}})),
        {"messageId": "no JSON", "body": "fence"},
        message("good", &fence),
    ]});
    let failed = ["other command", "wrapped twice", "no org", "no JSON"].map(|id| json!({"itemIdentifier": id}));
    assert_eq!(deployment.ask(records).await, json!({"batchItemFailures": failed}));
    assert_eq!(deployment.record()["state"], "fenced");
}

#[tokio::test]
async fn store_outage_keeps_all_messages() {
    let deployment = TestDeployment::new().await;
    let records =
        json!({"Records": [message("1", &about("fence", json!({}))), message("2", &about("fence", json!({})))]});
    deployment.world.sim.secrets.faults().outage(true);
    let answer = deployment.ask(records.clone()).await;
    assert_eq!(answer, json!({"batchItemFailures": [{"itemIdentifier": "1"}, {"itemIdentifier": "2"}]}));
    deployment.world.sim.secrets.faults().outage(false);
    assert_eq!(deployment.ask(records).await, json!({"batchItemFailures": []}));
}

#[tokio::test]
async fn dead_letter_is_performed_or_fails_the_invocation() {
    let deployment = TestDeployment::new().await;
    let unknown = json!({"reconcile": {"app": "reports", "subject": "default"}});
    let invalid = dead_letter(&about("fence", json!({"since": 1})));
    for (payload, error) in
        [(dead_letter(&unknown), "no_org"), (invalid, "invalid_request"), (dead_letter(&json!(7)), "invalid_request")]
    {
        assert_eq!(deployment.world.lambda.run(payload.clone()).await, Err(error.to_owned()), "{payload}");
    }
    let fenced = deployment.ask(dead_letter(&about("fence", json!({})))).await;
    assert_eq!(fenced, json!({"state": "fenced"}), "{ORG}");
}

#[tokio::test]
async fn unsupported_event_fails_the_invocation() {
    let deployment = TestDeployment::new().await;
    let rotation = json!({"Step": "createSecret", "SecretId": "x", "ClientRequestToken": "y"});
    for event in [rotation, json!({"Records": [{"eventSource": "aws:s3", "s3": {}}]})] {
        assert_eq!(deployment.world.lambda.run(event).await, Err("unsupported_event".to_owned()));
    }
}
