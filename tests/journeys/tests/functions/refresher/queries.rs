//! `verify` and `apps`, which change nothing.

use serde_json::json;
use simulator::webex::{Endpoint, Fault};

use super::{ORG, TestDeployment, code};

#[tokio::test]
async fn verify_is_dead_only_at_401() {
    let deployment = TestDeployment::new().await;
    let alive = deployment.about("verify", json!({})).await;
    assert_eq!(alive["alive"], true);
    let fields: Vec<_> = alive.as_object().unwrap().keys().collect();
    assert_eq!(fields, ["alive", "expires_at"]);

    let unknown = json!({"alive": null});
    for fault in [Fault::NonJson(403), Fault::NonJson(404), Fault::NonJson(500), Fault::Drop, Fault::NonJson(200)] {
        deployment.world.sim.webex.faults().fail_next(Endpoint::TokenExpiry, 9, fault.clone());
        assert_eq!(deployment.about("verify", json!({})).await, unknown, "{fault:?}");
        deployment.world.sim.webex.faults().clear();
    }
    deployment.world.sim.webex.faults().outage(true);
    assert_eq!(deployment.about("verify", json!({})).await, unknown);
    deployment.world.sim.webex.faults().outage(false);

    deployment.world.sim.webex.kill(&deployment.access_token());
    assert_eq!(deployment.about("verify", json!({})).await, json!({"alive": false}));
}

#[tokio::test]
async fn verify_accepts_the_minter_and_fenced_grants() {
    let deployment = TestDeployment::new().await;
    let minter = json!({"verify": {"app": "minter", "subject": "default"}});
    assert_eq!(deployment.ask(minter).await["alive"], true);
    deployment.about("fence", json!({})).await;
    assert_eq!(deployment.about("verify", json!({})).await["alive"], true, "held, and Webex still takes it");
}

#[tokio::test]
async fn verify_refuses_a_grant_without_a_token() {
    let deployment = TestDeployment::new().await;
    let other = "00000000-0000-4000-8000-000000000001";
    deployment.ask(json!({"fence": {"app": "reports", "subject": other}})).await;
    let answer = deployment.ask(json!({"verify": {"app": "reports", "subject": other}})).await;
    assert_eq!(code(&answer), "invalid_request");
}

#[tokio::test]
async fn verify_changes_nothing() {
    let deployment = TestDeployment::new().await;
    let (record, writes) = (deployment.record(), deployment.world.sim.secrets.journal().writes());
    deployment.about("verify", json!({})).await;
    deployment.world.sim.webex.kill(&deployment.access_token());
    deployment.about("verify", json!({})).await;
    assert_eq!((deployment.record(), deployment.world.sim.secrets.journal().writes()), (record, writes));
}

#[tokio::test]
async fn apps_lists_all_apps_without_secrets() {
    let deployment = TestDeployment::new().await;
    let mobile = deployment.integration("mobile");
    let answer = deployment.ask(json!({"apps": {}})).await;
    let minter = deployment.world.sim.secrets.current_json("webex-token-broker/apps/minter").unwrap();
    let callback = "https://broker.example/callback";
    let expected = json!({"apps": [
        {"app": "minter", "kind": "integration", "client_id": minter["client_id"], "redirect_uri": callback,
            "scopes": minter["scopes"]},
        {"app": "mobile", "kind": "integration", "client_id": mobile.client_id, "redirect_uri": callback},
        {"app": "reports", "kind": "service_app", "client_id": deployment.app.webex.client_id},
    ]});
    assert_eq!(answer, expected);
    let secrets = [&mobile.client_secret, &deployment.app.webex.client_secret, &deployment.app.secret];
    assert!(secrets.iter().all(|secret| !answer.to_string().contains(*secret)));
    assert!(!answer.to_string().contains(minter["client_secret"].as_str().unwrap()));
}

#[tokio::test]
async fn apps_leaves_out_an_unreadable_app() {
    let deployment = TestDeployment::new().await;
    deployment.world.sim.secrets.put_text("webex-token-broker/apps/broken", "{").unwrap();
    deployment.world.sim.secrets.put_text("webex-token-broker/apps/UPPER", "{}").unwrap();
    let answer = deployment.ask(json!({"apps": null})).await;
    let names: Vec<_> = answer["apps"].as_array().unwrap().iter().map(|app| &app["app"]).collect();
    assert_eq!(names, [&json!("minter"), &json!("reports")]);
    assert_eq!(deployment.about("verify", json!({})).await["alive"], true, "{ORG}");
}
