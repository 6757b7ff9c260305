//! The exact commands that the webhook function queues for the refresher.

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, STANDARD_NO_PAD, URL_SAFE, URL_SAFE_NO_PAD};
use serde_json::{Value, json};
use simulator::webex::{Change, ids};

use super::{ORG, TestDeployment, changed};

fn reconcile(authorized_at: &str) -> Value {
    json!({"reconcile": {"app": "reports", "subject": ORG, "authorized_at": authorized_at}})
}

fn fence() -> Value {
    json!({"fence": {"app": "reports", "subject": ORG}})
}

#[tokio::test]
async fn authorized_queues_reconcile_and_deauthorized_fence() {
    let deployment = TestDeployment::new().await;
    let answer = deployment.send(&deployment.authorized()).await;
    assert_eq!(answer.json(), json!({"event": "authorized", "subject": ORG}));
    assert_eq!(deployment.world.lambda.take_queue(), [reconcile("2026-11-21T12:00:00Z")]);

    let deauthorized = deployment.event(Change::Deauthorized);
    assert!(deauthorized.authorized_at.is_some(), "Webex repeats the original date");
    deployment.send(&deauthorized.signed(&deployment.app.secret)).await;
    assert_eq!(deployment.world.lambda.take_queue(), [fence()], "which says nothing about now");
}

#[tokio::test]
async fn repeated_delivery_is_queued_again() {
    let deployment = TestDeployment::new().await;
    let delivery = deployment.authorized();
    for _ in 0..3 {
        assert_eq!(deployment.status(&delivery).await, 202);
    }
    assert_eq!(deployment.world.lambda.queued(), vec![reconcile("2026-11-21T12:00:00Z"); 3]);
}

#[tokio::test]
async fn org_in_every_form_names_the_same_grant() {
    let deployment = TestDeployment::new().await;
    let urn = format!("ciscospark://us/ORGANIZATION/{ORG}");
    let elsewhere = format!("ciscospark://urn:TEAM:eu-central-1_k/ORGANIZATION/{}", ORG.to_uppercase());
    let forms = [
        ORG.to_owned(),
        ORG.to_uppercase(),
        ids::org_id(ORG),
        ids::padded_org_id(ORG),
        ids::bare_org_id(ORG),
        STANDARD.encode(&urn),
        STANDARD_NO_PAD.encode(&urn),
        URL_SAFE.encode(&elsewhere),
        URL_SAFE_NO_PAD.encode(&elsewhere),
        STANDARD.encode(ORG.to_uppercase()),
    ];
    for form in forms {
        let body = changed(deployment.body(), "/data/authorizerOrgId", Some(json!(form)));
        assert_eq!(deployment.status(&deployment.signed(&body)).await, 202, "{form}");
        assert_eq!(deployment.world.lambda.take_queue(), [reconcile("2026-11-21T12:00:00Z")], "{form}");
    }
}

#[tokio::test]
async fn date_is_passed_in_utc_and_left_out_if_invalid() {
    let deployment = TestDeployment::new().await;
    let without = json!({"reconcile": {"app": "reports", "subject": ORG}});
    let table = [
        (Some(json!("2026-11-21T12:00:00.123Z")), reconcile("2026-11-21T12:00:00.123Z")),
        (Some(json!("2026-11-21T13:00:00+01:00")), reconcile("2026-11-21T12:00:00Z")),
        (Some(json!("yesterday")), without.clone()),
        (Some(json!(1_795_262_400)), without.clone()),
        (Some(json!(null)), without.clone()),
        (None, without),
    ];
    for (date, payload) in table {
        let body = changed(deployment.body(), "/data/authorizationDate", date.clone());
        assert_eq!(deployment.status(&deployment.signed(&body)).await, 202, "{date:?}");
        assert_eq!(deployment.world.lambda.take_queue(), [payload], "{date:?}");
    }
}

#[tokio::test]
async fn envelope_org_counts_only_with_allow_envelope_org() {
    let no_org = |deployment: &TestDeployment| changed(deployment.body(), "/data/authorizerOrgId", None);
    let strict = TestDeployment::new().await;
    assert_eq!(strict.status(&strict.signed(&no_org(&strict))).await, 400);

    let lenient = TestDeployment::with(&[("ALLOW_ENVELOPE_ORG", "true")]).await;
    let body = changed(no_org(&lenient), "/orgId", Some(json!(ids::org_id(ORG))));
    assert_eq!(lenient.status(&lenient.signed(&body)).await, 202);
    assert_eq!(lenient.world.lambda.take_queue(), [reconcile("2026-11-21T12:00:00Z")]);

    lenient.send(&lenient.authorized()).await;
    let queued = lenient.world.lambda.take_queue();
    assert_eq!(queued, [reconcile("2026-11-21T12:00:00Z")], "authorizerOrgId goes first");
    let invalid = changed(body.clone(), "/data/authorizerOrgId", Some(json!("default")));
    assert_eq!(lenient.status(&lenient.signed(&invalid)).await, 400, "invalid is not absent");
    let neither = changed(body, "/orgId", None);
    assert_eq!(lenient.status(&lenient.signed(&neither)).await, 400);
}

#[tokio::test]
async fn queued_commands_onboard_and_fence_the_org() {
    let deployment = TestDeployment::new().await;
    deployment.world.minter().await;
    deployment.send(&deployment.authorized()).await;
    assert_eq!(deployment.world.lambda.drain().await, [json!({"state": "active"})]);
    let gone = deployment.world.sim.webex.deauthorize(&deployment.app, ORG);
    deployment.send(&gone.signed(&deployment.app.secret)).await;
    assert_eq!(deployment.world.lambda.drain().await, [json!({"state": "fenced"})]);
    assert_eq!(deployment.world.state(&deployment.app, ORG), "fenced");
}
