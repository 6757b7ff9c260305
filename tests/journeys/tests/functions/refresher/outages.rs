//! The store does not answer, or not as it should.

use serde_json::{Value, json};
use simulator::secrets::{Fault, Operation};

use super::{DAY, ORG, TestDeployment, about, code, sha256};

/// Every command that somebody waits for.
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
async fn whoever_waits_is_told_and_what_would_be_lost_fails_the_invocation() {
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
async fn a_store_that_refuses_is_no_different() {
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
async fn a_hint_that_cannot_be_written_fails_and_works_when_the_queue_brings_it_again() {
    let deployment = TestDeployment::new().await;
    let faults = deployment.world.sim.secrets.faults();
    faults.fail_next(Operation::PutSecretValue, 9999, Fault::InternalError);
    let failed = deployment.world.lambda.run(about("fence", json!({}))).await;
    assert_eq!(failed, Err("store_unavailable".to_owned()));
    assert_eq!(deployment.record()["state"], "active");
    faults.clear();
    assert_eq!(deployment.about("fence", json!({})).await, json!({"state": "fenced"}));
}

/// The webhook's 202 stands for this: the queue keeps what the refresher could not write down.
#[tokio::test]
async fn an_event_survives_an_outage_of_the_store() {
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

/// Trying again would end the same way for ever, so it is told and left to the operator.
#[tokio::test]
async fn a_record_that_cannot_be_read_is_said_and_left_alone() {
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
async fn a_pair_that_was_got_is_stored_through_a_flood_of_failures() {
    let deployment = TestDeployment::new().await;
    deployment.world.wait(DAY * 8);
    let old = deployment.access_token();
    deployment.world.sim.secrets.faults().fail_next(Operation::UpdateSecretVersionStage, 3, Fault::ErrorAfterEffect);
    let answer = deployment.about("renew", json!({})).await;
    assert_eq!(answer["renewed"], true, "{answer}");
    assert_ne!(deployment.access_token(), old);
}
