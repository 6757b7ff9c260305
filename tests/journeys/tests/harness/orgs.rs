//! Those who use the bundle: the developer with their apps, and the customers' orgs.

use serde_json::{Value, json};
use simulator::webex::{Event, IntegrationCredentials, ServiceAppCredentials};

use super::Deployment;

/// The developer who owns everything.
pub(crate) const DEVELOPER: &str = "ada";

/// A Service App that is set up in Webex and described in Secrets Manager.
pub(crate) struct App {
    pub(crate) name: &'static str,
    pub(crate) webex: ServiceAppCredentials,
    /// What signs its webhooks.
    pub(crate) secret: String,
}

impl AsRef<str> for App {
    fn as_ref(&self) -> &str {
        &self.webex.client_id
    }
}

impl Deployment {
    /// Registers a Service App at Webex and describes it to the broker.
    pub(crate) fn app(&self, name: &'static str) -> App {
        let webex = self.sim.webex.register_service_app(DEVELOPER, &["spark:people_read", "guest-issuer:write"]);
        let app =
            App { name, webex, secret: format!("webhook-secret-of-{name}-{:x}", std::ptr::from_ref(self).addr()) };
        self.describe(&app, &json!({}));
        self.put(
            &format!("webhooks/{name}"),
            &json!({"secrets": [app.secret], "application_id": app.webex.application_id}),
        );
        app
    }

    /// Describes an app again, with more fields.
    pub(crate) fn describe(&self, app: &App, more: &Value) {
        let ServiceAppCredentials { client_id, client_secret, application_id, .. } = &app.webex;
        let mut described = json!({"kind": "service_app", "client_id": client_id, "client_secret": client_secret,
            "application_id": application_id});
        described.as_object_mut().unwrap().extend(more.as_object().cloned().unwrap_or_default());
        self.put(&format!("apps/{}", app.name), &described);
    }

    /// Sets the minter up: an Integration of the developer's, consented to, and its pair imported.
    pub(crate) async fn minter(&self) {
        let integration = self.describe_minter();
        let tokens = self.sim.webex.grant_integration(&integration.client_id, DEVELOPER).unwrap();
        let import = json!({"import": {"app": "minter", "subject": "default", "refresh_token": tokens.refresh_token}});
        let answer = self.ask(import).await;
        assert_eq!(answer["state"], "active", "{answer}");
    }

    /// The minter as the operator describes it, before anybody has consented.
    pub(crate) fn describe_minter(&self) -> IntegrationCredentials {
        let scopes = ["spark:applications_token", "application:webhooks_write", "application:webhooks_read"];
        let integration = self.sim.webex.register_integration(DEVELOPER, &scopes, "https://broker.example/callback");
        self.put("apps/minter", &json!({"kind": "integration", "client_id": integration.client_id,
            "client_secret": integration.client_secret, "redirect_uri": "https://broker.example/callback", "scopes": scopes}));
        integration
    }

    /// An org authorises an app; the event reaches the webhook, and the refresher takes it.
    pub(crate) async fn onboard(&self, app: &App, org: &str) {
        let event = self.sim.webex.authorize(app, org);
        assert_eq!(self.deliver(app, &event).await.status, 202);
        let answers = self.lambda.drain().await;
        assert_eq!(answers, [json!({"state": "active"})]);
    }

    /// An event arrives, and the refresher takes it.
    pub(crate) async fn deliver_event(&self, app: &App, event: &Event) {
        assert_eq!(self.deliver(app, event).await.status, 202);
        self.lambda.drain().await;
    }

    pub(crate) fn put(&self, name: &str, document: &Value) {
        self.sim.secrets.put_json(&format!("webex-token-broker/{name}"), document).unwrap();
    }

    /// The grant's document as it stands in the store.
    pub(crate) fn document(&self, app: &App, org: &str) -> Option<Value> {
        self.sim.secrets.current_json(&format!("webex-token-broker/grants/{}/{org}", app.name))
    }

    /// The state in the grant's document; `none` without one.
    pub(crate) fn state(&self, app: &App, org: &str) -> String {
        let state = self.document(app, org).map(|document| document["state"].clone());
        state.as_ref().and_then(Value::as_str).unwrap_or("none").to_owned()
    }
}
