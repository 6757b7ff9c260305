//! What every deployment sees: normal operation, outages, and a withdrawal.

use jiff::SignedDuration;
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};
use simulator::webex::{Challenge, IntegrationCredentials};

use super::leak_detector::LeakDetector;
use crate::harness::{App, TestRequest};

pub(super) const ORG: &str = "5ec5ec00-0000-4000-8000-000000000001";
pub(super) const VERIFIER: &str = "verifier-canary/+~ of \"forty-three\" characters and more";
pub(super) const CALLBACK: &str = "https://broker.example/callback";
const DAY: SignedDuration = SignedDuration::from_hours(24);

/// The apps of the story.
pub(super) struct Participants {
    pub(super) app: App,
    pub(super) integration: IntegrationCredentials,
}

impl Participants {
    /// A new authorization code for the Integration.
    pub(super) fn code(&self, detector: &mut LeakDetector) -> String {
        let challenge = Some(Challenge::s256(VERIFIER));
        let code = detector.world.sim.webex.authorization_code(
            &self.integration,
            "grace",
            &["spark:all"],
            CALLBACK,
            challenge,
        );
        detector.canaries.add("a code", &code);
        code
    }
}

pub(super) fn path(last: &str) -> String {
    format!("/v1/apps/reports/grants/{ORG}/{last}")
}

pub(super) fn exchange(code: &str, show: bool) -> Value {
    json!({"exchange": {"app": "mobile", "subject": "grace", "code": code, "redirect_uri": CALLBACK,
        "code_verifier": VERIFIER, "show": show}})
}

pub(super) fn about(command: &str) -> Value {
    json!({command: {"app": "reports", "subject": ORG}})
}

pub(super) fn guest() -> TestRequest {
    TestRequest::post(&path("guests"), &json!({"subject": "visitor-1", "display_name": "Grace"}))
}

pub(super) async fn set_up(detector: &mut LeakDetector) -> Participants {
    detector.world.minter().await;
    let app = detector.app("reports");
    detector.world.put(
        "webhooks/reports",
        &json!({"secrets": [app.secret, "a previous secret/+\"&"],
        "application_id": app.webex.application_id}),
    );
    let mobile = detector.world.sim.webex.register_integration("ada", &["spark:all"], CALLBACK);
    detector.world.put(
        "apps/mobile",
        &json!({"kind": "integration", "client_id": mobile.client_id,
        "client_secret": mobile.client_secret, "redirect_uri": CALLBACK}),
    );
    detector.canaries.add("the verifier", VERIFIER);
    detector.add_stored_secrets();
    Participants { app, integration: mobile }
}

pub(super) async fn normal_operation(detector: &mut LeakDetector, participants: &Participants) {
    let authorized = detector.world.sim.webex.authorize(&participants.app, ORG);
    let delivery = authorized.signed(&participants.app.secret).with_webex_signature(&participants.app.secret);
    assert_eq!(detector.deliver("reports", &delivery).await, 202);
    detector.world.lambda.drain().await;
    assert_eq!(detector.ask(json!({"sweep": {}})).await["webhooks_repaired"], 2);
    for code in [participants.code(detector), participants.code(detector)] {
        assert_eq!(detector.ask(exchange(&code, true)).await["state"], "active");
    }
    let code = participants.code(detector);
    detector.ask(exchange(&code, false)).await;
    for command in ["reconcile", "renew", "verify"] {
        detector.ask(about(command)).await;
    }
    detector.ask(json!({"apps": {}})).await;
    device_flow(detector).await;
    consent_by_link(detector, participants).await;
    let personal = detector.world.sim.webex.personal_access_token("ada");
    detector.canaries.add("a personal access token", &personal);
    detector.ask(json!({"import": {"app": "other", "subject": "x", "access_token": personal}})).await;
    let token = detector.world.document(&participants.app, ORG).unwrap()["access_token"].clone();
    let digest = hex::encode(Sha256::digest(token.as_str().unwrap()));
    let rejected = TestRequest::post(&path("token/rejected"), &json!({"access_token_sha256": digest}));
    for request in [
        TestRequest::get(&path("token")),
        TestRequest::get(&path("token")),
        rejected,
        guest(),
        TestRequest::get("/v1/apps/reports/grants"),
    ] {
        assert_eq!(detector.call(&request).await, 200);
    }
    detector.world.wait(DAY * 8);
    assert_eq!(detector.ask(json!({"sweep": {}})).await["renewed"], 5);
}

/// A link and its use. Only the one who asked for the link, and the person who has it, may see it.
async fn consent_by_link(detector: &mut LeakDetector, participants: &Participants) {
    let about = json!({"app": "mobile", "subject": "linked", "scope": "spark:all"});
    let mut made = detector.world.ask(json!({ "make_link": about })).await;
    let Value::String(link) = made["link"].take() else { panic!("no link: {made}") };
    detector.canaries.add("a link", &link);
    detector.world.wait(SignedDuration::from_secs(20));
    for state in ["active", ""] {
        let code = participants.code(detector);
        let mut used = exchange(&code, false);
        used["exchange"]["subject"] = "linked".into();
        used["exchange"]["link"] = link.as_str().into();
        assert_eq!(detector.ask(used).await["state"].as_str().unwrap_or_default(), state);
    }
}

/// The device flow, polled before and after the approval. Only the one who started it may see the device code.
async fn device_flow(detector: &mut LeakDetector) {
    let about = json!({"app": "mobile", "subject": "device", "scope": "spark:all"});
    let mut started = detector.world.ask(json!({ "device_start": about })).await;
    let Value::String(code) = started["device_code"].take() else { panic!("no code: {started}") };
    detector.canaries.add("a device code", &code);
    let poll = json!({"device_poll": {"app": "mobile", "subject": "device", "device_code": code}});
    assert_eq!(detector.ask(poll.clone()).await["state"], "pending");
    detector.ask(poll.clone()).await;
    detector.world.sim.webex.approve_device(started["user_code"].as_str().unwrap(), "grace").unwrap();
    detector.world.wait(SignedDuration::from_secs(20));
    assert_eq!(detector.ask(poll.clone()).await["state"], "active");
    detector.ask(poll).await;
}

pub(super) async fn outages(detector: &mut LeakDetector, participants: &Participants) {
    let again = detector.world.sim.webex.event(simulator::webex::Change::Authorized, &participants.app, ORG);
    let delivery = again.signed(&participants.app.secret);
    for (store, webex, lambda) in [(true, false, false), (false, true, false), (false, false, true)] {
        detector.world.wait(DAY);
        detector.world.sim.secrets.faults().outage(store);
        detector.world.sim.webex.faults().outage(webex);
        detector.world.lambda.outage(lambda);
        one_of_each_request(detector, participants, &delivery).await;
        detector.world.sim.secrets.faults().clear();
        detector.world.sim.webex.faults().clear();
        detector.world.lambda.outage(false);
    }
}

async fn one_of_each_request(
    detector: &mut LeakDetector,
    participants: &Participants,
    delivery: &simulator::webex::Delivery,
) {
    detector.deliver("reports", delivery).await;
    for request in [
        TestRequest::get(&format!("{}?min_ttl=604800", path("token"))),
        guest(),
        TestRequest::get("/v1/apps/reports/grants"),
    ] {
        detector.call(&request).await;
    }
    for command in ["reconcile", "renew", "verify"] {
        detector.ask(about(command)).await;
    }
    let code = participants.code(detector);
    for payload in [exchange(&code, true), json!({"sweep": {}}), json!({"apps": {}})] {
        detector.ask(payload).await;
    }
}

/// The org withdraws, an operator restores the grant once the org is back, and the org withdraws again.
pub(super) async fn withdrawal(detector: &mut LeakDetector, participants: &Participants) {
    retirement(detector, participants).await;
    detector.ask(about("restore")).await;
    detector.world.sim.webex.authorize(&participants.app, ORG);
    assert_eq!(detector.ask(about("restore")).await["state"], "active");
    retirement(detector, participants).await;
    detector.ask(json!({"sweep": {"allow_retirements": true}})).await;
}

async fn retirement(detector: &mut LeakDetector, participants: &Participants) {
    let gone = detector.world.sim.webex.deauthorize(&participants.app, ORG);
    assert_eq!(detector.deliver("reports", &gone.signed(&participants.app.secret)).await, 202);
    detector.world.lambda.drain().await;
    detector.world.wait(SignedDuration::from_secs(301));
    assert_eq!(detector.ask(json!({"sweep": {}})).await["retired"], 1);
    assert_eq!(detector.call(&TestRequest::get(&path("token"))).await, 410);
}
