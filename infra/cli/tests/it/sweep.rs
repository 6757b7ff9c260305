//! `wtb sweep`.

use insta::{assert_json_snapshot, assert_snapshot};
use serde_json::{Value, json};
use wtb::Exit;

use crate::fixtures;
use crate::machine::{TestMachine, wtb};
use crate::stand_in::StandIn;

async fn sweeping(answer: Value) -> StandIn {
    let stand_in = StandIn::start().await;
    stand_in.answers("sweep", [answer]);
    stand_in
}

#[tokio::test]
async fn sweep_lists_failures_and_exits_3() {
    let stand_in = sweeping(fixtures::sweep_with_failure()).await;
    let ran = wtb(&stand_in, "sweep").await;
    assert_eq!(ran.exit, Exit::Attention);
    assert_snapshot!("failures", ran.out);
    let json = wtb(&stand_in, "sweep --json").await;
    assert_eq!(json.exit, Exit::Attention);
    assert_json_snapshot!("failures_json", serde_json::from_str::<Value>(&json.out).unwrap());
}

#[tokio::test]
async fn sweep_sends_the_webhook_url_of_the_stack() {
    let stand_in = sweeping(fixtures::sweep()).await;
    let ran = wtb(&stand_in, "sweep").await;
    assert_eq!(ran.out, "Swept in 0.8 s: 3 scanned, 2 webhooks repaired.\n");
    assert_eq!(ran.exit, Exit::Ok);
    assert_eq!(stand_in.bodies("sweep"), [json!({ "webhook_url": "https://webhook.example/" })]);
}

#[tokio::test]
async fn sweep_of_a_named_function_asks_for_no_stack() {
    let stand_in = sweeping(fixtures::sweep()).await;
    wtb(&stand_in, "sweep --function refresher").await;
    assert_eq!(stand_in.bodies("sweep"), [json!({})]);
    assert!(!stand_in.journal().lock().unwrap().contains(&"DescribeStacks".to_owned()));
}

#[tokio::test]
async fn sweep_with_a_foreign_url_needs_force() {
    let stand_in = sweeping(fixtures::sweep()).await;
    wtb(&stand_in, "sweep --webhook-url https://other.example --force").await;
    assert_eq!(stand_in.bodies("sweep"), [json!({ "webhook_url": "https://other.example", "force": true })]);
    let ran = wtb(&stand_in, "sweep --force").await;
    assert_eq!(ran.exit, Exit::Usage);
}

#[tokio::test]
async fn sweep_with_retirements_asks_first() {
    let stand_in = sweeping(fixtures::sweep()).await;
    let declined = TestMachine::answering(&stand_in, &["no"]).run(&stand_in, "sweep --allow-retirements").await;
    assert_eq!(declined.exit, Exit::Failed);
    assert_eq!(stand_in.bodies("sweep"), [] as [Value; 0]);
    let machine = TestMachine::answering(&stand_in, &["webex-token-broker-refresher"]);
    let confirmed = machine.run(&stand_in, "sweep --allow-retirements").await;
    assert_eq!(confirmed.exit, Exit::Ok);
    assert_eq!(stand_in.bodies("sweep")[0]["allow_retirements"], true);
}
