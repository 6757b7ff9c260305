//! What Webex has to say about an org and a Service App, before it is sent (section 5).

use jiff::Timestamp;
use serde_json::{Value, json};

use super::delivery::Delivery;
use super::ids;

/// What an org's administrator did.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Change {
    /// The org authorised the app.
    Authorized,
    /// The org took that back.
    Deauthorized,
}

impl Change {
    /// The name on the wire.
    pub fn name(self) -> &'static str {
        match self {
            Self::Authorized => "authorized",
            Self::Deauthorized => "deauthorized",
        }
    }
}

/// A change to be told. The fields are open so that a test can tell it wrongly.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Event {
    /// What happened.
    pub change: Change,
    /// The Service App's application id, in base64.
    pub application_id: String,
    /// The customer org, bare.
    pub org: String,
    /// `data.authorizationDate`: on `deauthorized` still the date of the original authorisation.
    pub authorized_at: Option<Timestamp>,
    /// Who did it, in base64.
    pub actor_id: Option<String>,
    /// The developer's org, bare: the envelope's `orgId` where there is no registration.
    pub developer_org: String,
}

impl Event {
    /// The whole body, as it would come from a registration that does not exist; for [`Delivery::sign`] after changes.
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

    /// The exact signed request, to be posted, repeated, held back or lost. Needs no registration.
    pub fn signed(&self, secret: &str) -> Delivery {
        Delivery::sign(secret, self.body().to_string().into_bytes())
    }

    /// Adds what depends on the event to a registration's envelope.
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
