//! Aliases of the function: each takes its own commands alone.

use broker_core::clock::{Clock as _, Deadline};
use jiff::SignedDuration;
use serde_json::{Value, json};

use super::{TestDeployment, about, code};

const FUNCTION: &str = "arn:aws:lambda:eu-central-1:111122223333:function:refresher";

impl TestDeployment {
    async fn ask_alias(&self, alias: &str, payload: Value) -> Value {
        let refresher = self.world.refresher();
        let deadline = Deadline::at(refresher.clock().now() + SignedDuration::from_secs(30));
        refresher.answer_as(&format!("{FUNCTION}:{alias}"), payload, deadline).await.unwrap()
    }
}

#[tokio::test]
async fn alias_takes_its_own_commands() {
    let deployment = TestDeployment::new().await;
    assert_eq!(deployment.ask_alias("vend", about("renew", json!({}))).await["state"], "active");
    assert!(deployment.ask_alias("consent", json!({"apps": {}})).await["apps"].is_array());
    assert_eq!(deployment.ask_alias("webhook", about("reconcile", json!({}))).await["state"], "active");
    assert_eq!(deployment.ask_alias("webhook", about("fence", json!({}))).await["state"], "fenced");
}

#[tokio::test]
async fn alias_refuses_other_commands_and_does_nothing() {
    let deployment = TestDeployment::new().await;
    let writes = deployment.world.sim.secrets.journal().writes();
    let calls = deployment.world.sim.webex.journal().total();
    let import = about("import", json!({"refresh_token": "x"}));
    let table = [
        ("webhook", import.clone()),
        ("webhook", json!({"sweep": {}})),
        ("webhook", json!({})),
        ("webhook", about("renew", json!({}))),
        ("vend", about("fence", json!({}))),
        ("vend", json!({"apps": {}})),
        ("vend", about("verify", json!({}))),
        ("consent", json!({"sweep": {}})),
        ("consent", about("renew", json!({}))),
        ("7", about("renew", json!({}))),
        ("unknown", json!({"apps": {}})),
    ];
    for (alias, payload) in table {
        let answer = deployment.ask_alias(alias, payload.clone()).await;
        assert_eq!(code(&answer), "not_allowed", "{alias}: {payload}");
    }
    assert_eq!(deployment.world.sim.secrets.journal().writes(), writes);
    assert_eq!(deployment.world.sim.webex.journal().total(), calls);
}
