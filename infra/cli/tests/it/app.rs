//! `wtb app`.

use insta::assert_snapshot;
use serde_json::{Value, json};
use wtb::Exit;

use crate::fixtures::{self, org, page};
use crate::machine::{RANDOM_SECRET, TestMachine, wtb};
use crate::stand_in::{StandIn, refusal};

const APP: &str = "webex-token-broker/apps/reports";
const WEBHOOKS: &str = "webex-token-broker/webhooks/reports";

#[tokio::test]
async fn add_stores_credentials_and_a_webhook_secret() {
    let stand_in = StandIn::start().await;
    let machine = TestMachine::answering(&stand_in, &["CANARY-client-secret"]);
    let arguments = format!("app add reports --kind service-app --client-id Cafe --org {}", org(1));
    let ran = machine.run(&stand_in, &arguments).await;
    assert_eq!(ran.exit, Exit::Ok);
    assert_snapshot!(format!("{}{}", ran.notes, ran.out));
    let expected = json!({
        "kind": "service_app", "client_id": "Cafe", "client_secret": "CANARY-client-secret", "orgs": [org(1)],
    });
    assert_eq!(stand_in.secret(APP), Some(expected));
    assert_eq!(stand_in.secret(WEBHOOKS), Some(json!({ "secrets": [RANDOM_SECRET] })));
}

#[tokio::test]
async fn add_of_an_integration_stores_no_webhook_secret() {
    let stand_in = StandIn::start().await;
    let machine = TestMachine { input: "CANARY-secret\n".to_owned(), ..TestMachine::without_terminal(&stand_in) };
    let ran = machine
        .run(
            &stand_in,
            "app add minter --kind integration --client-id C0 --client-secret-file - \
             --redirect-uri https://c.example/callback --scope a --scope b --json",
        )
        .await;
    assert_eq!(ran.exit, Exit::Ok);
    let expected = json!({
        "kind": "integration", "client_id": "C0", "client_secret": "CANARY-secret",
        "redirect_uri": "https://c.example/callback", "scopes": ["a", "b"],
    });
    assert_eq!(stand_in.secret("webex-token-broker/apps/minter"), Some(expected));
    assert_eq!(stand_in.steps(), ["CreateSecret"]);
    let document: Value = serde_json::from_str(&ran.out).unwrap();
    assert_eq!(document["created"], json!(["webex-token-broker/apps/minter"]));
}

#[tokio::test]
async fn add_leaves_what_exists() {
    let stand_in = StandIn::start().await;
    stand_in.stores(APP, json!({ "client_secret": "CANARY-old" })).stores(WEBHOOKS, json!({ "secrets": ["CANARY"] }));
    let machine = TestMachine::answering(&stand_in, &["CANARY-new"]);
    let ran = machine.run(&stand_in, "app add reports --kind service-app --client-id Cafe").await;
    assert_eq!(ran.exit, Exit::Failed);
    assert!(ran.notes.contains("wtb app rotate-secret reports"), "{}", ran.notes);
    assert_eq!(stand_in.secret(APP).unwrap()["client_secret"], "CANARY-old");
    assert_eq!(stand_in.secret(WEBHOOKS).unwrap()["secrets"], json!(["CANARY"]));
}

#[tokio::test]
async fn add_of_a_deleted_app_says_how_to_restore_it() {
    let stand_in = StandIn::start().await;
    let message = "You can't create this secret because a secret with this name is already scheduled for deletion.";
    stand_in.fails("CreateSecret", "InvalidRequestException", message);
    let machine = TestMachine::answering(&stand_in, &["CANARY-secret"]);
    let ran = machine.run(&stand_in, "app add reports --kind service-app --client-id Cafe").await;
    assert_eq!(ran.exit, Exit::Failed);
    assert!(ran.notes.contains(&format!("restore-secret --secret-id {WEBHOOKS}")), "{}", ran.notes);
}

#[tokio::test]
async fn add_refuses_options_of_the_other_kind() {
    let stand_in = StandIn::start().await;
    let org = org(1);
    for arguments in [
        format!("app add a --kind integration --client-id C --org {org}"),
        "app add a --kind service-app --client-id C --scope x".to_owned(),
        "app add A --kind service-app --client-id C".to_owned(),
    ] {
        assert_eq!(wtb(&stand_in, &arguments).await.exit, Exit::Usage, "{arguments}");
    }
    assert_eq!(stand_in.steps(), [] as [&str; 0]);
}

#[tokio::test]
async fn check_shows_what_webex_said() {
    let stand_in = StandIn::start().await;
    stand_in.stores(APP, json!({}));
    stand_in.answers("status", [page(&fixtures::broken_apps(), &[])]);
    let ran = wtb(&stand_in, "app check reports").await;
    assert_eq!(ran.exit, Exit::Attention);
    assert_snapshot!("check_broken", ran.out);
    stand_in.stores(WEBHOOKS, json!({})).answers("status", [fixtures::healthy()]);
    let ran = wtb(&stand_in, "app check reports").await;
    assert_eq!(ran.exit, Exit::Ok);
    assert_snapshot!("check_healthy", ran.out);
    stand_in.answers("status", [refusal("unknown_app", "the secret apps/other is missing")]);
    let ran = wtb(&stand_in, "app check other").await;
    assert_eq!(ran.exit, Exit::Failed);
    assert!(ran.notes.contains("wtb app add other"), "{}", ran.notes);
}

#[tokio::test]
async fn rotate_secret_replaces_the_client_secret_alone() {
    let stand_in = StandIn::start().await;
    stand_in.stores(APP, json!({ "kind": "service_app", "client_secret": "CANARY-old", "future": [1] }));
    stand_in.answers("sweep", [fixtures::sweep()]);
    let machine = TestMachine::answering(&stand_in, &["CANARY-new"]);
    let ran = machine.run(&stand_in, "app rotate-secret reports").await;
    assert_eq!(ran.exit, Exit::Ok);
    assert_snapshot!(format!("{}{}", ran.notes, ran.out));
    let expected = json!({ "kind": "service_app", "client_secret": "CANARY-new", "future": [1] });
    assert_eq!(stand_in.secret(APP), Some(expected));
    assert_eq!(stand_in.steps(), ["GetSecretValue", "PutSecretValue", "Invoke sweep"]);
}

#[tokio::test]
async fn rotate_secret_lists_what_still_fails() {
    let stand_in = StandIn::start().await;
    stand_in.stores(APP, json!({ "client_secret": "CANARY-old" }));
    stand_in.answers("sweep", [fixtures::sweep_with_failure()]);
    let machine = TestMachine::answering(&stand_in, &["CANARY-new"]);
    let ran = machine.run(&stand_in, "app rotate-secret reports").await;
    assert_eq!(ran.exit, Exit::Attention);
    assert!(ran.out.contains("this still fails"), "{}", ran.out);
}

#[tokio::test]
async fn rotate_secret_of_an_empty_answer_changes_nothing() {
    let stand_in = StandIn::start().await;
    stand_in.stores(APP, json!({ "client_secret": "CANARY-old" }));
    let machine = TestMachine::answering(&stand_in, &["  "]);
    let ran = machine.run(&stand_in, "app rotate-secret reports").await;
    assert_eq!(ran.exit, Exit::Usage);
    assert_eq!(stand_in.secret(APP).unwrap()["client_secret"], "CANARY-old");
}

#[tokio::test]
async fn remove_goes_on_until_nothing_is_left() {
    let stand_in = StandIn::start().await;
    stand_in.stores(APP, json!({})).stores(WEBHOOKS, json!({}));
    let step = |removed: u32, left: u32| json!({ "removed": removed, "left": left, "next_steps": [] });
    let last = json!({ "removed": 7, "left": 0, "next_steps": ["delete the Service App reports in Webex's portal"] });
    stand_in.answers("remove_app", [step(100, 107), step(100, 7), last]);
    let machine = TestMachine::answering(&stand_in, &["reports"]);
    let ran = machine.run(&stand_in, "app remove reports --delete-secrets").await;
    assert_eq!(ran.exit, Exit::Ok);
    assert_snapshot!(format!("{}{}", ran.notes, ran.out));
    assert_eq!(stand_in.bodies("remove_app"), vec![json!({ "app": "reports", "confirm": "reports" }); 3]);
    assert_eq!((stand_in.secret(APP), stand_in.secret(WEBHOOKS)), (None, None));
}

#[tokio::test]
async fn remove_stops_if_nothing_can_be_removed() {
    let stand_in = StandIn::start().await;
    stand_in.answers("remove_app", [json!({ "removed": 0, "left": 3, "next_steps": [] })]);
    let ran = wtb(&stand_in, "app remove reports --yes").await;
    assert_eq!(ran.exit, Exit::Failed);
    assert!(ran.notes.contains("3 grants of reports could not be removed"), "{}", ran.notes);
}

#[tokio::test]
async fn remove_declined_changes_nothing() {
    let stand_in = StandIn::start().await;
    stand_in.stores(APP, json!({}));
    let machine = TestMachine::answering(&stand_in, &["minter"]);
    let ran = machine.run(&stand_in, "app remove reports --delete-secrets").await;
    assert_eq!(ran.exit, Exit::Failed);
    assert_eq!(stand_in.steps(), [] as [&str; 0]);
    assert!(stand_in.secret(APP).is_some());
}
