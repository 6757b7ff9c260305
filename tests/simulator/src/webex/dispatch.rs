//! Delivers events to registered webhooks (section 5).

use serde_json::json;

use super::registration::Registration;
use super::{DataSource, Delivery, Event, Webex, ids};
use crate::transport::lock;

/// The result of one delivery.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Delivered {
    /// The id of the registration, in base64.
    pub webhook_id: String,
    /// The URL that was posted to.
    pub target_url: String,
    /// The status of the response; `None` if there was none.
    pub status: Option<u16>,
}

impl Webex {
    /// Posts `event` to every active registration for it. A status other than 2xx counts as a failure.
    pub async fn deliver(&self, event: &Event) -> Vec<Delivered> {
        let mut delivered = Vec::new();
        for registration in self.registrations_for(event) {
            let delivery = self.delivery(event, &registration);
            let status = delivery.post(&registration.target_url).await.ok();
            self.record_delivery(&registration, status);
            delivered.push(Delivered {
                webhook_id: ids::encode("WEBHOOK", &registration.id),
                target_url: registration.target_url,
                status,
            });
        }
        delivered
    }

    /// [`Webex::authorize`], then [`Webex::deliver`].
    pub async fn authorize_and_deliver(&self, app: impl AsRef<str>, org: &str) -> Vec<Delivered> {
        let event = self.authorize(app, org);
        self.deliver(&event).await
    }

    /// [`Webex::deauthorize`], then [`Webex::deliver`].
    pub async fn deauthorize_and_deliver(&self, app: impl AsRef<str>, org: &str) -> Vec<Delivered> {
        let event = self.deauthorize(app, org);
        self.deliver(&event).await
    }

    /// Posts an event about a data source to the webhooks that its org's machine account has registered. `event` is
    /// `created`, `updated` or `deleted`.
    pub async fn deliver_data_source(&self, event: &str, data_source: &DataSource) -> Vec<Option<u16>> {
        let registrations: Vec<Registration> = self.world().registrations.values().cloned().collect();
        let mut statuses = Vec::new();
        for registration in registrations {
            let is_for_it = registration.active
                && (registration.resource.as_str(), registration.event.as_str()) == ("dataSources", event)
                && registration.creator.org == data_source.org
                && registration.creator.client_id == data_source.client_id;
            if !is_for_it {
                continue;
            }
            let mut body = registration.envelope();
            body["data"] = json!({"id": data_source.id, "orgId": ids::org_id(&data_source.org)});
            let body = body.to_string().into_bytes();
            let delivery = match &registration.secret {
                Some(secret) => Delivery::sign(secret, body),
                None => Delivery::unsigned(body),
            };
            statuses.push(delivery.post(&registration.target_url).await.ok());
        }
        statuses
    }

    fn registrations_for(&self, event: &Event) -> Vec<Registration> {
        let world = self.world();
        let all = world.registrations.values();
        all.filter(|registration| registration.matches(event.change.name(), &event.application_id)).cloned().collect()
    }

    fn delivery(&self, event: &Event, registration: &Registration) -> Delivery {
        let mut body = registration.envelope();
        event.complete(&mut body);
        let body = body.to_string().into_bytes();
        let Some(secret) = &registration.secret else {
            return Delivery::unsigned(body);
        };
        let delivery = Delivery::sign(secret, body);
        if self.world().settings.webex_signature {
            return delivery.with_webex_signature(secret);
        }
        delivery
    }

    fn record_delivery(&self, registration: &Registration, status: Option<u16>) {
        if matches!(status, Some(200..300)) {
            return;
        }
        let now = self.now();
        if let Some(registration) = lock(&self.platform.world).registrations.get_mut(&registration.id) {
            registration.record_failure(now);
        }
    }
}
