//! Invalid payloads: the answer names what is wrong, and nothing is done.

use serde_json::{Value, json};

use super::{ORG, TestDeployment, code};

/// Payloads, and what the detail of the answer must contain.
fn unreadable() -> Vec<(Value, &'static str)> {
    let long = "a".repeat(65);
    vec![
        (json!(null), "not an object"),
        (json!([]), "not an object"),
        (json!("sweep"), "sweep, reconcile, fence"),
        (json!(7), "not an object"),
        (json!({"renwe": {}}), "renew"),
        (json!({"Sweep": {}}), "exactly one of"),
        (json!({"sweep": {}, "fence": {}}), "exactly one of"),
        (json!({"sweep": {"webhook_url": 7}}), "webhook_url"),
        (json!({"sweep": {"webhookurl": "x"}}), "did you mean webhook_url?"),
        (json!({"fence": {"app": "reports", "subject": ORG, "since": "x"}}), "unknown field since"),
        (json!({"import": {"app": "reports", "subject": ORG, "refreshtoken": "x"}}), "did you mean refresh_token?"),
        (json!({"fence": {}}), "fence: missing field `app`"),
        (json!({"fence": null}), "fence: missing field `app`"),
        (json!({"fence": {"app": "reports"}}), "`subject`"),
        (json!({"fence": "reports"}), "fence: "),
        (json!({"fence": {"app": "A_B", "subject": ORG}}), "an app's name must be"),
        (json!({"fence": {"app": "reports", "subject": "A B"}}), "a grant's name"),
        (json!({"fence": {"app": "reports", "subject": long}}), "a grant's name"),
        (json!({"reconcile": {"subject": ORG}}), "`app`"),
        (json!({"reconcile": {"app": "reports", "subject": ORG, "authorized_at": "yesterday"}}), "reconcile: "),
        (json!({"renew": {"app": "reports", "subject": ORG, "if_sha256": "00"}}), "64 hexadecimal digits"),
        (json!({"renew": {"app": "reports", "subject": ORG, "reason": "whim"}}), "renew: "),
        (json!({"import": {"app": "reports", "subject": ORG, "refresh_token": 7}}), "import: "),
        (json!({"import": {"app": "reports", "subject": ORG}}), "refresh_token"),
        (json!({"import": {"app": "reports", "subject": ORG, "refresh_token": ""}}), "refresh_token"),
        (json!({"import": {"app": "minter", "subject": "default", "access_token": ""}}), "refresh_token"),
        (json!({"import": {"app": "minter", "subject": "default", "access_token": "x", "expires_in": -1}}), "import: "),
        (json!({"exchange": {"app": "minter", "subject": "default"}}), "`code`"),
        (
            json!({"exchange": {"app": "minter", "subject": "default", "code": "x", "redirect_uri": "y"}}),
            "`code_verifier`",
        ),
        (json!({"verify": {"app": "reports"}}), "`subject`"),
    ]
}

#[tokio::test]
async fn invalid_payload_is_explained_and_changes_nothing() {
    let deployment = TestDeployment::new().await;
    let (names, calls) = (deployment.world.sim.secrets.names(), deployment.world.sim.webex.journal().total());
    let writes = deployment.world.sim.secrets.journal().writes();
    for (payload, named) in unreadable() {
        let answer = deployment.ask(payload.clone()).await;
        assert_eq!(code(&answer), "invalid_request", "{payload}");
        let detail = answer["error"]["detail"].as_str().unwrap();
        assert!(detail.contains(named), "{payload}: {detail}");
        assert_eq!(answer["error"].get("tracking_id"), None);
    }
    assert_eq!(deployment.world.sim.secrets.names(), names);
    assert_eq!(deployment.world.sim.secrets.journal().writes(), writes);
    assert_eq!(deployment.world.sim.webex.journal().total(), calls);
}

#[tokio::test]
async fn unknown_siblings_of_a_command_are_ignored() {
    let deployment = TestDeployment::new().await;
    let fence = json!({"fence": {"app": "reports", "subject": ORG}, "by": {"name": null}});
    assert_eq!(deployment.ask(fence).await, json!({"state": "fenced"}));
    let swept = deployment.ask(json!({"sweep": {}, "execution_id": "x"})).await;
    assert_eq!(swept["scanned"], 2);
}

#[tokio::test]
async fn org_is_accepted_in_every_form() {
    let deployment = TestDeployment::new().await;
    for written in [ORG.to_uppercase(), simulator::webex::ids::org_id(ORG), simulator::webex::ids::bare_org_id(ORG)] {
        let answer = deployment.ask(json!({"verify": {"app": "reports", "subject": written}})).await;
        assert_eq!(answer["alive"], true, "{written}");
    }
    assert_eq!(deployment.grants(), ["minter/default".to_owned(), format!("reports/{ORG}")]);
}

/// Commands about resources that do not exist: the code, and what the detail names.
#[tokio::test]
async fn command_about_a_missing_resource_names_it() {
    let deployment = TestDeployment::new().await;
    let table = [
        (json!({"renew": {"app": "reports", "subject": "default"}}), "not_found", "reports/default"),
        (json!({"verify": {"app": "reports", "subject": "default"}}), "not_found", "reports/default"),
        (json!({"reconcile": {"app": "reports", "subject": "default"}}), "no_org", "reports/default"),
        (
            json!({"import": {"app": "exports", "subject": "default", "refresh_token": "x"}}),
            "unknown_app",
            "apps/exports",
        ),
        (
            json!({"import": {"app": "reports", "subject": "default", "refresh_token": "x"}}),
            "no_org",
            "reports/default",
        ),
        (
            json!({"exchange": {"app": "exports", "subject": "a", "code": "x", "redirect_uri": "y", "code_verifier": "z"}}),
            "unknown_app",
            "apps/exports",
        ),
        (
            json!({"exchange": {"app": "reports", "subject": "a", "code": "x", "redirect_uri": "y", "code_verifier": "z"}}),
            "wrong_kind",
            "Integration",
        ),
    ];
    let grants = deployment.grants();
    for (payload, expected, named) in table {
        let answer = deployment.ask(payload.clone()).await;
        assert_eq!(code(&answer), expected, "{payload}");
        assert!(answer["error"]["detail"].as_str().unwrap().contains(named), "{answer}");
    }
    assert_eq!(deployment.grants(), grants);
}
