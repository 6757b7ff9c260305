//! Operators store secrets in documents that cannot be read.

use serde_json::json;

use super::everyday::{ORG, Stage, about, path};
use super::watch::Watch;
use crate::harness::TestRequest;

const CANARY: &str = "CANARY in a \"document\", expected CANARY at line 1";

/// Texts that are wrong, each in a way of its own, with the canary in them.
fn texts() -> Vec<String> {
    let odd = [json!(CANARY), json!([CANARY]), json!({CANARY: CANARY}), json!({"deep": {"er": CANARY}})];
    let mut texts = vec![CANARY.to_owned(), format!("{{{CANARY}"), format!("{{}} {CANARY}"), format!("[{CANARY:?}]")];
    let whole = json!({"version": 1, "app": "reports", "subject": ORG, "state": "active", "access_token": CANARY,
        "access_token_expires_at": "2027-01-01T00:00:00Z", "refresh_token": CANARY, "kind": "service_app",
        "client_id": "C1", "client_secret": CANARY, "orgs": [], "secrets": [CANARY], "application_id": "x"});
    for field in whole.as_object().unwrap().keys() {
        // Who the client is may be known to anybody.
        for value in odd.iter().filter(|value| !(field == "client_id" && value.is_string())) {
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

pub(super) async fn secrets_in_broken_documents(watch: &mut Watch, stage: &Stage) {
    watch.canaries.add("a document's canary", CANARY);
    let store = watch.world.sim.secrets.clone();
    let name = |kind: &str| format!("webex-token-broker/{kind}");
    let grant = format!("grants/reports/{ORG}");
    let good: Vec<_> =
        ["apps/reports", "webhooks/reports", &grant].map(|kind| store.current_text(&name(kind)).unwrap()).into();
    for (nth, text) in texts().iter().enumerate() {
        for (kind, good) in ["apps/reports", "webhooks/reports", &grant].iter().zip(&good) {
            store.put_text(&name(kind), text).unwrap();
            use_it(watch, stage, kind, nth).await;
            store.put_text(&name(kind), good).unwrap();
        }
    }
    for nth in 0..3 {
        store.put_text(&name(&format!("grants/reports/left-{nth}")), CANARY).unwrap();
        store.put_text(&name(&format!("apps/left-{nth}")), CANARY).unwrap();
    }
    watch.ask(json!({"sweep": {}})).await;
    watch.ask(json!({"apps": {}})).await;
    for nth in 0..3 {
        store.remove(&name(&format!("grants/reports/left-{nth}")));
        store.remove(&name(&format!("apps/left-{nth}")));
    }
}

/// Lets whoever reads a document of this kind read it. Webex does not answer, so that nothing good is lost.
async fn use_it(watch: &mut Watch, stage: &Stage, kind: &str, nth: usize) {
    watch.world.sim.webex.faults().outage(true);
    watch.world.wait(jiff::SignedDuration::from_secs(61));
    match kind {
        "webhooks/reports" => {
            let event = watch.world.sim.webex.event(simulator::webex::Change::Authorized, &stage.app, ORG);
            watch.deliver("reports", &event.signed(&format!("wrong secret, number {nth}"))).await;
        }
        "apps/reports" => {
            let mut payload = about("renew");
            payload["renew"]["reason"] = "rejected".into();
            watch.ask(payload).await;
            watch.ask(json!({"apps": {}})).await;
        }
        _ => {
            watch.call(&TestRequest::get(&path("token"))).await;
            watch.ask(about("verify")).await;
        }
    }
    watch.world.sim.webex.faults().clear();
}
