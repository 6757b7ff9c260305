//! `sweep`, however it is asked for, and what it answers.

use serde_json::{Value, json};
use simulator::secrets::{Fault, Operation};

use super::{DAY, Desk, ORG};
use crate::harness::event;

fn without_time(mut report: Value) -> Value {
    assert!(report["elapsed_ms"].is_u64(), "{report}");
    report["elapsed_ms"] = 0.into();
    report
}

#[tokio::test]
async fn a_schedulers_event_nothing_and_an_empty_sweep_are_one_and_the_same() {
    let desk = Desk::new().await;
    let quiet = without_time(desk.ask(json!({"sweep": {}})).await);
    let expected = json!({"scanned": 2, "renewed": 0, "minted": 0, "retired": 0, "failing": 0, "pending": 0, "skipped": 2,
        "deferred": 0, "unreadable": 0, "webhooks_repaired": 0, "elapsed_ms": 0, "failures": []});
    assert_eq!(quiet, expected);
    let mut eventbridge = event("scheduler");
    eventbridge["source"] = "aws.events".into();
    for payload in [json!({}), json!({"sweep": null}), event("scheduler"), eventbridge] {
        assert_eq!(without_time(desk.ask(payload.clone()).await), quiet, "{payload}");
    }
}

#[tokio::test]
async fn what_is_due_is_renewed_and_counted() {
    let desk = Desk::new().await;
    desk.world.wait(DAY * 8);
    let swept = desk.ask(json!({"sweep": {}})).await;
    assert_eq!((&swept["renewed"], &swept["skipped"]), (&json!(2), &json!(0)));
    let again = desk.ask(json!({"sweep": {}})).await;
    assert_eq!((&again["renewed"], &again["skipped"]), (&json!(0), &json!(2)));
}

#[tokio::test]
async fn a_failure_is_listed_with_its_code_and_tracking_id() {
    let desk = Desk::new().await;
    desk.world.wait(DAY * 8);
    desk.world.sim.webex.faults().outage(true);
    let swept = desk.ask(json!({"sweep": {}})).await;
    let failure = swept["failures"].as_array().unwrap().iter().find(|line| line["subject"] == ORG).unwrap();
    assert_eq!((&failure["app"], &failure["code"]), (&json!("reports"), &json!("http_503")));
    let ids: Vec<_> =
        desk.world.sim.webex.journal().entries().into_iter().map(|entry| json!(entry.tracking_id)).collect();
    assert!(ids.contains(&failure["tracking_id"]), "{failure}");
    assert_eq!((&swept["failing"], &swept["renewed"]), (&json!(2), &json!(0)));
}

#[tokio::test]
async fn at_most_a_hundred_failures_are_listed_and_all_are_counted() {
    let desk = Desk::new().await;
    for nth in 0..105 {
        let name = format!("webex-token-broker/grants/reports/00000000-0000-4000-8000-{nth:012}");
        desk.world.sim.secrets.put_text(&name, "{").unwrap();
    }
    let swept = desk.ask(json!({"sweep": {}})).await;
    assert_eq!((&swept["scanned"], &swept["unreadable"]), (&json!(107), &json!(105)));
    assert_eq!(swept["failures"].as_array().unwrap().len(), 100);
    let line = json!({"app": "reports", "subject": "00000000-0000-4000-8000-000000000000", "code": "unreadable",
        "tracking_id": null});
    assert!(swept["failures"].as_array().unwrap().contains(&line), "{swept}");
}

#[tokio::test]
async fn a_webhook_url_of_the_sweeps_own_goes_before_the_deployments() {
    let desk = Desk::with(&[("WEBHOOK_URL", "https://deployed.example/")]).await;
    let swept = desk.ask(json!({"sweep": {}})).await;
    assert_eq!(swept["webhooks_repaired"], 2);
    let targets = |desk: &Desk| -> Vec<String> {
        desk.world.sim.webex.registered_webhooks().into_iter().map(|hook| hook.target_url).collect()
    };
    assert_eq!(targets(&desk), ["https://deployed.example/webhooks/reports"; 2]);
    let moved = desk.ask(json!({"sweep": {"webhook_url": "https://moved.example"}})).await;
    assert_eq!(moved["webhooks_repaired"], 2);
    assert_eq!(targets(&desk), ["https://moved.example/webhooks/reports"; 2]);
}

#[tokio::test]
async fn a_webhook_url_that_is_none_is_told_and_keeps_nothing_from_being_renewed() {
    for (wrong, told) in [("hooks.example", 1), ("https://user@hooks.example", 1), ("ftp://x", 1), ("", 0)] {
        let desk = Desk::new().await;
        desk.world.wait(DAY * 8);
        let swept = desk.ask(json!({"sweep": {"webhook_url": wrong}})).await;
        assert_eq!((&swept["renewed"], &swept["webhooks_repaired"]), (&json!(2), &json!(0)), "{wrong}");
        let failures = swept["failures"].as_array().unwrap();
        assert_eq!(failures.len(), told, "{wrong}: {failures:?}");
        assert!(failures.iter().all(|failure| failure["app"] == "webhook_url" && failure["code"] == "invalid_request"));
    }
}

#[tokio::test]
async fn a_store_that_is_down_fails_the_invocation_and_webex_being_down_does_not() {
    let desk = Desk::new().await;
    desk.world.wait(DAY * 8);
    desk.world.sim.webex.faults().unreachable(true);
    assert_eq!(desk.ask(json!({"sweep": {}})).await["scanned"], 2);
    desk.world.sim.secrets.faults().outage(true);
    for payload in [json!({"sweep": {}}), json!({}), event("scheduler")] {
        assert_eq!(desk.world.lambda.run(payload).await, Err("store_unavailable".to_owned()));
    }
}

#[tokio::test]
async fn a_store_that_refuses_everything_fails_the_invocation() {
    let desk = Desk::new().await;
    for operation in [Operation::BatchGetSecretValue, Operation::ListSecrets, Operation::GetSecretValue] {
        let denied = Fault::Error("AccessDeniedException");
        desk.world.sim.secrets.faults().fail_next(operation, 99, denied);
    }
    assert_eq!(desk.world.lambda.run(json!({"sweep": {}})).await, Err("store_refused".to_owned()));
}

#[tokio::test]
async fn documents_that_cannot_be_read_are_left_alone_and_stop_nothing() {
    let desk = Desk::new().await;
    desk.world.wait(DAY * 8);
    let broken = [("apps/broken", "{"), ("grants/reports/default", "[]"), ("grants/reports/x/y", "{}")];
    for (name, text) in broken {
        desk.world.sim.secrets.put_text(&format!("webex-token-broker/{name}"), text).unwrap();
    }
    let swept = desk.ask(json!({"sweep": {}})).await;
    assert_eq!((&swept["renewed"], &swept["unreadable"]), (&json!(2), &json!(3)), "{swept}");
    for (name, text) in broken {
        assert_eq!(desk.world.sim.secrets.current_text(&format!("webex-token-broker/{name}")).unwrap(), text);
    }
}
