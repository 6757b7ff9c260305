//! `wtb webhook`.

use insta::assert_snapshot;
use serde_json::json;
use wtb::Exit;

use crate::fixtures;
use crate::machine::{RANDOM_SECRET, TestMachine, wtb};
use crate::stand_in::StandIn;

const NAME: &str = "webex-token-broker/webhooks/reports";
const NEW: &str = RANDOM_SECRET;

async fn with_secret(secrets: serde_json::Value) -> StandIn {
    let stand_in = StandIn::start().await;
    stand_in.stores(NAME, json!({ "secrets": secrets, "application_id": "Y2lz" }));
    stand_in.answers("sweep", [fixtures::sweep()]);
    stand_in
}

#[tokio::test]
async fn rotate_puts_waits_sweeps_and_says_what_is_left() {
    let stand_in = with_secret(json!(["CANARY-one", "CANARY-older"])).await;
    let ran = wtb(&stand_in, "webhook rotate reports").await;
    assert_eq!(ran.exit, Exit::Ok);
    assert_snapshot!("rotated", format!("{}{}", ran.notes, ran.out));
    let stored = json!({ "secrets": [NEW, "CANARY-one"], "application_id": "Y2lz" });
    assert_eq!(stand_in.secret(NAME), Some(stored));
    let steps = stand_in.steps();
    let before = ["GetSecretValue", "PutSecretValue"];
    assert_eq!(steps[..2], before);
    assert_eq!(steps[2..67], vec!["pause 1"; 65]);
    assert_eq!(steps[67..], ["Invoke sweep"]);
    assert_eq!(stand_in.bodies("sweep"), [json!({ "webhook_url": "https://webhook.example/" })]);
}

#[tokio::test]
async fn rotate_waits_for_the_cache_time_of_the_stack() {
    let stand_in = with_secret(json!("CANARY-one")).await;
    stand_in.set(|state| drop(state.parameters.insert("CacheTtl".to_owned(), "10".to_owned())));
    wtb(&stand_in, "webhook rotate reports").await;
    assert_eq!(stand_in.steps().iter().filter(|step| *step == "pause 1").count(), 15);
    assert_eq!(stand_in.secret(NAME).unwrap()["secrets"], json!([NEW, "CANARY-one"]));
}

#[tokio::test]
async fn rotate_reports_a_registration_that_failed() {
    let stand_in = with_secret(json!(["CANARY-one"])).await;
    let failure = json!({ "app": "reports", "subject": "", "code": "http_403", "reason": "the token lacks a scope" });
    stand_in.answers("sweep", [json!({ "webhooks_repaired": 0, "failures": [failure] })]);
    let ran = wtb(&stand_in, "webhook rotate reports").await;
    assert_eq!(ran.exit, Exit::Attention);
    assert_snapshot!("not_registered", ran.out);
}

#[tokio::test]
async fn rotate_says_what_stands_if_the_sweep_fails() {
    let stand_in = with_secret(json!(["CANARY-one"])).await;
    stand_in.set(|state| state.crash = Some(json!({ "errorType": "store", "errorMessage": "no list" })));
    let ran = wtb(&stand_in, "webhook rotate reports").await;
    assert_eq!(ran.exit, Exit::Failed);
    assert!(ran.notes.contains("both secrets are accepted; when the cause is gone: wtb sweep"), "{}", ran.notes);
}

#[tokio::test]
async fn rotate_of_a_leaked_secret_removes_it_at_once() {
    let stand_in = with_secret(json!(["CANARY-one"])).await;
    let ran = wtb(&stand_in, "webhook rotate reports --leaked --wait 0").await;
    assert_eq!(ran.exit, Exit::Ok);
    assert_eq!(stand_in.secret(NAME).unwrap()["secrets"], json!([NEW]));
    assert!(ran.out.contains("The old secret is removed."), "{}", ran.out);
}

#[tokio::test]
async fn finish_keeps_the_first_secret() {
    let stand_in = with_secret(json!(["CANARY-new", "CANARY-old"])).await;
    let ran = wtb(&stand_in, "webhook finish reports").await;
    assert_eq!(stand_in.secret(NAME).unwrap(), json!({ "secrets": ["CANARY-new"], "application_id": "Y2lz" }));
    let again = wtb(&stand_in, "webhook finish reports").await;
    assert_snapshot!("finished", format!("{}{}", ran.out, again.out));
}

#[tokio::test]
async fn rotate_of_an_unknown_app_changes_nothing() {
    let stand_in = StandIn::start().await;
    let machine = TestMachine::answering(&stand_in, &[]);
    let ran = machine.run(&stand_in, "webhook rotate reports").await;
    assert_eq!(ran.exit, Exit::Failed);
    assert!(ran.notes.contains("there is no secret webex-token-broker/webhooks/reports"), "{}", ran.notes);
    assert_eq!(stand_in.steps(), ["GetSecretValue"]);
}
