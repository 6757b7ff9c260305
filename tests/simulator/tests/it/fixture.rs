//! A developer with both kinds of app, a customer, and ways to ask.

use jiff::Timestamp;
use reqwest::header::HeaderMap;
use reqwest::{Client, RequestBuilder};
use serde_json::{Value, json};
use simulator::webex::{IntegrationCredentials, ServiceAppCredentials, Tokens};
use simulator::{Clock, Options, Simulator};

pub(crate) const REDIRECT: &str = "http://127.0.0.1:9000/callback";
const SCOPES: [&str; 3] = ["spark:applications_token", "application:webhooks_write", "application:webhooks_read"];

pub(crate) struct Fixture {
    pub(crate) simulator: Simulator,
    pub(crate) http: Client,
    pub(crate) app: ServiceAppCredentials,
    pub(crate) integration: IntegrationCredentials,
    /// The owner's pair for the Integration.
    pub(crate) owner: Tokens,
    /// A customer org that has not authorised the app.
    pub(crate) org: String,
}

pub(crate) struct Reply {
    pub(crate) status: u16,
    pub(crate) headers: HeaderMap,
    pub(crate) text: String,
    pub(crate) body: Value,
}

impl Reply {
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name)?.to_str().ok()
    }

    pub(crate) fn text_of(&self, field: &str) -> &str {
        self.body[field].as_str().unwrap_or_default()
    }
}

impl Fixture {
    pub(crate) async fn new() -> Self {
        let noon = "2026-01-15T12:00:00Z".parse::<Timestamp>().unwrap();
        let options = Options::new(Clock::fixed(noon));
        let simulator = Simulator::start(options).await.unwrap();
        let webex = &simulator.webex;
        let app = webex.register_service_app("ada", &["guest-issuer:write", "spark:kms"]);
        let integration = webex.register_integration("ada", &SCOPES, REDIRECT);
        let owner = webex.grant_integration(&integration, "ada").unwrap();
        let org = webex.add_org("customer");
        Self { http: Client::builder().no_proxy().build().unwrap(), app, integration, owner, org, simulator }
    }

    /// The same, with the customer's consent.
    pub(crate) async fn authorized() -> Self {
        let fixture = Self::new().await;
        fixture.simulator.webex.authorize(&fixture.app, &fixture.org);
        fixture
    }

    pub(crate) fn url(&self, path: &str) -> String {
        format!("{}{path}", self.simulator.webex.base_url())
    }

    pub(crate) async fn send(&self, request: RequestBuilder) -> Reply {
        let response = request.send().await.unwrap();
        let (status, headers) = (response.status().as_u16(), response.headers().clone());
        let text = response.text().await.unwrap();
        let body = serde_json::from_str(&text).unwrap_or_default();
        Reply { status, headers, text, body }
    }

    pub(crate) async fn get(&self, path: &str, bearer: &str) -> Reply {
        let request = self.http.get(self.url(path)).bearer_auth(bearer);
        self.send(request).await
    }

    pub(crate) async fn post(&self, path: &str, bearer: &str, body: &Value) -> Reply {
        let request = self.http.post(self.url(path)).bearer_auth(bearer);
        self.send(request.json(body)).await
    }

    pub(crate) fn mint_body(&self, target_org_id: &str) -> Value {
        json!({
            "clientId": self.app.client_id,
            "clientSecret": self.app.client_secret,
            "targetOrgId": target_org_id,
        })
    }

    pub(crate) fn mint_path(&self) -> String {
        format!("/applications/{}/token", self.app.application_id)
    }

    /// Mints as the owner for the customer.
    pub(crate) async fn mint(&self) -> Reply {
        let body = self.mint_body(&simulator::webex::ids::org_id(&self.org));
        let bearer = &self.owner.access_token;
        self.post(&self.mint_path(), bearer, &body).await
    }

    pub(crate) async fn form(&self, fields: &[(&str, &str)]) -> Reply {
        let request = self.http.post(self.url("/access_token"));
        self.send(request.form(fields)).await
    }

    /// Refreshes a pair of the Service App.
    pub(crate) async fn refresh(&self, refresh_token: &str) -> Reply {
        self.form(&[
            ("grant_type", "refresh_token"),
            ("client_id", &self.app.client_id),
            ("client_secret", &self.app.client_secret),
            ("refresh_token", refresh_token),
        ])
        .await
    }

    /// Asks Secrets Manager.
    pub(crate) async fn aws(&self, operation: &str, body: &Value) -> Reply {
        let request = self.http.post(self.simulator.secrets.endpoint_url());
        let request = request
            .header("content-type", "application/x-amz-json-1.1")
            .header("x-amz-target", format!("secretsmanager.{operation}"));
        self.send(request.body(body.to_string())).await
    }
}
