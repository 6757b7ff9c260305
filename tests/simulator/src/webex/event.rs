//! An event about an org and a Service App, before it is delivered (section 5).

use jiff::Timestamp;
use serde_json::{Value, json};

use super::delivery::Delivery;
use super::ids;

/// The action of an org's administrator.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Change {
    /// The org authorised the app.
    Authorized,
    /// The org withdrew the authorisation.
    Deauthorized,
}

impl Change {
    /// The value of `event` in the body.
    pub fn name(self) -> &'static str {
        match self {
            Self::Authorized => "authorized",
            Self::Deauthorized => "deauthorized",
        }
    }
}

/// An event. The fields are public so that a test can falsify them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Event {
    /// The action.
    pub change: Change,
    /// The application id of the Service App, in base64.
    pub application_id: String,
    /// The bare id of the customer org.
    pub org: String,
    /// `data.authorizationDate`; in `deauthorized` it is still the date of the authorisation.
    pub authorized_at: Option<Timestamp>,
    /// The id of the administrator, in base64.
    pub actor_id: Option<String>,
    /// The bare id of the developer's org, which is the envelope's `orgId` if there is no registration.
    pub developer_org: String,
}

impl Event {
    /// The body as an invented registration would have it. Change it, then sign it with [`Delivery::sign`].
    pub fn body(&self) -> Value {
        let mut body = json!({
            "id": ids::encode("WEBHOOK", &self.developer_org),
            "name": "simulated",
            "targetUrl": "http://127.0.0.1/webhooks/simulated",
            "resource": "serviceApp",
            "event": self.change.name(),
            "filter": format!("id={}", self.application_id),
            "orgId": ids::org_id(&self.developer_org),
            "createdBy": ids::encode("PEOPLE", &self.developer_org),
            "appId": ids::application_id("Csimulated"),
            "ownedBy": "creator",
            "status": "active",
        });
        self.complete(&mut body);
        body
    }

    /// The signed request, for a test to post, repeat, delay or lose. It needs no registration.
    pub fn signed(&self, secret: &str) -> Delivery {
        Delivery::sign(secret, self.body().to_string().into_bytes())
    }

    /// Adds the fields of the event to a registration's envelope.
    pub(crate) fn complete(&self, envelope: &mut Value) {
        envelope["data"] = json!({
            "id": self.application_id,
            "authorizerOrgId": ids::org_id(&self.org),
            "orgId": ids::org_id(&self.developer_org),
        });
        if let Some(at) = self.authorized_at {
            envelope["data"]["authorizationDate"] = json!(at);
        }
        if let Some(actor) = &self.actor_id {
            envelope["actorId"] = json!(actor);
        }
    }
}
