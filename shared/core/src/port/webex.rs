//! Webex's API, as much of it as the rules need.

use std::future::Future;

use jiff::{SignedDuration, Timestamp};

use crate::app::Client;
use crate::clock::Deadline;
use crate::id::{ApplicationId, OrgId};
use crate::pair::TokenResponse;
use crate::token::{AccessToken, AuthorizationCode, CodeVerifier, DeviceCode, RefreshToken, WebhookSecret};

/// How a call to Webex ended, if not well.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum WebexErrorKind {
    /// Webex answered with a status that is not a success.
    Answered(u16),
    /// A success whose body is not what was asked for.
    Unintelligible,
    /// No answer in time; the call may have taken effect.
    TimedOut,
    /// No connection, or one that broke.
    Unreachable,
}

/// What Webex said instead of doing it, in either of its two error envelopes or in none.
#[derive(Debug, Clone, thiserror::Error)]
#[error("Webex did not do {operation}: {}", self.code())]
pub struct WebexError {
    /// Which call.
    pub operation: &'static str,
    /// How it ended.
    pub kind: WebexErrorKind,
    /// The error code (RFC 6749 section 5.2 and Webex's own names), where one was found in the body.
    pub code: Option<String>,
    /// Webex's words, shortened, with everything that was sent as a secret taken out.
    pub description: Option<String>,
    /// What Cisco's support asks for first.
    pub tracking_id: Option<String>,
    /// How long Webex asked us to stay away.
    pub retry_after: Option<SignedDuration>,
}

impl WebexError {
    /// The code to store and to count by: Webex's own, or one made of how the call ended.
    pub fn code(&self) -> String {
        match (&self.code, self.kind) {
            (Some(code), _) => code.clone(),
            (None, WebexErrorKind::Answered(status)) => format!("http_{status}"),
            (None, WebexErrorKind::Unintelligible) => "unintelligible_answer".to_owned(),
            (None, WebexErrorKind::TimedOut) => "timed_out".to_owned(),
            (None, WebexErrorKind::Unreachable) => "unreachable".to_owned(),
        }
    }
}

/// What comes back from the browser, to be turned into a pair (RFC 6749 section 4.1.3, RFC 7636 section 4.5).
#[derive(Debug, Clone)]
pub struct CodeExchange {
    /// The authorization code.
    pub code: AuthorizationCode,
    /// The redirect URI of the authorization request, unchanged.
    pub redirect_uri: String,
    /// The PKCE verifier.
    pub code_verifier: CodeVerifier,
}

/// What a device shows while it waits for somebody to consent elsewhere (RFC 8628 section 3.2).
#[derive(Debug, Clone)]
pub struct DeviceAuthorization {
    /// What the device asks with.
    pub device_code: DeviceCode,
    /// What the person types.
    pub user_code: String,
    /// Where they type it.
    pub verification_uri: String,
    /// The same with the code typed already, where Webex says it.
    pub verification_uri_complete: Option<String>,
    /// How long the codes live.
    pub expires_in: SignedDuration,
    /// How long to wait between two questions, where Webex says it.
    pub interval: Option<SignedDuration>,
}

/// The two events of the resource `serviceApp`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum AppEvent {
    /// An admin authorised the app.
    Authorized,
    /// An admin withdrew.
    Deauthorized,
}

impl AppEvent {
    /// Webex's word for it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Authorized => "authorized",
            Self::Deauthorized => "deauthorized",
        }
    }
}

/// A webhook registration as Webex lists it; anybody's, hence text.
#[derive(Debug, Clone)]
pub struct Registration {
    /// Webex's id for it.
    pub id: String,
    /// Its name.
    pub name: String,
    /// Where it delivers.
    pub target_url: String,
    /// `serviceApp` for ours.
    pub resource: String,
    /// `authorized` or `deauthorized` for ours.
    pub event: String,
    /// `id=<applicationId>` for ours.
    pub filter: Option<String>,
    /// What it signs with, echoed by Webex.
    pub secret: Option<WebhookSecret>,
    /// Whether it is delivering; 100 failures in 5 minutes end that.
    pub active: bool,
}

/// A registration that should be.
#[derive(Debug, Clone)]
pub struct RegistrationDraft {
    /// Its name.
    pub name: String,
    /// Where it is to deliver.
    pub target_url: String,
    /// Which of the two events.
    pub event: AppEvent,
    /// Whose authorisations.
    pub application_id: ApplicationId,
    /// What it is to sign with.
    pub secret: WebhookSecret,
}

/// The Webex port.
///
/// Every call is retried inside as long as that can help and `deadline` allows: 429 and 423 by their `Retry-After`, 5xx
/// and lost connections with jitter, nothing else.
pub trait Webex: Send + Sync {
    /// `POST /applications/{id}/token`: a pair for one org that has authorised the app. `bearer` is the minter's.
    fn mint(
        &self,
        client: &Client,
        application: &ApplicationId,
        org: &OrgId,
        bearer: &AccessToken,
        deadline: Deadline,
    ) -> impl Future<Output = Result<TokenResponse, WebexError>> + Send;

    /// `POST /access_token`, grant type `refresh_token`.
    fn refresh(
        &self,
        client: &Client,
        refresh_token: &RefreshToken,
        deadline: Deadline,
    ) -> impl Future<Output = Result<TokenResponse, WebexError>> + Send;

    /// `POST /access_token`, grant type `authorization_code`. Never repeated once it may have taken effect.
    fn exchange(
        &self,
        client: &Client,
        exchange: &CodeExchange,
        deadline: Deadline,
    ) -> impl Future<Output = Result<TokenResponse, WebexError>> + Send;

    /// `POST /device/authorize`: asks for codes for the scopes, which are separated by blanks.
    fn device_authorize(
        &self,
        client: &Client,
        scope: &str,
        deadline: Deadline,
    ) -> impl Future<Output = Result<DeviceAuthorization, WebexError>> + Send;

    /// `POST /device/token`: asks whether somebody has consented. Never repeated once it may have taken effect.
    fn device_token(
        &self,
        client: &Client,
        device_code: &DeviceCode,
        deadline: Deadline,
    ) -> impl Future<Output = Result<TokenResponse, WebexError>> + Send;

    /// `GET /authorizations/tokenExpiry`: when the token ends. A 401 answer means that it is dead.
    fn token_expiry(
        &self,
        token: &AccessToken,
        deadline: Deadline,
    ) -> impl Future<Output = Result<Timestamp, WebexError>> + Send;

    /// `GET /people/me`: the organisation of the token's owner; `None` if Webex does not say.
    fn whose_token(
        &self,
        token: &AccessToken,
        deadline: Deadline,
    ) -> impl Future<Output = Result<Option<OrgId>, WebexError>> + Send;

    /// `GET /webhooks`, all pages.
    fn registrations(
        &self,
        bearer: &AccessToken,
        deadline: Deadline,
    ) -> impl Future<Output = Result<Vec<Registration>, WebexError>> + Send;

    /// `POST /webhooks`.
    fn register(
        &self,
        draft: &RegistrationDraft,
        bearer: &AccessToken,
        deadline: Deadline,
    ) -> impl Future<Output = Result<(), WebexError>> + Send;

    /// `PUT /webhooks/{id}`: name, target, secret, and active again. Filter, resource and event cannot change.
    fn reregister(
        &self,
        id: &str,
        draft: &RegistrationDraft,
        bearer: &AccessToken,
        deadline: Deadline,
    ) -> impl Future<Output = Result<(), WebexError>> + Send;

    /// `DELETE /webhooks/{id}`; one that is gone already is no error.
    fn unregister(
        &self,
        id: &str,
        bearer: &AccessToken,
        deadline: Deadline,
    ) -> impl Future<Output = Result<(), WebexError>> + Send;
}
