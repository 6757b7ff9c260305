//! `POST /webhooks/{app}`.

mod answers;
mod commands;
mod outages;
mod requests;
mod rotation;
mod signatures;

use serde_json::{Value, json};
use simulator::secrets::Operation;
use simulator::webex::{Change, Delivery, Event};

use crate::harness::{Answer, App, Deployment, TestRequest};

/// The org of the published example (webex-api.md section 7).
const ORG: &str = "ce861fba-6e2f-49f9-9a84-b354008fac9e";

/// A deployment with one app, which the org of the example has authorised.
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
        let app = world.app("reports");
        world.sim.webex.authorize(&app, ORG);
        Self { world, app }
    }

    fn event(&self, change: Change) -> Event {
        self.world.sim.webex.event(change, &self.app, ORG)
    }

    /// The body of a genuine `authorized` event.
    fn body(&self) -> Value {
        self.event(Change::Authorized).body()
    }

    /// A genuine `authorized` delivery.
    fn authorized(&self) -> Delivery {
        self.event(Change::Authorized).signed(&self.app.secret)
    }

    /// `body`, signed with the app's secret.
    fn signed(&self, body: &Value) -> Delivery {
        Delivery::sign(&self.app.secret, body.to_string().into_bytes())
    }

    /// `delivery` as a request to the app's path.
    fn request(&self, delivery: &Delivery) -> TestRequest {
        TestRequest::delivery(self.app.name, delivery)
    }

    async fn send(&self, delivery: &Delivery) -> Answer {
        self.world.at_webhook(&self.request(delivery)).await
    }

    async fn status(&self, delivery: &Delivery) -> u16 {
        self.send(delivery).await.status
    }

    /// Stores the webhook secrets of the app.
    fn store(&self, secrets: &[&str]) {
        let document = json!({"secrets": secrets, "application_id": self.app.webex.application_id});
        self.world.put("webhooks/reports", &document);
    }

    /// The number of reads of secrets.
    fn reads(&self) -> usize {
        self.world.sim.secrets.journal().count(Operation::GetSecretValue)
    }
}

/// `body` with the value at `pointer` replaced, or taken out.
fn changed(mut body: Value, pointer: &str, value: Option<Value>) -> Value {
    let (parent, field) = pointer.rsplit_once('/').unwrap();
    let fields = body.pointer_mut(parent).unwrap().as_object_mut().unwrap();
    match value {
        Some(value) => fields.insert(field.to_owned(), value),
        None => fields.remove(field),
    };
    body
}
