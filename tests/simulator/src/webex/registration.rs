//! A registered webhook and the record of its failed deliveries (section 5).

use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};

use super::ids;
use crate::clock::later;

/// The number of failures within [`FAILURE_WINDOW`] that disables a webhook.
const FAILURE_LIMIT: usize = 100;

/// The age at which a failure no longer counts. Enabling a webhook keeps its failures, so that one more within the
/// window disables it again.
const FAILURE_WINDOW: SignedDuration = SignedDuration::from_mins(5);

/// A registered webhook.
#[derive(Clone)]
pub(crate) struct Registration {
    pub(crate) id: String,
    pub(crate) name: String,
    pub(crate) target_url: String,
    pub(crate) resource: String,
    pub(crate) event: String,
    pub(crate) filter: Option<String>,
    pub(crate) secret: Option<String>,
    pub(crate) active: bool,
    pub(crate) created: Timestamp,
    pub(crate) creator: Creator,
    pub(crate) failures: Vec<Timestamp>,
}

/// The user who registered a webhook, and the Integration that they used.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct Creator {
    pub(crate) user: String,
    pub(crate) account: String,
    pub(crate) org: String,
    pub(crate) client_id: String,
}

impl Registration {
    pub(crate) fn status(&self) -> &'static str {
        if self.active { "active" } else { "inactive" }
    }

    /// The application id that the filter names.
    pub(crate) fn filtered_app(&self) -> Option<&str> {
        self.filter.as_deref()?.strip_prefix("id=")
    }

    /// The webhook object as Webex answers it, the secret included.
    pub(crate) fn object(&self) -> Value {
        let mut object = self.envelope();
        object["created"] = json!(self.created);
        if let Some(secret) = &self.secret {
            object["secret"] = json!(secret);
        }
        object
    }

    /// The fields that the webhook object shares with the body of a delivery.
    pub(crate) fn envelope(&self) -> Value {
        let mut envelope = json!({
            "id": ids::encode("WEBHOOK", &self.id),
            "name": self.name,
            "targetUrl": self.target_url,
            "resource": self.resource,
            "event": self.event,
            "orgId": ids::org_id(&self.creator.org),
            "createdBy": ids::encode("PEOPLE", &self.creator.account),
            "appId": ids::application_id(&self.creator.client_id),
            "ownedBy": "creator",
            "status": self.status(),
        });
        if let Some(filter) = &self.filter {
            envelope["filter"] = json!(filter);
        }
        envelope
    }

    /// Whether an event of this app is delivered here.
    pub(crate) fn matches(&self, event: &str, application_id: &str) -> bool {
        let Some(app) = self.filtered_app() else {
            return false;
        };
        self.active && self.resource == "serviceApp" && self.event == event && ids::same(app, application_id)
    }

    /// Records a failed delivery, and disables the webhook if there are too many.
    pub(crate) fn record_failure(&mut self, now: Timestamp) {
        self.failures.push(now);
        self.failures.retain(|&at| later(at, FAILURE_WINDOW) > now);
        if self.failures.len() >= FAILURE_LIMIT {
            self.active = false;
        }
    }
}
