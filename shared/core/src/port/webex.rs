//! The part of Webex's API that the rules use.

mod error;

use std::future::Future;

use jiff::{SignedDuration, Timestamp};

use crate::app::Client;
use crate::clock::Deadline;
use crate::id::{ApplicationId, OrgId};
use crate::pair::TokenResponse;
use crate::token::{AccessToken, AuthorizationCode, CodeVerifier, DeviceCode, RefreshToken, WebhookSecret};

pub use error::{WebexError, WebexErrorKind};

/// The parameters of a code exchange (RFC 6749 section 4.1.3, RFC 7636 section 4.5).
#[derive(Debug, Clone)]
pub struct CodeExchange {
    /// The authorization code.
    pub code: AuthorizationCode,
    /// The redirect URI of the authorization request, unchanged.
    pub redirect_uri: String,
    /// The PKCE verifier.
    pub code_verifier: CodeVerifier,
}

/// A started device flow (RFC 8628 section 3.2).
#[derive(Debug, Clone)]
pub struct DeviceAuthorization {
    /// The code with which the device asks for its token.
    pub device_code: DeviceCode,
    /// The code that the user enters.
    pub user_code: String,
    /// The page where the user enters the code.
    pub verification_uri: String,
    /// The same page with the code filled in, if Webex returns it.
    pub verification_uri_complete: Option<String>,
    /// Lifetime of both codes.
    pub expires_in: SignedDuration,
    /// Shortest wait between two polls, if Webex returns it.
    pub interval: Option<SignedDuration>,
}

/// The two events of the resource `serviceApp`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum AppEvent {
    /// An administrator authorised the app.
    Authorized,
    /// An administrator withdrew the authorisation.
    Deauthorized,
}

impl AppEvent {
    /// The event's name in Webex's API.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Authorized => "authorized",
            Self::Deauthorized => "deauthorized",
        }
    }
}

/// A webhook registration as Webex lists it. It may belong to another application, so its fields are plain text.
#[derive(Debug, Clone)]
pub struct Registration {
    /// The id that Webex gave it.
    pub id: String,
    /// The name that its creator gave it.
    pub name: String,
    /// The URL that it delivers to.
    pub target_url: String,
    /// `serviceApp` for ours.
    pub resource: String,
    /// `authorized` or `deauthorized` for ours.
    pub event: String,
    /// `id=<applicationId>` for ours.
    pub filter: Option<String>,
    /// The key that signs its deliveries.
    pub secret: Option<WebhookSecret>,
    /// Whether it delivers. Webex deactivates it after 100 failed deliveries in 5 minutes.
    pub active: bool,
}

/// A registration to create or to restore.
#[derive(Debug, Clone)]
pub struct RegistrationDraft {
    /// The name that marks it as this deployment's.
    pub name: String,
    /// The URL that it delivers to.
    pub target_url: String,
    /// The event that it delivers.
    pub event: AppEvent,
    /// The Service App whose authorisations it reports.
    pub application_id: ApplicationId,
    /// The key that signs its deliveries.
    pub secret: WebhookSecret,
}

/// The Webex port.
///
/// The implementation retries transient failures until `deadline`: 429 and 423 after their `Retry-After`, 5xx and lost
/// connections with jitter. It retries nothing else.
pub trait Webex: Send + Sync {
    /// `POST /applications/{id}/token`: issues a pair for an org that has authorised the app. `bearer` is the minter's token.
    fn mint(
        &self,
        client: &Client,
        application: &ApplicationId,
        org: &OrgId,
        bearer: &AccessToken,
        deadline: Deadline,
    ) -> impl Future<Output = Result<TokenResponse, WebexError>> + Send;

    /// `POST /access_token`, grant type `refresh_token`. It may be sent again with the same refresh token.
    fn refresh(
        &self,
        client: &Client,
        refresh_token: &RefreshToken,
        deadline: Deadline,
    ) -> impl Future<Output = Result<TokenResponse, WebexError>> + Send;

    /// `POST /access_token`, grant type `authorization_code`. Not sent again once it may have been executed.
    fn exchange(
        &self,
        client: &Client,
        exchange: &CodeExchange,
        deadline: Deadline,
    ) -> impl Future<Output = Result<TokenResponse, WebexError>> + Send;

    /// `POST /device/authorize`: starts a device flow for the scopes, which are separated by blanks.
    fn device_authorize(
        &self,
        client: &Client,
        scope: &str,
        deadline: Deadline,
    ) -> impl Future<Output = Result<DeviceAuthorization, WebexError>> + Send;

    /// `POST /device/token`: polls for the token. Not sent again once it may have been executed.
    fn device_token(
        &self,
        client: &Client,
        device_code: &DeviceCode,
        deadline: Deadline,
    ) -> impl Future<Output = Result<TokenResponse, WebexError>> + Send;

    /// `GET /authorizations/tokenExpiry`: when the token expires. The token is dead if the error
    /// [proves it](WebexError::proves_dead).
    fn token_expiry(
        &self,
        token: &AccessToken,
        deadline: Deadline,
    ) -> impl Future<Output = Result<Timestamp, WebexError>> + Send;

    /// `GET /people/me`: the org of the token's account. `None` if Webex answers 403: the token lives but has no people
    /// scope, and Webex does not say whose it is.
    fn token_owner(
        &self,
        token: &AccessToken,
        deadline: Deadline,
    ) -> impl Future<Output = Result<Option<OrgId>, WebexError>> + Send;

    /// `GET /organizations/{id}`: the display name of the token's own organisation. `None` if Webex answers 403 or 404: the
    /// token lacks the scope, and Webex tells it no name.
    fn organization_name(
        &self,
        token: &AccessToken,
        org: &OrgId,
        deadline: Deadline,
    ) -> impl Future<Output = Result<Option<String>, WebexError>> + Send;

    /// `DELETE /authorizations`: revokes the authorisation of the client's app in the org of the bearer's account, which
    /// needs the scope `identity:tokens_write`. One that does not exist is not an error.
    fn revoke_authorization(
        &self,
        client: &Client,
        org: &OrgId,
        bearer: &AccessToken,
        deadline: Deadline,
    ) -> impl Future<Output = Result<(), WebexError>> + Send;

    /// `GET /webhooks`: the registrations of all pages.
    fn list_webhooks(
        &self,
        bearer: &AccessToken,
        deadline: Deadline,
    ) -> impl Future<Output = Result<Vec<Registration>, WebexError>> + Send;

    /// `POST /webhooks`.
    fn create_webhook(
        &self,
        draft: &RegistrationDraft,
        bearer: &AccessToken,
        deadline: Deadline,
    ) -> impl Future<Output = Result<(), WebexError>> + Send;

    /// `PUT /webhooks/{id}`: sets name, target URL and secret, and activates it. Filter, resource and event cannot change.
    fn update_webhook(
        &self,
        id: &str,
        draft: &RegistrationDraft,
        bearer: &AccessToken,
        deadline: Deadline,
    ) -> impl Future<Output = Result<(), WebexError>> + Send;

    /// `DELETE /webhooks/{id}`; one that does not exist is not an error.
    fn delete_webhook(
        &self,
        id: &str,
        bearer: &AccessToken,
        deadline: Deadline,
    ) -> impl Future<Output = Result<(), WebexError>> + Send;
}
