//! The developer, their apps, and the customers' orgs.

use serde_json::{Value, json};
use simulator::webex::{Event, IntegrationCredentials, ServiceAppCredentials};

use super::Deployment;

/// The developer who owns everything.
pub(crate) const DEVELOPER: &str = "ada";

/// A Service App that is registered at Webex and described in Secrets Manager.
pub(crate) struct App {
    pub(crate) name: &'static str,
    pub(crate) webex: ServiceAppCredentials,
    /// The secret that signs its webhook deliveries.
    pub(crate) secret: String,
}

impl AsRef<str> for App {
    fn as_ref(&self) -> &str {
        &self.webex.client_id
    }
}

impl Deployment {
    /// Registers a Service App at Webex and stores its description and its webhook secret.
    pub(crate) fn app(&self, name: &'static str) -> App {
        self.app_with_scopes(name, &["spark:people_read", "guest-issuer:write"])
    }

    /// Like [`Self::app`], with other scopes.
    pub(crate) fn app_with_scopes(&self, name: &'static str, scopes: &[&str]) -> App {
        let webex = self.sim.webex.register_service_app(DEVELOPER, scopes);
        let app =
            App { name, webex, secret: format!("webhook-secret-of-{name}-{:x}", std::ptr::from_ref(self).addr()) };
        self.describe(&app, &json!({}));
        self.put(
            &format!("webhooks/{name}"),
            &json!({"secrets": [app.secret], "application_id": app.webex.application_id}),
        );
        app
    }

    /// Stores the description of an app with these additional fields.
    pub(crate) fn describe(&self, app: &App, more: &Value) {
        let ServiceAppCredentials { client_id, client_secret, application_id, .. } = &app.webex;
        let mut described = json!({"kind": "service_app", "client_id": client_id, "client_secret": client_secret,
            "application_id": application_id});
        described.as_object_mut().unwrap().extend(more.as_object().cloned().unwrap_or_default());
        self.put(&format!("apps/{}", app.name), &described);
    }

    /// Registers the minter, the developer's Integration, and imports a pair for it.
    pub(crate) async fn minter(&self) {
        let integration = self.describe_minter();
        let tokens = self.sim.webex.grant_integration(&integration.client_id, DEVELOPER).unwrap();
        let import = json!({"import": {"app": "minter", "subject": "default", "refresh_token": tokens.refresh_token}});
        let answer = self.ask(import).await;
        assert_eq!(answer["state"], "active", "{answer}");
    }

    /// Registers and describes the minter, before anyone has consented.
    pub(crate) fn describe_minter(&self) -> IntegrationCredentials {
        let scopes = ["spark:applications_token", "application:webhooks_write", "application:webhooks_read"];
        let integration = self.sim.webex.register_integration(DEVELOPER, &scopes, "https://broker.example/callback");
        self.put("apps/minter", &json!({"kind": "integration", "client_id": integration.client_id,
            "client_secret": integration.client_secret, "redirect_uri": "https://broker.example/callback", "scopes": scopes}));
        integration
    }

    /// Authorizes `app` for `org`, delivers the event, and runs the queued invocation.
    pub(crate) async fn onboard(&self, app: &App, org: &str) {
        let event = self.sim.webex.authorize(app, org);
        assert_eq!(self.deliver(app, &event).await.status, 202);
        let answers = self.lambda.drain().await;
        assert_eq!(answers, [json!({"state": "active"})]);
    }

    /// Delivers an event and runs the queued invocations.
    pub(crate) async fn deliver_event(&self, app: &App, event: &Event) {
        assert_eq!(self.deliver(app, event).await.status, 202);
        self.lambda.drain().await;
    }

    /// Stores a document under the deployment's prefix.
    pub(crate) fn put(&self, name: &str, document: &Value) {
        self.sim.secrets.put_json(&format!("webex-token-broker/{name}"), document).unwrap();
    }

    /// The grant's current document in the store.
    pub(crate) fn document(&self, app: &App, org: &str) -> Option<Value> {
        self.sim.secrets.current_json(&format!("webex-token-broker/grants/{}/{org}", app.name))
    }

    /// The state in the grant's document; `none` without one.
    pub(crate) fn state(&self, app: &App, org: &str) -> String {
        match self.document(app, org) {
            Some(document) => document["state"].as_str().unwrap().to_owned(),
            None => "none".to_owned(),
        }
    }
}
