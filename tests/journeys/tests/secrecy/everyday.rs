//! What happens in any deployment: good days, outages, leaving.

use jiff::SignedDuration;
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};
use simulator::webex::{Challenge, IntegrationCredentials};

use super::watch::Watch;
use crate::harness::{App, TestRequest};

pub(super) const ORG: &str = "5ec5ec00-0000-4000-8000-000000000001";
pub(super) const VERIFIER: &str = "verifier-canary/+~ of \"forty-three\" characters and more";
pub(super) const CALLBACK: &str = "https://broker.example/callback";
const DAY: SignedDuration = SignedDuration::from_hours(24);

/// Who takes part.
pub(super) struct Stage {
    pub(super) app: App,
    pub(super) mobile: IntegrationCredentials,
}

impl Stage {
    /// A code of Webex's for the Integration.
    pub(super) fn code(&self, watch: &mut Watch) -> String {
        let challenge = Some(Challenge::s256(VERIFIER));
        let code = watch.world.sim.webex.authorization_code(&self.mobile, "grace", &["spark:all"], CALLBACK, challenge);
        watch.canaries.add("a code", &code);
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

pub(super) async fn set_the_stage(watch: &mut Watch) -> Stage {
    watch.world.minter().await;
    let app = watch.app("reports");
    watch.world.put(
        "webhooks/reports",
        &json!({"secrets": [app.secret, "a previous secret/+\"&"],
        "application_id": app.webex.application_id}),
    );
    let mobile = watch.world.sim.webex.register_integration("ada", &["spark:all"], CALLBACK);
    watch.world.put(
        "apps/mobile",
        &json!({"kind": "integration", "client_id": mobile.client_id,
        "client_secret": mobile.client_secret, "redirect_uri": CALLBACK}),
    );
    watch.canaries.add("the verifier", VERIFIER);
    watch.remember();
    Stage { app, mobile }
}

pub(super) async fn a_good_day(watch: &mut Watch, stage: &Stage) {
    let authorized = watch.world.sim.webex.authorize(&stage.app, ORG);
    let delivery = authorized.signed(&stage.app.secret).with_webex_signature(&stage.app.secret);
    assert_eq!(watch.deliver("reports", &delivery).await, 202);
    watch.world.lambda.drain().await;
    assert_eq!(watch.ask(json!({"sweep": {}})).await["webhooks_repaired"], 2);
    for code in [stage.code(watch), stage.code(watch)] {
        assert_eq!(watch.ask(exchange(&code, true)).await["state"], "active");
    }
    let code = stage.code(watch);
    watch.ask(exchange(&code, false)).await;
    for command in ["reconcile", "renew", "verify"] {
        watch.ask(about(command)).await;
    }
    watch.ask(json!({"apps": {}})).await;
    a_device(watch).await;
    let personal = watch.world.sim.webex.personal_access_token("ada");
    watch.canaries.add("a personal access token", &personal);
    watch.ask(json!({"import": {"app": "other", "subject": "x", "access_token": personal}})).await;
    let token = watch.world.document(&stage.app, ORG).unwrap()["access_token"].clone();
    let digest = hex::encode(Sha256::digest(token.as_str().unwrap()));
    let rejected = TestRequest::post(&path("token/rejected"), &json!({"access_token_sha256": digest}));
    for request in [
        TestRequest::get(&path("token")),
        TestRequest::get(&path("token")),
        rejected,
        guest(),
        TestRequest::get("/v1/apps/reports/grants"),
    ] {
        assert_eq!(watch.call(&request).await, 200);
    }
    watch.world.wait(DAY * 8);
    assert_eq!(watch.ask(json!({"sweep": {}})).await["renewed"], 4);
}

/// Consent by the device flow, asked for too soon, and again. The device code is for whoever started it.
async fn a_device(watch: &mut Watch) {
    let about = json!({"app": "mobile", "subject": "device", "scope": "spark:all"});
    let mut started = watch.world.ask(json!({ "device_start": about })).await;
    let Value::String(code) = started["device_code"].take() else { panic!("no code: {started}") };
    watch.canaries.add("a device code", &code);
    let poll = json!({"device_poll": {"app": "mobile", "subject": "device", "device_code": code}});
    assert_eq!(watch.ask(poll.clone()).await["state"], "pending");
    watch.ask(poll.clone()).await;
    watch.world.sim.webex.approve_device(started["user_code"].as_str().unwrap(), "grace").unwrap();
    watch.world.wait(SignedDuration::from_secs(20));
    assert_eq!(watch.ask(poll.clone()).await["state"], "active");
    watch.ask(poll).await;
}

pub(super) async fn outages(watch: &mut Watch, stage: &Stage) {
    let again = watch.world.sim.webex.event(simulator::webex::Change::Authorized, &stage.app, ORG);
    let delivery = again.signed(&stage.app.secret);
    for (store, webex, lambda) in [(true, false, false), (false, true, false), (false, false, true)] {
        watch.world.wait(DAY);
        watch.world.sim.secrets.faults().outage(store);
        watch.world.sim.webex.faults().outage(webex);
        watch.world.lambda.outage(lambda);
        everything_at_once(watch, stage, &delivery).await;
        watch.world.sim.secrets.faults().clear();
        watch.world.sim.webex.faults().clear();
        watch.world.lambda.outage(false);
    }
}

async fn everything_at_once(watch: &mut Watch, stage: &Stage, delivery: &simulator::webex::Delivery) {
    watch.deliver("reports", delivery).await;
    for request in [
        TestRequest::get(&format!("{}?min_ttl=604800", path("token"))),
        guest(),
        TestRequest::get("/v1/apps/reports/grants"),
    ] {
        watch.call(&request).await;
    }
    for command in ["reconcile", "renew", "verify"] {
        watch.ask(about(command)).await;
    }
    let code = stage.code(watch);
    for payload in [exchange(&code, true), json!({"sweep": {}}), json!({"apps": {}})] {
        watch.ask(payload).await;
    }
}

pub(super) async fn the_end(watch: &mut Watch, stage: &Stage) {
    let gone = watch.world.sim.webex.deauthorize(&stage.app, ORG);
    assert_eq!(watch.deliver("reports", &gone.signed(&stage.app.secret)).await, 202);
    watch.world.lambda.drain().await;
    watch.world.wait(SignedDuration::from_secs(301));
    assert_eq!(watch.ask(json!({"sweep": {}})).await["retired"], 1);
    assert_eq!(watch.call(&TestRequest::get(&path("token"))).await, 410);
}
