//! A world of which every answer is kept.

use broker_core::clock::{Clock as _, Deadline};
use jiff::SignedDuration;
use refresher::Refresher;
use serde_json::Value;
use simulator::webex::Delivery;

use super::canaries::Canaries;
use crate::harness::{Answer, App, Deployment, ManualClock, TestRequest, logged};

/// The world, its secrets, and everything that came out of it.
pub(super) struct Watch {
    pub(super) world: Deployment,
    pub(super) canaries: Canaries,
    refresher: Refresher<ManualClock>,
    seen: Vec<String>,
}

impl Watch {
    pub(super) async fn new() -> Self {
        let world = Deployment::with(&[("SHOW_TOKENS", "true"), ("WEBHOOK_URL", "https://hooks.example")]).await;
        let refresher = world.refresher();
        // A year's mishaps in one afternoon: they write more versions than AWS would keep of one day.
        world.sim.secrets.version_quota(10_000);
        Self { world, canaries: Canaries::default(), refresher, seen: Vec::new() }
    }

    /// Sets an app up; its secrets are watched from now on.
    pub(super) fn app(&mut self, name: &'static str) -> App {
        let app = self.world.app(name);
        self.remember();
        app
    }

    /// Watches all secrets that the store holds by now.
    pub(super) fn remember(&mut self) {
        self.canaries.add_all_of(&self.world.sim.secrets);
    }

    /// Posts a delivery, whose signatures and whose body are nobody's to see.
    pub(super) async fn deliver(&mut self, app: &str, delivery: &Delivery) -> u16 {
        for name in ["X-Spark-Signature", "X-Webex-Signature"] {
            if let Some(signature) = delivery.header(name).filter(|signature| signature.len() >= 40) {
                self.canaries.add(name, signature);
            }
        }
        self.post(&TestRequest::delivery(app, delivery)).await
    }

    /// Posts anything to the webhook.
    pub(super) async fn post(&mut self, request: &TestRequest) -> u16 {
        let answer = self.world.at_webhook(request).await;
        self.keep(&answer, &answer.text);
        self.remember();
        answer.status
    }

    /// Calls vend. The one field that is meant for the caller is looked at no further.
    pub(super) async fn call(&mut self, request: &TestRequest) -> u16 {
        let answer = self.world.at(&self.world.vend, request).await;
        let mut told = answer.json();
        if answer.status == 200 {
            self.take_token(&mut told);
        }
        self.keep(&answer, &told.to_string());
        self.remember();
        answer.status
    }

    /// Asks the refresher; only an exchange that may show its token says one.
    pub(super) async fn ask(&mut self, payload: Value) -> Value {
        let may_show = payload["exchange"]["show"] == true;
        let deadline = Deadline::at(self.world.clock.now() + SignedDuration::from_secs(30));
        let answer = match self.refresher.answer(payload, deadline).await {
            Ok(mut answer) => {
                if may_show {
                    self.take_token(&mut answer);
                }
                answer
            }
            Err(failed) => format!("{}: {}", failed.error_type, failed.error_message).into(),
        };
        self.seen.push(answer.to_string());
        self.remember();
        answer
    }

    /// Takes the token out of an answer that is meant to have one, and watches it from now on.
    fn take_token(&mut self, answer: &mut Value) {
        if let Some(Value::String(token)) = answer.as_object_mut().and_then(|fields| fields.remove("access_token")) {
            self.canaries.add("a token that was vended", &token);
        }
    }

    fn keep(&mut self, answer: &Answer, told: &str) {
        self.seen.push(format!("{} {:?}\n{told}", answer.status, answer.headers));
    }

    /// How many answers were kept.
    pub(super) fn answers(&self) -> usize {
        self.seen.len()
    }

    /// Every secret that came out where it should not have.
    pub(super) fn spilt(&mut self) -> Vec<String> {
        self.remember();
        let mut spilt = self.canaries.found_in(&logged());
        spilt.extend(self.seen.iter().flat_map(|seen| self.canaries.found_in(seen)));
        spilt
    }

    /// Keeps something that came out by another way.
    pub(super) fn saw(&mut self, text: String) {
        self.seen.push(text);
    }
}
