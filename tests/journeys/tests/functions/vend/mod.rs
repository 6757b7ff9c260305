//! `/v1/…`, `/healthz` and `/openapi.json`.

mod addresses;
mod audit;
mod callers;
mod freshness;
mod guests;
mod list;
mod openapi;
mod outage;
mod rejected;
mod short;
mod table;
mod token;

use broker_core::clock::Clock as _;
use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};
use vend::Vend;

use crate::harness::{Answer, App, Deployment, ManualClock, TestRequest};

const DAY: SignedDuration = SignedDuration::from_hours(24);

/// A deployment with a minter, one app, and an org whose pair has just been minted.
struct TestDeployment {
    world: Deployment,
    app: App,
    org: String,
}

impl TestDeployment {
    async fn new() -> Self {
        Self::with(&[]).await
    }

    async fn with(variables: &[(&str, &str)]) -> Self {
        Self::of("ce861fba-6e2f-49f9-9a84-b354008fac9e", variables).await
    }

    async fn of(org: &str, variables: &[(&str, &str)]) -> Self {
        let world = Deployment::with(variables).await;
        world.minter().await;
        let app = world.app("reports");
        world.onboard(&app, org).await;
        let org = org.to_owned();
        Self { world, app, org }
    }

    /// Calls the warm vend and checks the answer against openapi.json.
    async fn ask(&self, request: &TestRequest) -> Answer {
        self.ask_of(&self.world.vend, request).await
    }

    async fn ask_of(&self, vend: &Vend<ManualClock>, request: &TestRequest) -> Answer {
        let answer = self.world.at(vend, request).await;
        openapi::holds(request, &answer);
        answer
    }

    async fn get(&self, path: &str) -> Answer {
        self.ask(&TestRequest::get(path)).await
    }

    /// Requests the token of `subject`; `more` is the query.
    async fn token(&self, subject: &str, more: &str) -> Answer {
        self.get(&format!("{}{more}", path(subject, "token"))).await
    }

    /// Reports that Webex answered `token` with 401.
    async fn reject(&self, subject: &str, token: &str) -> Answer {
        self.ask(&rejection(subject, token)).await
    }

    /// The access token in the record.
    fn stored(&self) -> String {
        let document = self.world.document(&self.app, &self.org).unwrap();
        document["access_token"].as_str().unwrap().to_owned()
    }

    /// The numbers of requests that the store and Webex have received.
    fn calls(&self) -> (usize, usize) {
        let sim = &self.world.sim;
        (sim.secrets.journal().total(), sim.webex.journal().total())
    }

    /// Whole seconds from now to the `expires_at` of an answer.
    fn left(&self, answer: &Answer) -> i64 {
        let ends: Timestamp = answer.json()["expires_at"].as_str().unwrap().parse().unwrap();
        ends.duration_since(self.world.clock.now()).as_secs()
    }

    fn refreshes(&self) -> usize {
        self.world.sim.webex.journal().refreshes()
    }

    /// The org withdraws its authorisation, and the refresher sets the fence.
    async fn fence(&self) {
        let gone = self.world.sim.webex.deauthorize(&self.app, &self.org);
        assert_eq!(self.world.deliver(&self.app, &gone).await.status, 202);
        assert_eq!(self.world.lambda.drain().await, [json!({"state": "fenced"})]);
    }
}

fn path(subject: &str, last: &str) -> String {
    format!("/v1/apps/reports/grants/{subject}/{last}")
}

fn rejection(subject: &str, token: &str) -> TestRequest {
    let digest = hex::encode(Sha256::digest(token));
    TestRequest::post(&path(subject, "token/rejected"), &json!({"access_token_sha256": digest}))
}

fn invitation() -> Value {
    json!({"subject": "visitor-1", "display_name": "Grace"})
}

fn guest(subject: &str) -> TestRequest {
    TestRequest::post(&path(subject, "guests"), &invitation())
}
