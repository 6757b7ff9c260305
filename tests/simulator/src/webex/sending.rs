//! Deliveries to registered webhooks (section 5).

use super::hooks::Hook;
use super::{Delivery, Event, Webex, ids};
use crate::transport::lock;

/// One delivery that was made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Delivered {
    /// The registration, in base64.
    pub webhook_id: String,
    /// Where it went.
    pub target_url: String,
    /// What came back; `None` if nothing did.
    pub status: Option<u16>,
}

impl Webex {
    /// Posts `event` to every active registration that wants it. Anything but a 2xx counts as a failure.
    pub async fn deliver(&self, event: &Event) -> Vec<Delivered> {
        let mut delivered = Vec::new();
        for hook in self.listeners(event) {
            let delivery = self.compose(event, &hook);
            let status = delivery.post(&hook.target_url).await.ok();
            self.note(&hook, status);
            delivered.push(Delivered {
                webhook_id: ids::encode("WEBHOOK", &hook.id),
                target_url: hook.target_url,
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

    fn listeners(&self, event: &Event) -> Vec<Hook> {
        let world = self.world();
        let hooks = world.hooks.values();
        hooks.filter(|hook| hook.wants(event.change.name(), &event.application_id)).cloned().collect()
    }

    fn compose(&self, event: &Event, hook: &Hook) -> Delivery {
        let mut body = hook.envelope();
        event.complete(&mut body);
        let body = body.to_string().into_bytes();
        let Some(secret) = &hook.secret else {
            return Delivery::unsigned(body);
        };
        let delivery = Delivery::sign(secret, body);
        if self.world().settings.webex_signature {
            return delivery.with_webex_signature(secret);
        }
        delivery
    }

    fn note(&self, hook: &Hook, status: Option<u16>) {
        if status.is_some_and(|status| (200..300).contains(&status)) {
            return;
        }
        let now = self.now();
        if let Some(hook) = lock(&self.platform.world).hooks.get_mut(&hook.id) {
            hook.failed(now);
        }
    }
}
