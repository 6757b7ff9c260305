//! Amazon EventBridge API Reference, `PutEvents`, and Webex's `POST /messages`.

use serde_json::{Value, json};
use simulator::events::{Fault, Operation};

use crate::fixture::{Fixture, Reply};

/// The request of the reference's example, in JSON 1.1.
async fn put(fixture: &Fixture, entries: Value) -> Reply {
    let request = fixture.http.post(fixture.simulator.events.endpoint_url());
    let request = request.header("x-amz-target", "AWSEvents.PutEvents");
    let request = request.header("content-type", "application/x-amz-json-1.1");
    fixture.send(request.body(json!({ "Entries": entries }).to_string())).await
}

fn entry(detail: &str) -> Value {
    json!({"Source": "com.mycompany.myapp", "Detail": detail, "DetailType": "myDetailType", "Time": 1_768_478_400})
}

#[tokio::test]
async fn entries_are_taken_each_by_itself() {
    let fixture = Fixture::new().await;
    let reply =
        put(&fixture, json!([entry("{\"key1\": \"value1\"}"), entry("no json"), {"Source": "a", "Detail": "{}"}]))
            .await;
    assert_eq!((reply.status, &reply.body["FailedEntryCount"]), (200, &json!(2)));
    assert!(reply.body["Entries"][0]["EventId"].is_string());
    assert_eq!(reply.body["Entries"][1]["ErrorCode"], "MalformedDetail");
    assert_eq!(reply.body["Entries"][2]["ErrorCode"], "InvalidArgument");
    let taken = fixture.simulator.events.taken();
    assert_eq!(taken.len(), 1);
    assert_eq!((taken[0].bus.as_str(), &taken[0].detail), ("default", &json!({"key1": "value1"})));
    assert_eq!(taken[0].time.to_string(), "2026-01-15T12:00:00Z");
}

#[tokio::test]
async fn eleven_entries_are_refused() {
    let fixture = Fixture::new().await;
    for count in [0, 11] {
        let reply = put(&fixture, vec![entry("{}"); count].into()).await;
        assert_eq!((reply.status, reply.text_of("__type")), (400, "ValidationException"), "{count}");
    }
    assert_eq!(fixture.simulator.events.taken(), []);
}

#[tokio::test]
async fn planned_faults_fail_requests_or_single_entries() {
    let fixture = Fixture::new().await;
    let faults = fixture.simulator.events.faults();
    faults.fail_next(Operation::PutEvents, 1, Fault::InternalError);
    assert_eq!(put(&fixture, json!([entry("{}")])).await.status, 500);
    faults.fail_next(Operation::PutEvents, 1, Fault::FailEntriesFrom(1));
    let reply = put(&fixture, json!([entry("{}"), entry("{}")])).await;
    assert_eq!((reply.status, &reply.body["FailedEntryCount"]), (200, &json!(1)));
    assert_eq!(fixture.simulator.events.taken().len(), 1);
    assert_eq!(faults.unconsumed(), []);
}

#[tokio::test]
async fn bot_writes_into_a_space() {
    let fixture = Fixture::new().await;
    let bot = fixture.simulator.webex.personal_access_token("bot");
    let reply = fixture.post("/messages", &bot, &json!({"roomId": "Y2lzY28", "markdown": "**Hello**"})).await;
    assert_eq!((reply.status, reply.text_of("roomId")), (200, "Y2lzY28"));
    assert_eq!(fixture.post("/messages", &bot, &json!({"markdown": "nowhere"})).await.status, 400);
    assert_eq!(fixture.post("/messages", "wrong", &json!({"roomId": "Y2lzY28", "markdown": "x"})).await.status, 401);
    let messages = fixture.simulator.webex.messages();
    assert_eq!(messages.len(), 1);
    assert_eq!((messages[0].room_id.as_str(), messages[0].text.as_str()), ("Y2lzY28", "**Hello**"));
}
