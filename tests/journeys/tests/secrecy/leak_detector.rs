//! A deployment whose answers are all recorded and searched for secrets.

use broker_core::clock::{Clock as _, Deadline};
use jiff::SignedDuration;
use refresher::Refresher;
use serde_json::Value;
use simulator::webex::Delivery;

use super::canaries::Canaries;
use crate::harness::{Answer, App, Deployment, ManualClock, TestRequest, logged};

/// A deployment, its secrets, and every answer that it has given.
pub(super) struct LeakDetector {
    pub(super) world: Deployment,
    pub(super) canaries: Canaries,
    refresher: Refresher<ManualClock>,
    recorded: Vec<String>,
}

impl LeakDetector {
    pub(super) async fn new() -> Self {
        let world = Deployment::with(&[
            ("SHOW_TOKENS", "true"),
            ("WEBHOOK_URL", "https://hooks.example"),
            ("EVENT_BUS", "default"),
        ])
        .await;
        let refresher = world.refresher();
        // The story writes more versions in a day than AWS allows.
        world.sim.secrets.version_quota(10_000);
        Self { world, canaries: Canaries::default(), refresher, recorded: Vec::new() }
    }

    /// Sets up an app and adds its secrets.
    pub(super) fn app(&mut self, name: &'static str) -> App {
        let app = self.world.app(name);
        self.add_stored_secrets();
        app
    }

    /// Adds all secrets that the store holds.
    pub(super) fn add_stored_secrets(&mut self) {
        self.canaries.add_all_of(&self.world.sim.secrets);
    }

    /// Posts a delivery and adds its signatures.
    pub(super) async fn deliver(&mut self, app: &str, delivery: &Delivery) -> u16 {
        for name in ["X-Spark-Signature", "X-Webex-Signature"] {
            if let Some(signature) = delivery.header(name).filter(|signature| signature.len() >= 40) {
                self.canaries.add(name, signature);
            }
        }
        self.post(&TestRequest::delivery(app, delivery)).await
    }

    /// Sends a request to webhook.
    pub(super) async fn post(&mut self, request: &TestRequest) -> u16 {
        let answer = self.world.at_webhook(request).await;
        self.record_answer(&answer, &answer.text);
        self.add_stored_secrets();
        answer.status
    }

    /// Calls vend. The token in the answer is meant for the caller, so it is not recorded.
    pub(super) async fn call(&mut self, request: &TestRequest) -> u16 {
        let answer = self.world.at(&self.world.vend, request).await;
        let mut visible = answer.json();
        if answer.status == 200 {
            self.remove_token(&mut visible);
        }
        self.record_answer(&answer, &visible.to_string());
        self.add_stored_secrets();
        answer.status
    }

    /// Invokes the refresher. Only the answer to an exchange that may show its token may hold one.
    pub(super) async fn ask(&mut self, payload: Value) -> Value {
        let may_show = payload["exchange"]["show"] == true;
        let deadline = Deadline::at(self.world.clock.now() + SignedDuration::from_secs(30));
        let answer = match self.refresher.answer(payload, deadline).await {
            Ok(mut answer) => {
                if may_show {
                    self.remove_token(&mut answer);
                }
                answer
            }
            Err(failed) => format!("{}: {}", failed.error_type, failed.error_message).into(),
        };
        self.recorded.push(answer.to_string());
        self.add_stored_secrets();
        answer
    }

    /// Removes the token from an answer that is meant to hold one, and adds it to the secrets.
    fn remove_token(&mut self, answer: &mut Value) {
        let Some(fields) = answer.as_object_mut() else { return };
        if let Some(Value::String(token)) = fields.remove("access_token") {
            self.canaries.add("a token that was vended", &token);
        }
    }

    fn record_answer(&mut self, answer: &Answer, visible: &str) {
        self.recorded.push(format!("{} {:?}\n{visible}", answer.status, answer.headers));
    }

    /// The number of recorded answers.
    pub(super) fn answer_count(&self) -> usize {
        self.recorded.len()
    }

    /// Every secret that the log, a recorded answer or an event on the bus holds.
    pub(super) fn leaks(&mut self) -> Vec<String> {
        self.add_stored_secrets();
        let events = self.world.sim.events.taken();
        let mut seen = vec![logged()];
        seen.extend(events.iter().map(|event| event.detail.to_string()));
        seen.extend(self.recorded.iter().cloned());
        self.canaries.found_in(&seen.join("\n"))
    }

    /// Records a text from another source.
    pub(super) fn record(&mut self, text: String) {
        self.recorded.push(text);
    }
}
