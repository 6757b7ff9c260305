//! Documents in Secrets Manager that hold a secret and cannot be read.

use serde_json::json;

use super::everyday::{ORG, Participants, about, path};
use super::leak_detector::LeakDetector;
use crate::harness::TestRequest;

const CANARY: &str = "CANARY in a \"document\", expected CANARY at line 1";

/// Documents that hold the canary, each malformed in another way.
fn malformed_documents() -> Vec<String> {
    let values = [json!(CANARY), json!([CANARY]), json!({CANARY: CANARY}), json!({"deep": {"er": CANARY}})];
    let mut texts = vec![CANARY.to_owned(), format!("{{{CANARY}"), format!("{{}} {CANARY}"), format!("[{CANARY:?}]")];
    let whole = json!({"version": 1, "app": "reports", "subject": ORG, "state": "active", "access_token": CANARY,
        "access_token_expires_at": "2027-01-01T00:00:00Z", "refresh_token": CANARY, "kind": "service_app",
        "client_id": "C1", "client_secret": CANARY, "orgs": [], "secrets": [CANARY], "application_id": "x",
        "writes": {}, "issued": {}, "caller_renewals": [], "failure": {"since": "2026-11-21T12:00:00Z", "attempts": 1, "code": "x"}});
    for field in whole.as_object().unwrap().keys() {
        // A client id is no secret.
        for value in values.iter().filter(|value| !(field == "client_id" && value.is_string())) {
            let mut document = whole.clone();
            document[field] = value.clone();
            texts.push(document.to_string());
        }
        let mut document = whole.clone();
        document.as_object_mut().unwrap().remove(field);
        texts.push(document.to_string());
    }
    texts
}

pub(super) async fn documents_that_cannot_be_read(detector: &mut LeakDetector, participants: &Participants) {
    detector.canaries.add("a document's canary", CANARY);
    let store = detector.world.sim.secrets.clone();
    let name = |kind: &str| format!("webex-token-broker/{kind}");
    let grant = format!("grants/reports/{ORG}");
    let good: Vec<_> =
        ["apps/reports", "webhooks/reports", &grant].map(|kind| store.current_text(&name(kind)).unwrap()).into();
    for (nth, text) in malformed_documents().iter().enumerate() {
        for (kind, good) in ["apps/reports", "webhooks/reports", &grant].iter().zip(&good) {
            store.put_text(&name(kind), text).unwrap();
            read_document(detector, participants, kind, nth).await;
            store.put_text(&name(kind), good).unwrap();
        }
    }
    for nth in 0..3 {
        store.put_text(&name(&format!("grants/reports/left-{nth}")), CANARY).unwrap();
        store.put_text(&name(&format!("apps/left-{nth}")), CANARY).unwrap();
    }
    detector.ask(json!({"sweep": {}})).await;
    detector.ask(json!({"apps": {}})).await;
    for nth in 0..3 {
        store.remove(&name(&format!("grants/reports/left-{nth}")));
        store.remove(&name(&format!("apps/left-{nth}")));
    }
}

/// Calls the functions that read a document of this kind. Webex is down, so that no pair is lost.
async fn read_document(detector: &mut LeakDetector, participants: &Participants, kind: &str, nth: usize) {
    detector.world.sim.webex.faults().outage(true);
    detector.world.wait(jiff::SignedDuration::from_secs(61));
    match kind {
        "webhooks/reports" => {
            let event = detector.world.sim.webex.event(simulator::webex::Change::Authorized, &participants.app, ORG);
            detector.deliver("reports", &event.signed(&format!("wrong secret, number {nth}"))).await;
        }
        "apps/reports" => {
            let mut payload = about("renew");
            payload["renew"]["reason"] = "rejected".into();
            detector.ask(payload).await;
            detector.ask(json!({"apps": {}})).await;
        }
        _ => {
            detector.call(&TestRequest::get(&path("token"))).await;
            detector.ask(about("verify")).await;
        }
    }
    detector.world.sim.webex.faults().clear();
}
