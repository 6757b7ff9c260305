//! The endpoints: the request of each, and the parser of its response.

use broker_core::app::Client;
use broker_core::clock::{Clock, Deadline};
use broker_core::id::{ApplicationId, OrgId};
use broker_core::pair::TokenResponse;
use broker_core::port::{
    CodeExchange, DeviceAuthorization, Registration, RegistrationDraft, Webex, WebexError, WebexErrorKind,
};
use broker_core::token::{AccessToken, DeviceCode, RefreshToken};
use jiff::Timestamp;
use reqwest::Method;
use url::Url;

use crate::http::WebexTransport;
use crate::rate_limit_hold::RateLimitHolds;
use crate::request::WebexRequest;
use crate::retry::Resend;
use crate::wire::guest::Guest;
use crate::wire::{device, guest, organization, person, token, webhook};

/// The grant type of the device flow (RFC 8628 section 3.4).
const DEVICE_CODE_GRANT: &str = "urn:ietf:params:oauth:grant-type:device_code";

/// A client of the Webex API, or of the simulator if the base URL names it.
pub struct WebexApi<C: Clock> {
    pub(crate) clock: C,
    pub(crate) transport: WebexTransport,
    pub(crate) holds: RateLimitHolds,
    base: Url,
}

impl<C: Clock> WebexApi<C> {
    /// A client for the API at `base`, such as `https://webexapis.com/v1`, with or without a slash at the end.
    /// It opens no connection before the first request. Use one instance per process: its requests share connections
    /// and the holds that a 429 causes.
    pub fn new(base: Url, clock: C) -> Self {
        Self { clock, transport: WebexTransport::default(), holds: RateLimitHolds::default(), base }
    }

    /// `POST /guests/token`: issues a token for a guest that `subject` identifies and `display_name` names. `token`
    /// belongs to a Service App and needs the scope `guest-issuer:write`. A second call for the same subject issues
    /// another token and revokes none (webex-api.md section 8).
    pub async fn guest(
        &self,
        token: &AccessToken,
        subject: &str,
        display_name: &str,
        deadline: Deadline,
    ) -> Result<Guest, WebexError> {
        let request = WebexRequest::with_bearer("guest", Method::POST, self.url(&["guests", "token"]), token)
            .field("subject", subject)
            .field("displayName", display_name);
        self.call(&request, deadline, guest::parse).await
    }

    /// Appends `segments`, escaped, to the base. A base that cannot have a path is returned unchanged, and the request
    /// fails.
    pub(crate) fn url(&self, segments: &[&str]) -> Url {
        let mut url = self.base.clone();
        if let Ok(mut path) = url.path_segments_mut() {
            path.pop_if_empty().extend(segments);
        }
        url
    }

    fn oauth<'a>(&self, operation: &'static str, grant_type: &'static str, client: &'a Client) -> WebexRequest<'a> {
        WebexRequest::oauth_form(operation, self.url(&["access_token"]), &client.id)
            .field("grant_type", grant_type)
            .secret_field("client_secret", client.secret.expose())
    }
}

impl<C: Clock> Webex for WebexApi<C> {
    async fn mint(
        &self,
        client: &Client,
        application: &ApplicationId,
        org: &OrgId,
        bearer: &AccessToken,
        deadline: Deadline,
    ) -> Result<TokenResponse, WebexError> {
        let url = self.url(&["applications", application.as_str(), "token"]);
        let request = WebexRequest::with_bearer("mint", Method::POST, url, bearer)
            .field("clientId", &client.id)
            .secret_field("clientSecret", client.secret.expose())
            .field("targetOrgId", org.to_base64());
        self.call(&request, deadline, token::token_response).await
    }

    async fn refresh(
        &self,
        client: &Client,
        refresh_token: &RefreshToken,
        deadline: Deadline,
    ) -> Result<TokenResponse, WebexError> {
        let request = self.oauth("refresh", "refresh_token", client);
        let request = request.secret_field("refresh_token", refresh_token.expose());
        self.call(&request, deadline, token::token_response).await
    }

    async fn exchange(
        &self,
        client: &Client,
        exchange: &CodeExchange,
        deadline: Deadline,
    ) -> Result<TokenResponse, WebexError> {
        let request = self
            .oauth("exchange", "authorization_code", client)
            .secret_field("code", exchange.code.expose())
            .field("redirect_uri", &exchange.redirect_uri)
            .secret_field("code_verifier", exchange.code_verifier.expose())
            .resend(Resend::IfNotExecuted);
        self.call(&request, deadline, token::token_response).await
    }

    async fn device_authorize(
        &self,
        client: &Client,
        scope: &str,
        deadline: Deadline,
    ) -> Result<DeviceAuthorization, WebexError> {
        let request = WebexRequest::oauth_form("device_authorize", self.url(&["device", "authorize"]), &client.id)
            .field("scope", scope);
        self.call(&request, deadline, device::authorization).await
    }

    async fn device_token(
        &self,
        client: &Client,
        device_code: &DeviceCode,
        deadline: Deadline,
    ) -> Result<TokenResponse, WebexError> {
        let request = WebexRequest::oauth_form("device_token", self.url(&["device", "token"]), &client.id)
            .basic_auth(&client.id, client.secret.expose())
            .field("grant_type", DEVICE_CODE_GRANT)
            .secret_field("device_code", device_code.expose())
            .resend(Resend::IfNotExecuted);
        self.call(&request, deadline, token::token_response).await
    }

    async fn token_expiry(&self, token: &AccessToken, deadline: Deadline) -> Result<Timestamp, WebexError> {
        let url = self.url(&["authorizations", "tokenExpiry"]);
        let request = WebexRequest::with_bearer("token_expiry", Method::GET, url, token);
        self.call(&request, deadline, token::expiry).await
    }

    async fn token_owner(&self, token: &AccessToken, deadline: Deadline) -> Result<Option<OrgId>, WebexError> {
        let request = WebexRequest::with_bearer("token_owner", Method::GET, self.url(&["people", "me"]), token);
        match self.call(&request, deadline, person::org).await {
            Ok(org) => Ok(Some(org)),
            Err(error) if error.kind == WebexErrorKind::Answered(403) => Ok(None),
            Err(error) => Err(error),
        }
    }

    async fn organization_name(
        &self,
        token: &AccessToken,
        org: &OrgId,
        deadline: Deadline,
    ) -> Result<Option<String>, WebexError> {
        let url = self.url(&["organizations", &org.to_base64()]);
        let request = WebexRequest::with_bearer("organization_name", Method::GET, url, token);
        match self.call(&request, deadline, organization::name).await {
            Ok(name) => Ok(Some(name)),
            Err(error) if matches!(error.kind, WebexErrorKind::Answered(403 | 404)) => Ok(None),
            Err(error) => Err(error),
        }
    }

    async fn revoke_authorization(
        &self,
        client: &Client,
        org: &OrgId,
        bearer: &AccessToken,
        deadline: Deadline,
    ) -> Result<(), WebexError> {
        let mut url = self.url(&["authorizations"]);
        url.query_pairs_mut().append_pair("clientId", &client.id).append_pair("orgId", org.as_str());
        let request = WebexRequest::with_bearer("revoke_authorization", Method::DELETE, url, bearer);
        self.delete(&request, deadline).await
    }

    async fn list_webhooks(&self, bearer: &AccessToken, deadline: Deadline) -> Result<Vec<Registration>, WebexError> {
        let mut url = self.url(&["webhooks"]);
        url.query_pairs_mut().append_pair("max", "100");
        self.all_pages("list_webhooks", url, bearer, deadline, webhook::page).await
    }

    async fn create_webhook(
        &self,
        draft: &RegistrationDraft,
        bearer: &AccessToken,
        deadline: Deadline,
    ) -> Result<(), WebexError> {
        let request = WebexRequest::with_bearer("create_webhook", Method::POST, self.url(&["webhooks"]), bearer)
            .field("name", &draft.name)
            .field("targetUrl", &draft.target_url)
            .field("resource", "serviceApp")
            .field("event", draft.event.as_str())
            .field("filter", format!("id={}", draft.application_id))
            .secret_field("secret", draft.secret.expose());
        self.call(&request, deadline, webhook::saved).await
    }

    async fn update_webhook(
        &self,
        id: &str,
        draft: &RegistrationDraft,
        bearer: &AccessToken,
        deadline: Deadline,
    ) -> Result<(), WebexError> {
        let request = WebexRequest::with_bearer("update_webhook", Method::PUT, self.url(&["webhooks", id]), bearer)
            .field("name", &draft.name)
            .field("targetUrl", &draft.target_url)
            .secret_field("secret", draft.secret.expose())
            .field("status", "active");
        self.call(&request, deadline, webhook::saved).await
    }

    async fn delete_webhook(&self, id: &str, bearer: &AccessToken, deadline: Deadline) -> Result<(), WebexError> {
        let request = WebexRequest::with_bearer("delete_webhook", Method::DELETE, self.url(&["webhooks", id]), bearer);
        self.delete(&request, deadline).await
    }
}
