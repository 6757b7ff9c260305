//! `sweep`: its payloads and its report.

use serde_json::{Value, json};
use simulator::secrets::{Fault, Operation};

use super::{DAY, ORG, TestDeployment};
use crate::harness::event;

fn without_time(mut report: Value) -> Value {
    assert!(report["elapsed_ms"].is_u64(), "{report}");
    report["elapsed_ms"] = 0.into();
    report
}

#[tokio::test]
async fn scheduler_event_and_empty_payload_are_sweeps() {
    let deployment = TestDeployment::new().await;
    let quiet = without_time(deployment.ask(json!({"sweep": {}})).await);
    let expected = json!({"scanned": 2, "renewed": 0, "minted": 0, "retired": 0, "failing": 0, "pending": 0, "skipped": 2,
        "deferred": 0, "unreadable": 0, "webhooks_repaired": 0, "elapsed_ms": 0, "failures": []});
    assert_eq!(quiet, expected);
    let mut eventbridge = event("scheduler");
    eventbridge["source"] = "aws.events".into();
    for payload in [json!({}), json!({"sweep": null}), event("scheduler"), eventbridge] {
        assert_eq!(without_time(deployment.ask(payload.clone()).await), quiet, "{payload}");
    }
}

#[tokio::test]
async fn sweep_renews_and_counts_what_is_due() {
    let deployment = TestDeployment::new().await;
    deployment.world.wait(DAY * 8);
    let swept = deployment.ask(json!({"sweep": {}})).await;
    assert_eq!((&swept["renewed"], &swept["skipped"]), (&json!(2), &json!(0)));
    let again = deployment.ask(json!({"sweep": {}})).await;
    assert_eq!((&again["renewed"], &again["skipped"]), (&json!(0), &json!(2)));
}

#[tokio::test]
async fn sweep_lists_failures_with_code_and_tracking_id() {
    let deployment = TestDeployment::new().await;
    deployment.world.wait(DAY * 8);
    deployment.world.sim.webex.faults().outage(true);
    let swept = deployment.ask(json!({"sweep": {}})).await;
    let failure = swept["failures"].as_array().unwrap().iter().find(|line| line["subject"] == ORG).unwrap();
    assert_eq!((&failure["app"], &failure["code"]), (&json!("reports"), &json!("http_503")));
    let ids: Vec<_> =
        deployment.world.sim.webex.journal().entries().into_iter().map(|entry| json!(entry.tracking_id)).collect();
    assert!(ids.contains(&failure["tracking_id"]), "{failure}");
    assert_eq!((&swept["failing"], &swept["renewed"]), (&json!(2), &json!(0)));
}

#[tokio::test]
async fn sweep_lists_a_hundred_failures_and_counts_all() {
    let deployment = TestDeployment::new().await;
    for nth in 0..105 {
        let name = format!("webex-token-broker/grants/reports/00000000-0000-4000-8000-{nth:012}");
        deployment.world.sim.secrets.put_text(&name, "{").unwrap();
    }
    let swept = deployment.ask(json!({"sweep": {}})).await;
    assert_eq!((&swept["scanned"], &swept["unreadable"]), (&json!(107), &json!(105)));
    assert_eq!(swept["failures"].as_array().unwrap().len(), 100);
    let line = json!({"app": "reports", "subject": "00000000-0000-4000-8000-000000000000", "code": "unreadable",
        "tracking_id": null});
    assert!(swept["failures"].as_array().unwrap().contains(&line), "{swept}");
}

#[tokio::test]
async fn forced_webhook_url_replaces_the_deployments() {
    let deployment = TestDeployment::with(&[("WEBHOOK_URL", "https://deployed.example/")]).await;
    let swept = deployment.ask(json!({"sweep": {}})).await;
    assert_eq!(swept["webhooks_repaired"], 2);
    let targets = |deployment: &TestDeployment| -> Vec<String> {
        deployment.world.sim.webex.registered_webhooks().into_iter().map(|hook| hook.target_url).collect()
    };
    assert_eq!(targets(&deployment), ["https://deployed.example/webhooks/reports"; 2]);
    let same = deployment.ask(json!({"sweep": {"webhook_url": "https://deployed.example"}})).await;
    assert_eq!((&same["webhooks_repaired"], &same["failures"]), (&json!(0), &json!([])));
    let refused = deployment.ask(json!({"sweep": {"webhook_url": "https://moved.example"}})).await;
    assert_eq!((&refused["webhooks_repaired"], &refused["scanned"]), (&json!(0), &json!(2)), "the sweep goes on");
    assert_eq!(refused["failures"][0]["app"], "webhook_url", "{refused}");
    assert_eq!(targets(&deployment), ["https://deployed.example/webhooks/reports"; 2]);
    let moved = deployment.ask(json!({"sweep": {"webhook_url": "https://moved.example", "force": true}})).await;
    assert_eq!(moved["webhooks_repaired"], 2);
    assert_eq!(targets(&deployment), ["https://moved.example/webhooks/reports"; 2]);
}

#[tokio::test]
async fn sweep_with_an_invalid_webhook_url_renews_and_reports_it() {
    for (wrong, told) in [("hooks.example", 1), ("https://user@hooks.example", 1), ("ftp://x", 1), ("", 0)] {
        let deployment = TestDeployment::new().await;
        deployment.world.wait(DAY * 8);
        let swept = deployment.ask(json!({"sweep": {"webhook_url": wrong}})).await;
        assert_eq!((&swept["renewed"], &swept["webhooks_repaired"]), (&json!(2), &json!(0)), "{wrong}");
        let failures = swept["failures"].as_array().unwrap();
        assert_eq!(failures.len(), told, "{wrong}: {failures:?}");
        assert!(failures.iter().all(|failure| failure["app"] == "webhook_url" && failure["code"] == "invalid_request"));
    }
}

#[tokio::test]
async fn sweep_fails_when_the_store_is_down_but_not_webex() {
    let deployment = TestDeployment::new().await;
    deployment.world.wait(DAY * 8);
    deployment.world.sim.webex.faults().unreachable(true);
    assert_eq!(deployment.ask(json!({"sweep": {}})).await["scanned"], 2);
    deployment.world.sim.secrets.faults().outage(true);
    for payload in [json!({"sweep": {}}), json!({}), event("scheduler")] {
        assert_eq!(deployment.world.lambda.run(payload).await, Err("store_unavailable".to_owned()));
    }
}

#[tokio::test]
async fn sweep_fails_when_the_store_refuses_everything() {
    let deployment = TestDeployment::new().await;
    for operation in [Operation::BatchGetSecretValue, Operation::ListSecrets, Operation::GetSecretValue] {
        let denied = Fault::Error("AccessDeniedException");
        deployment.world.sim.secrets.faults().fail_next(operation, 99, denied);
    }
    assert_eq!(deployment.world.lambda.run(json!({"sweep": {}})).await, Err("store_refused".to_owned()));
}

#[tokio::test]
async fn sweep_leaves_unreadable_documents_alone() {
    let deployment = TestDeployment::new().await;
    deployment.world.wait(DAY * 8);
    let broken = [("apps/broken", "{"), ("grants/reports/default", "[]"), ("grants/reports/x/y", "{}")];
    for (name, text) in broken {
        deployment.world.sim.secrets.put_text(&format!("webex-token-broker/{name}"), text).unwrap();
    }
    let swept = deployment.ask(json!({"sweep": {}})).await;
    assert_eq!((&swept["renewed"], &swept["unreadable"]), (&json!(2), &json!(3)), "{swept}");
    for (name, text) in broken {
        assert_eq!(deployment.world.sim.secrets.current_text(&format!("webex-token-broker/{name}")).unwrap(), text);
    }
}
