//! The table of answers, one line a row, and the order in which things are looked at.

use serde_json::json;
use simulator::webex::Delivery;

use super::{Desk, changed};
use crate::harness::Knock;

/// Rows: what it is, the request, the answer.
fn rows(desk: &Desk) -> Vec<(&'static str, Knock, u16)> {
    let body = desk.body();
    let with = |pointer, value| desk.knock(&desk.signed(&changed(desk.body(), pointer, value)));
    let raw = |bytes: &[u8]| desk.knock(&Delivery::sign(&desk.app.secret, bytes.to_vec()));
    let genuine = desk.knock(&desk.authorized());
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
        ("a person for an org", with("/data/authorizerOrgId", Some(desk.body()["actorId"].clone())), 400),
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
async fn each_answer_of_the_contract() {
    let desk = Desk::new().await;
    for (what, knock, status) in rows(&desk) {
        let queued = desk.world.lambda.queued().len();
        let answer = desk.world.at_webhook(&knock).await;
        assert_eq!(answer.status, status, "{what}: {}", answer.text);
        let more = desk.world.lambda.queued().len() - queued;
        assert_eq!(more, usize::from(status == 202), "{what}: 202 and only 202 hands over");
    }
    assert_eq!(desk.world.sim.webex.journal().total(), 0, "nobody asked Webex");
    assert_eq!(desk.world.sim.secrets.journal().writes(), 0, "nothing was written");
}

#[tokio::test]
async fn what_is_not_ours_is_answered_200_even_with_a_broken_org() {
    let desk = Desk::new().await;
    for org in [json!(null), json!(42), json!("default"), json!({})] {
        for (pointer, value) in [("/resource", "rooms"), ("/event", "updated"), ("/data/id", "Cother")] {
            let body = changed(desk.body(), "/data/authorizerOrgId", Some(org.clone()));
            let body = changed(body, pointer, Some(json!(value)));
            assert_eq!(desk.status(&desk.signed(&body)).await, 200, "{pointer} {org}");
        }
    }
    assert_eq!(desk.world.lambda.queued().len(), 0);
}

#[tokio::test]
async fn the_application_id_may_be_written_in_any_of_webexs_ways() {
    let desk = Desk::new().await;
    let id = &desk.app.webex.application_id;
    for written in [id.clone(), format!("{id}=="), format!("{id}=")] {
        let body = changed(desk.body(), "/data/id", Some(json!(written)));
        assert_eq!(desk.status(&desk.signed(&body)).await, 202, "{written}");
    }
}

/// Each request has two faults; the one that is looked at first decides.
#[tokio::test]
async fn things_are_looked_at_in_the_order_of_the_contract() {
    let desk = Desk::new().await;
    let unsigned = |bytes: &[u8]| desk.knock(&Delivery::unsigned(bytes.to_vec()));
    let large = vec![b'x'; 64 * 1024 + 1];
    let no_org = changed(desk.body(), "/data/authorizerOrgId", None);
    let table = [
        ("path before method", unsigned(b"").path("/other").method("GET"), 404),
        ("method before size", unsigned(&large).method("PUT"), 405),
        ("size before signature", unsigned(&large), 413),
        ("app before signature", unsigned(b"").path("/webhooks/exports"), 404),
        ("signature before JSON", unsigned(b"no JSON"), 401),
        ("signature before resource", unsigned(br#"{"resource":"messages"}"#), 401),
        ("signature before org", unsigned(no_org.to_string().as_bytes()), 401),
        ("JSON before resource", desk.knock(&Delivery::sign(&desk.app.secret, b"{".to_vec())), 400),
    ];
    for (what, knock, status) in table {
        assert_eq!(desk.world.at_webhook(&knock).await.status, status, "{what}");
    }
}

#[tokio::test]
async fn without_an_application_id_of_the_operators_the_signature_decides_whose_event_it_is() {
    let desk = Desk::new().await;
    desk.world.put("webhooks/reports", &json!({"secrets": [desk.app.secret]}));
    let body = changed(desk.body(), "/data/id", Some(json!("Cother")));
    assert_eq!(desk.status(&desk.signed(&body)).await, 202);
}

#[tokio::test]
async fn the_reason_for_doing_nothing_is_logged_and_answered() {
    let desk = Desk::new().await;
    let body = changed(desk.body(), "/resource", Some(json!("messages")));
    let answer = desk.send(&desk.signed(&body)).await;
    assert_eq!((answer.status, answer.json()), (200, json!({"ignored": "another resource"})));
    assert!(crate::harness::logged().contains(r#""reason":"another resource","app":"reports""#));
}
