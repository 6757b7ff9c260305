//! The endpoints of data sources (webex-api.md section 8).

use broker_core::clock::{Clock, Deadline};
use broker_core::data_sources::{RemoteDataSource, WantedDataSource, short_digest};
use broker_core::port::{DataSourceApi, DataSourceWebhook, WebexError};
use broker_core::token::AccessToken;
use reqwest::Method;
use url::Url;
use uuid::Uuid;

use crate::api::WebexApi;
use crate::request::WebexRequest;
use crate::retry::Resend;
use crate::wire::{data_source, webhook as webhook_body};

impl<C: Clock> DataSourceApi for WebexApi<C> {
    async fn list_data_sources(
        &self,
        token: &AccessToken,
        deadline: Deadline,
    ) -> Result<Vec<RemoteDataSource>, WebexError> {
        let url = self.url(&["dataSources"]);
        self.all_pages("list_data_sources", url, token, deadline, data_source::page).await
    }

    async fn register_data_source(
        &self,
        wanted: &WantedDataSource,
        token: &AccessToken,
        deadline: Deadline,
    ) -> Result<RemoteDataSource, WebexError> {
        let nonce = Uuid::new_v4().to_string();
        let url = self.url(&["dataSources"]);
        let request = described("register_data_source", Method::POST, url, token, wanted, &nonce);
        let registered = self.call(&request.resend(Resend::IfNotExecuted), deadline, data_source::saved).await?;
        Ok(RemoteDataSource { nonce_digest: Some(short_digest(&nonce)), ..registered })
    }

    async fn renew_data_source(
        &self,
        id: &str,
        wanted: &WantedDataSource,
        token: &AccessToken,
        deadline: Deadline,
    ) -> Result<RemoteDataSource, WebexError> {
        let nonce = Uuid::new_v4().to_string();
        let url = self.url(&["dataSources", id]);
        let request = described("renew_data_source", Method::PUT, url, token, wanted, &nonce);
        let renewed = self.call(&request.field("status", "active"), deadline, data_source::saved).await?;
        Ok(RemoteDataSource { nonce_digest: Some(short_digest(&nonce)), ..renewed })
    }

    async fn create_data_source_webhook(
        &self,
        webhook: &DataSourceWebhook,
        token: &AccessToken,
        deadline: Deadline,
    ) -> Result<(), WebexError> {
        let request = WebexRequest::with_bearer("create_webhook", Method::POST, self.url(&["webhooks"]), token)
            .field("name", &webhook.name)
            .field("targetUrl", &webhook.target_url)
            .field("resource", "dataSources")
            .field("event", webhook.event)
            .secret_field("secret", webhook.secret.expose());
        self.call(&request, deadline, webhook_body::saved).await
    }

    async fn delete_data_source(&self, id: &str, token: &AccessToken, deadline: Deadline) -> Result<(), WebexError> {
        let url = self.url(&["dataSources", id]);
        let request = WebexRequest::with_bearer("delete_data_source", Method::DELETE, url, token);
        self.delete(&request, deadline).await
    }
}

/// A request with the whole description. The nonce stays the same in every attempt, so that a repeated one signs the
/// same JWS.
fn described<'a>(
    operation: &'static str,
    method: Method,
    url: Url,
    token: &'a AccessToken,
    wanted: &'a WantedDataSource,
    nonce: &'a str,
) -> WebexRequest<'a> {
    WebexRequest::with_bearer(operation, method, url, token)
        .field("audience", &wanted.audience)
        .secret_field("nonce", nonce)
        .field("schemaId", &wanted.schema_id)
        .field("subject", &wanted.subject)
        .number_field("tokenLifetimeMinutes", wanted.lifetime_minutes)
        .field("url", &wanted.url)
}
