//! Registered webhooks and how deliveries to them fare (section 5).

use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};

use super::ids;
use crate::clock::later;

/// So many failures within [`FAILURE_WINDOW`] switch a webhook off.
const FAILURE_LIMIT: usize = 100;

/// Failures older than this are forgotten. Those before a re-enabling are not, so that one failure more within the
/// window switches it off again.
const FAILURE_WINDOW: SignedDuration = SignedDuration::from_mins(5);

/// A registration.
#[derive(Clone)]
pub(crate) struct Hook {
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

/// Who registered it, by which Integration.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct Creator {
    pub(crate) user: String,
    pub(crate) account: String,
    pub(crate) org: String,
    pub(crate) client_id: String,
}

impl Hook {
    pub(crate) fn status(&self) -> &'static str {
        if self.active { "active" } else { "inactive" }
    }

    /// The webhook object, secret included, as Webex echoes it.
    pub(crate) fn object(&self) -> Value {
        let mut object = self.envelope();
        object["created"] = json!(self.created);
        if let Some(secret) = &self.secret {
            object["secret"] = json!(secret);
        }
        object
    }

    /// What the object and a delivered body have in common.
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

    /// Whether it is registered for this change of this app.
    pub(crate) fn wants(&self, event: &str, application_id: &str) -> bool {
        let filter = self.filter.as_deref().and_then(|filter| filter.strip_prefix("id="));
        self.active
            && self.resource == "serviceApp"
            && self.event == event
            && filter.is_some_and(|id| ids::same(id, application_id))
    }

    /// Counts a failed delivery.
    pub(crate) fn failed(&mut self, now: Timestamp) {
        self.failures.push(now);
        self.failures.retain(|&at| later(at, FAILURE_WINDOW) > now);
        if self.failures.len() >= FAILURE_LIMIT {
            self.active = false;
        }
    }
}
