//! The commands of the refresher, as operators, HTTP functions, the scheduler and queues send them.

mod aliases;
mod device;
mod exchange;
mod hints;
mod import;
mod outages;
mod payloads;
mod personal;
mod queries;
mod queue;
mod renew;
mod sweeps;

use jiff::SignedDuration;
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};
use simulator::webex::IntegrationCredentials;

use crate::harness::{App, Deployment};

const DAY: SignedDuration = SignedDuration::from_hours(24);
const ORG: &str = "ce861fba-6e2f-49f9-9a84-b354008fac9e";

/// A deployment with a minter, one app, and an org whose pair was minted a moment ago.
struct TestDeployment {
    world: Deployment,
    app: App,
}

impl TestDeployment {
    async fn new() -> Self {
        Self::with(&[]).await
    }

    async fn with(variables: &[(&str, &str)]) -> Self {
        let world = Deployment::with(variables).await;
        world.minter().await;
        let app = world.app("reports");
        world.onboard(&app, ORG).await;
        Self { world, app }
    }

    async fn ask(&self, payload: Value) -> Value {
        self.world.ask(payload).await
    }

    /// One command about the org's grant.
    async fn about(&self, command: &str, more: Value) -> Value {
        self.ask(about(command, more)).await
    }

    fn record(&self) -> Value {
        self.world.document(&self.app, ORG).unwrap()
    }

    fn access_token(&self) -> String {
        self.record()["access_token"].as_str().unwrap().to_owned()
    }

    fn refreshes(&self) -> usize {
        self.world.sim.webex.journal().refreshes()
    }

    /// Registers and describes another Integration of the developer, named `name`.
    fn integration(&self, name: &str) -> IntegrationCredentials {
        let redirect_uri = "https://broker.example/callback";
        let made = self.world.sim.webex.register_integration("ada", &["spark:all"], redirect_uri);
        self.world.put(
            &format!("apps/{name}"),
            &json!({"kind": "integration", "client_id": made.client_id,
            "client_secret": made.client_secret, "redirect_uri": redirect_uri}),
        );
        made
    }

    /// The names of all grants.
    fn grants(&self) -> Vec<String> {
        let names = self.world.sim.secrets.names().into_iter();
        names.filter_map(|name| Some(name.strip_prefix("webex-token-broker/grants/")?.to_owned())).collect()
    }
}

/// A command about the org's grant, with more fields.
fn about(command: &str, more: Value) -> Value {
    let mut body = json!({"app": "reports", "subject": ORG});
    let Value::Object(more) = more else { panic!("no fields") };
    body.as_object_mut().unwrap().extend(more);
    json!({ command: body })
}

fn sha256(token: &str) -> String {
    hex::encode(Sha256::digest(token))
}

/// The error code of an answer.
#[track_caller]
fn code(answer: &Value) -> &str {
    let error = answer["error"].as_object().unwrap_or_else(|| panic!("no error: {answer}"));
    assert!(
        error.keys().all(|field| ["code", "detail", "tracking_id", "retry_after"].contains(&field.as_str())),
        "{answer}"
    );
    assert!(error["detail"].as_str().is_some_and(|detail| !detail.is_empty()), "{answer}");
    answer["error"]["code"].as_str().unwrap()
}
