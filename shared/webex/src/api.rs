//! The endpoints: what is sent where, and how the answer is read.

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

use crate::call::Call;
use crate::failure;
use crate::hold::Hold;
use crate::http::Http;
use crate::link::{self, Next};
use crate::read;
use crate::retry::Repeat;
use crate::wire::guest::Guest;
use crate::wire::{device, guest, token, webhook};

/// RFC 8628 section 3.4.
const DEVICE_CODE: &str = "urn:ietf:params:oauth:grant-type:device_code";
/// Most pages of webhooks that are read. With 100 on each that is fifty times what one user may reasonably own.
const MAX_PAGES: usize = 50;

/// Webex over HTTPS, or whatever stands in for it at the base URL.
pub struct WebexApi<C: Clock> {
    pub(crate) clock: C,
    pub(crate) http: Http,
    pub(crate) hold: Hold,
    base: Url,
}

impl<C: Clock> WebexApi<C> {
    /// A client for the API at `base`, such as `https://webexapis.com/v1`, with or without a slash at the end.
    /// Nothing is read or connected before the first call. One instance serves a process: its calls share
    /// connections, and wait together when Webex says 429.
    pub fn new(base: Url, clock: C) -> Self {
        Self { clock, http: Http::default(), hold: Hold::default(), base }
    }

    /// `POST /guests/token`: a token for a guest, named `display_name`, whom `subject` identifies. `token` is a
    /// Service App's with the scope `guest-issuer:write`. Asking again adds a token and takes none away (webex-api.md
    /// section 8).
    pub async fn guest(
        &self,
        token: &AccessToken,
        subject: &str,
        display_name: &str,
        deadline: Deadline,
    ) -> Result<Guest, WebexError> {
        let call = Call::new("guest", Method::POST, self.url(&["guests", "token"]))
            .bearer(token)
            .field("subject", subject)
            .field("displayName", display_name);
        self.ask(&call, deadline, guest::read).await
    }

    /// `segments` below the base, escaped. A base that can have no path is left as it is, and fails when it is
    /// called.
    fn url(&self, segments: &[&str]) -> Url {
        let mut url = self.base.clone();
        if let Ok(mut path) = url.path_segments_mut() {
            path.pop_if_empty().extend(segments);
        }
        url
    }

    fn oauth<'a>(&self, operation: &'static str, grant_type: &'static str, client: &'a Client) -> Call<'a> {
        Call::new(operation, Method::POST, self.url(&["access_token"]))
            .form()
            .field("grant_type", grant_type)
            .field("client_id", &client.id)
            .secret("client_secret", client.secret.expose())
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
        let call = Call::new("mint", Method::POST, url)
            .bearer(bearer)
            .field("clientId", &client.id)
            .secret("clientSecret", client.secret.expose())
            .field("targetOrgId", org.to_base64());
        self.ask(&call, deadline, token::issued).await
    }

    async fn refresh(
        &self,
        client: &Client,
        refresh_token: &RefreshToken,
        deadline: Deadline,
    ) -> Result<TokenResponse, WebexError> {
        let call = self.oauth("refresh", "refresh_token", client);
        let call = call.secret("refresh_token", refresh_token.expose());
        self.ask(&call, deadline, token::issued).await
    }

    async fn exchange(
        &self,
        client: &Client,
        exchange: &CodeExchange,
        deadline: Deadline,
    ) -> Result<TokenResponse, WebexError> {
        let call = self
            .oauth("exchange", "authorization_code", client)
            .secret("code", exchange.code.expose())
            .field("redirect_uri", &exchange.redirect_uri)
            .secret("code_verifier", exchange.code_verifier.expose())
            .repeat(Repeat::UnlessDone);
        self.ask(&call, deadline, token::issued).await
    }

    async fn device_authorize(
        &self,
        client: &Client,
        scope: &str,
        deadline: Deadline,
    ) -> Result<DeviceAuthorization, WebexError> {
        let call = Call::new("device_authorize", Method::POST, self.url(&["device", "authorize"]))
            .form()
            .field("client_id", &client.id)
            .field("scope", scope);
        self.ask(&call, deadline, device::authorization).await
    }

    async fn device_token(
        &self,
        client: &Client,
        device_code: &DeviceCode,
        deadline: Deadline,
    ) -> Result<TokenResponse, WebexError> {
        let call = Call::new("device_token", Method::POST, self.url(&["device", "token"]))
            .basic(&client.id, client.secret.expose())
            .form()
            .field("grant_type", DEVICE_CODE)
            .field("client_id", &client.id)
            .secret("device_code", device_code.expose())
            .repeat(Repeat::UnlessDone);
        self.ask(&call, deadline, token::issued).await
    }

    async fn token_expiry(&self, token: &AccessToken, deadline: Deadline) -> Result<Timestamp, WebexError> {
        let url = self.url(&["authorizations", "tokenExpiry"]);
        let call = Call::new("token_expiry", Method::GET, url).bearer(token);
        self.ask(&call, deadline, token::expiry).await
    }

    async fn whose_token(&self, _: &AccessToken, _: Deadline) -> Result<Option<OrgId>, WebexError> {
        Ok(None)
    }

    async fn registrations(&self, bearer: &AccessToken, deadline: Deadline) -> Result<Vec<Registration>, WebexError> {
        let mut url = self.url(&["webhooks"]);
        url.query_pairs_mut().append_pair("max", "100");
        let (mut found, mut seen) = (Vec::new(), Vec::new());
        loop {
            let call = Call::new("list_webhooks", Method::GET, url.clone()).bearer(bearer);
            let reply = self.reply(&call, deadline).await?;
            found.extend(read::body(&call, &reply, webhook::page)?);
            let next = link::next(&reply.headers, &url);
            seen.push(url);
            // Half a list would make the sweep register again what is on the other half: all or an error.
            url = match next {
                Next::Nothing => return Ok(found),
                Next::Page(page) if seen.len() < MAX_PAGES && !seen.contains(&page) => page,
                Next::Page(_) => {
                    return Err(failure::unintelligible(&call, &reply, "the list of webhooks has no end"));
                }
                Next::Elsewhere => {
                    return Err(failure::unintelligible(&call, &reply, "the next page is on another server"));
                }
            };
        }
    }

    async fn register(
        &self,
        draft: &RegistrationDraft,
        bearer: &AccessToken,
        deadline: Deadline,
    ) -> Result<(), WebexError> {
        let call = Call::new("create_webhook", Method::POST, self.url(&["webhooks"]))
            .bearer(bearer)
            .field("name", &draft.name)
            .field("targetUrl", &draft.target_url)
            .field("resource", "serviceApp")
            .field("event", draft.event.as_str())
            .field("filter", format!("id={}", draft.application_id))
            .secret("secret", draft.secret.expose());
        self.reply(&call, deadline).await.map(drop)
    }

    async fn reregister(
        &self,
        id: &str,
        draft: &RegistrationDraft,
        bearer: &AccessToken,
        deadline: Deadline,
    ) -> Result<(), WebexError> {
        let call = Call::new("update_webhook", Method::PUT, self.url(&["webhooks", id]))
            .bearer(bearer)
            .field("name", &draft.name)
            .field("targetUrl", &draft.target_url)
            .secret("secret", draft.secret.expose())
            .field("status", "active");
        self.reply(&call, deadline).await.map(drop)
    }

    async fn unregister(&self, id: &str, bearer: &AccessToken, deadline: Deadline) -> Result<(), WebexError> {
        let call = Call::new("delete_webhook", Method::DELETE, self.url(&["webhooks", id])).bearer(bearer);
        match self.reply(&call, deadline).await {
            Err(error) if error.kind != WebexErrorKind::Answered(404) => Err(error),
            _ => Ok(()),
        }
    }
}
