//! The table of answers of contract.md, one line a row, and the order of the checks.

use serde_json::json;
use simulator::webex::Delivery;

use super::{TestDeployment, changed};
use crate::harness::TestRequest;

/// Rows: description, request, status.
fn rows(deployment: &TestDeployment) -> Vec<(&'static str, TestRequest, u16)> {
    let body = deployment.body();
    let with = |pointer, value| deployment.request(&deployment.signed(&changed(deployment.body(), pointer, value)));
    let raw = |bytes: &[u8]| deployment.request(&Delivery::sign(&deployment.app.secret, bytes.to_vec()));
    let genuine = deployment.request(&deployment.authorized());
    vec![
        ("authorized", genuine.clone(), 202),
        ("the same again", genuine.clone(), 202),
        ("deauthorized", with("/event", Some(json!("deauthorized"))), 202),
        ("unknown fields", with("/data/more", Some(json!([1, {"a": null}]))), 202),
        ("no application id", with("/data/id", None), 202),
        ("no actor", with("/actorId", None), 202),
        ("another resource", with("/resource", Some(json!("messages"))), 200),
        ("no resource", with("/resource", None), 200),
        ("a resource that is no text", with("/resource", Some(json!(7))), 200),
        ("another event", with("/event", Some(json!("created"))), 200),
        ("no event", with("/event", None), 200),
        ("an event in another case", with("/event", Some(json!("Authorized"))), 200),
        ("another application id", with("/data/id", Some(json!("Y2lzY29zcGFyazovL3VzL0FQUExJQ0FUSU9OL0Nm"))), 200),
        ("not JSON", raw(b"authorized"), 400),
        ("nothing", raw(b""), 400),
        ("half of it", raw(&body.to_string().as_bytes()[..100]), 400),
        ("not an object", raw(b"[]"), 400),
        ("no text at all", raw(&[0xff, 0xfe, 0x00]), 400),
        ("no org", with("/data/authorizerOrgId", None), 400),
        ("an empty org", with("/data/authorizerOrgId", Some(json!(""))), 400),
        ("an org that is none", with("/data/authorizerOrgId", Some(json!("default"))), 400),
        ("a person for an org", with("/data/authorizerOrgId", Some(deployment.body()["actorId"].clone())), 400),
        ("no data", with("/data", None), 400),
        ("no signature", genuine.clone().without("x-spark-signature"), 401),
        ("an app that is none", genuine.clone().path("/webhooks/exports"), 404),
        ("an app that cannot be", genuine.clone().path("/webhooks/Re_ports"), 404),
        ("another path", genuine.clone().path("/webhooks/reports/more"), 404),
        ("another method", genuine.clone().method("PUT"), 405),
        ("too large", raw(&vec![b' '; 64 * 1024 + 1]), 413),
    ]
}

#[tokio::test]
async fn delivery_gets_the_answers_of_the_contract() {
    let deployment = TestDeployment::new().await;
    for (what, request, status) in rows(&deployment) {
        let queued = deployment.world.lambda.queued().len();
        let answer = deployment.world.at_webhook(&request).await;
        assert_eq!(answer.status, status, "{what}: {}", answer.text);
        let more = deployment.world.lambda.queued().len() - queued;
        assert_eq!(more, usize::from(status == 202), "{what}: 202 and only 202 hands over");
    }
    assert_eq!(deployment.world.sim.webex.journal().total(), 0, "nobody asked Webex");
    assert_eq!(deployment.world.sim.secrets.journal().writes(), 0, "nothing was written");
}

#[tokio::test]
async fn foreign_event_is_answered_200_even_with_a_broken_org() {
    let deployment = TestDeployment::new().await;
    for org in [json!(null), json!(42), json!("default"), json!({})] {
        for (pointer, value) in [("/resource", "rooms"), ("/event", "updated"), ("/data/id", "Cother")] {
            let body = changed(deployment.body(), "/data/authorizerOrgId", Some(org.clone()));
            let body = changed(body, pointer, Some(json!(value)));
            assert_eq!(deployment.status(&deployment.signed(&body)).await, 200, "{pointer} {org}");
        }
    }
    assert_eq!(deployment.world.lambda.queued().len(), 0);
}

#[tokio::test]
async fn application_id_is_accepted_in_every_form() {
    let deployment = TestDeployment::new().await;
    let id = &deployment.app.webex.application_id;
    for written in [id.clone(), format!("{id}=="), format!("{id}=")] {
        let body = changed(deployment.body(), "/data/id", Some(json!(written)));
        assert_eq!(deployment.status(&deployment.signed(&body)).await, 202, "{written}");
    }
}

/// Each request has two faults; the first check decides the answer.
#[tokio::test]
async fn checks_run_in_the_order_of_the_contract() {
    let deployment = TestDeployment::new().await;
    let unsigned = |bytes: &[u8]| deployment.request(&Delivery::unsigned(bytes.to_vec()));
    let large = vec![b'x'; 64 * 1024 + 1];
    let no_org = changed(deployment.body(), "/data/authorizerOrgId", None);
    let table = [
        ("path before method", unsigned(b"").path("/other").method("GET"), 404),
        ("method before size", unsigned(&large).method("PUT"), 405),
        ("size before signature", unsigned(&large), 413),
        ("signature's form before app", unsigned(b"").path("/webhooks/exports"), 401),
        ("app before signature", deployment.request(&deployment.authorized()).path("/webhooks/exports"), 404),
        ("signature before JSON", unsigned(b"no JSON"), 401),
        ("signature before resource", unsigned(br#"{"resource":"messages"}"#), 401),
        ("signature before org", unsigned(no_org.to_string().as_bytes()), 401),
        ("JSON before resource", deployment.request(&Delivery::sign(&deployment.app.secret, b"{".to_vec())), 400),
    ];
    for (what, request, status) in table {
        assert_eq!(deployment.world.at_webhook(&request).await.status, status, "{what}");
    }
}

#[tokio::test]
async fn signature_decides_without_a_stored_application_id() {
    let deployment = TestDeployment::new().await;
    deployment.world.put("webhooks/reports", &json!({"secrets": [deployment.app.secret]}));
    let body = changed(deployment.body(), "/data/id", Some(json!("Cother")));
    assert_eq!(deployment.status(&deployment.signed(&body)).await, 202);
}

#[tokio::test]
async fn ignored_delivery_has_its_reason_in_log_and_answer() {
    let deployment = TestDeployment::new().await;
    let body = changed(deployment.body(), "/resource", Some(json!("messages")));
    let answer = deployment.send(&deployment.signed(&body)).await;
    assert_eq!((answer.status, answer.json()), (200, json!({"ignored": "another resource"})));
    assert!(crate::harness::logged().contains(r#""reason":"another resource","app":"reports""#));
}
