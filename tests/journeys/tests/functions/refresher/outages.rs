//! Outages and refusals of Secrets Manager.

use serde_json::{Value, json};
use simulator::secrets::{Fault, Operation};

use super::{DAY, ORG, TestDeployment, about, code, sha256};

/// All commands that are invoked synchronously.
fn waited_for() -> Vec<Value> {
    let exchange =
        json!({"app": "minter", "subject": "default", "code": "x", "redirect_uri": "y", "code_verifier": "z"});
    vec![
        about("renew", json!({})),
        about("renew", json!({"if_sha256": sha256("x"), "reason": "rejected"})),
        about("verify", json!({})),
        about("import", json!({"refresh_token": "x"})),
        json!({"exchange": exchange}),
        json!({"apps": {}}),
    ]
}

#[tokio::test]
async fn store_outage_answers_commands_and_fails_hints() {
    let deployment = TestDeployment::new().await;
    deployment.world.sim.secrets.faults().outage(true);
    for payload in waited_for() {
        assert_eq!(code(&deployment.ask(payload.clone()).await), "store_unavailable", "{payload}");
    }
    for hint in ["reconcile", "fence"] {
        let failed = deployment.world.lambda.run(about(hint, json!({}))).await;
        assert_eq!(failed, Err("store_unavailable".to_owned()), "{hint}");
    }
}

#[tokio::test]
async fn store_refusal_answers_commands_and_fails_hints() {
    let deployment = TestDeployment::new().await;
    let denied = Fault::Error("AccessDeniedException");
    deployment.world.sim.secrets.faults().fail_next(Operation::GetSecretValue, 99, denied);
    assert_eq!(code(&deployment.about("renew", json!({})).await), "store_refused");
    for hint in ["reconcile", "fence"] {
        let failed = deployment.world.lambda.run(about(hint, json!({}))).await;
        assert_eq!(failed, Err("store_refused".to_owned()), "{hint}");
    }
}

#[tokio::test]
async fn hint_that_cannot_be_written_fails_and_works_later() {
    let deployment = TestDeployment::new().await;
    let faults = deployment.world.sim.secrets.faults();
    faults.fail_next(Operation::PutSecretValue, 9999, Fault::InternalError);
    let failed = deployment.world.lambda.run(about("fence", json!({}))).await;
    assert_eq!(failed, Err("store_unavailable".to_owned()));
    assert_eq!(deployment.record()["state"], "active");
    faults.clear();
    assert_eq!(deployment.about("fence", json!({})).await, json!({"state": "fenced"}));
}

/// The webhook's 202 promises this: the queue keeps a hint that the refresher could not record.
#[tokio::test]
async fn event_survives_an_outage_of_the_store() {
    let deployment = TestDeployment::new().await;
    let gone = deployment.world.sim.webex.deauthorize(&deployment.app, ORG);
    assert_eq!(deployment.world.deliver(&deployment.app, &gone).await.status, 202);
    deployment.world.sim.secrets.faults().outage(true);
    for _ in 0..3 {
        assert_eq!(deployment.world.lambda.drain().await, [] as [Value; 0]);
        assert_eq!(deployment.world.lambda.queued().len(), 1);
    }
    deployment.world.sim.secrets.faults().outage(false);
    assert_eq!(deployment.world.lambda.drain().await, [json!({"state": "fenced"})]);
}

/// Another attempt would fail in the same way, so that the failure is an answer for the operator.
#[tokio::test]
async fn unreadable_record_is_reported_and_left_alone() {
    let deployment = TestDeployment::new().await;
    let name = format!("webex-token-broker/grants/reports/{ORG}");
    deployment.world.sim.secrets.put_text(&name, r#"{"version":1,"state":"odd"}"#).unwrap();
    for command in ["reconcile", "fence", "renew", "verify"] {
        let answer = deployment.about(command, json!({})).await;
        assert_eq!(code(&answer), "unreadable", "{command}");
        assert!(answer["error"]["detail"].as_str().unwrap().contains(&format!("grants/reports/{ORG}")), "{answer}");
    }
    assert_eq!(deployment.world.sim.secrets.current_text(&name).unwrap(), r#"{"version":1,"state":"odd"}"#);
}

#[tokio::test]
async fn renewed_pair_is_stored_through_failing_writes() {
    let deployment = TestDeployment::new().await;
    deployment.world.wait(DAY * 8);
    let old = deployment.access_token();
    deployment.world.sim.secrets.faults().fail_next(Operation::UpdateSecretVersionStage, 3, Fault::ErrorAfterEffect);
    let answer = deployment.about("renew", json!({})).await;
    assert_eq!(answer["renewed"], true, "{answer}");
    assert_ne!(deployment.access_token(), old);
}
