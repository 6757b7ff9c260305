//! The part of Webex's API that the rules use.

use std::future::Future;

use jiff::{SignedDuration, Timestamp};

use crate::app::Client;
use crate::clock::Deadline;
use crate::id::{ApplicationId, OrgId};
use crate::pair::TokenResponse;
use crate::token::{AccessToken, AuthorizationCode, CodeVerifier, DeviceCode, RefreshToken, WebhookSecret};

/// How a request to Webex failed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum WebexErrorKind {
    /// Webex answered with this status, which is not 2xx, and one of its error envelopes: its own JSON (`message`,
    /// `errors`) or that of RFC 6749 section 5.2 (`error`).
    Answered(u16),
    /// The response has this status but is not Webex's: an error status without one of Webex's error envelopes, or a
    /// 2xx whose body is not what the endpoint documents. A proxy or a content-delivery network may have sent it, so it
    /// says nothing about a grant.
    Foreign(u16),
    /// No response came in time. Webex may have executed the request.
    TimedOut,
    /// No connection was made, or it broke.
    Unreachable,
}

/// A failed request to Webex, with what the response says about it.
#[derive(Debug, Clone, thiserror::Error)]
#[error("{}: {}", self.summary(), self.code())]
pub struct WebexError {
    /// The name of the operation, such as `refresh`.
    pub operation: &'static str,
    /// How the request failed.
    pub kind: WebexErrorKind,
    /// The error code in the body (RFC 6749 section 5.2, and Webex's own codes).
    pub code: Option<String>,
    /// Webex's message, shortened. Every secret of the request is removed from it.
    pub description: Option<String>,
    /// The id by which Cisco's support finds the request.
    pub tracking_id: Option<String>,
    /// The wait that `Retry-After` asked for.
    pub retry_after: Option<SignedDuration>,
}

impl WebexError {
    /// The code for records and metrics: Webex's own, or one that is derived from how the request failed. It is
    /// `foreign_answer` for every [`WebexErrorKind::Foreign`].
    pub fn code(&self) -> String {
        match (&self.code, self.kind) {
            (_, WebexErrorKind::Foreign(_)) => "foreign_answer".to_owned(),
            (Some(code), _) => code.clone(),
            (None, WebexErrorKind::Answered(status)) => format!("http_{status}"),
            (None, WebexErrorKind::TimedOut) => "timed_out".to_owned(),
            (None, WebexErrorKind::Unreachable) => "unreachable".to_owned(),
        }
    }

    fn summary(&self) -> String {
        let purpose = self.purpose();
        match self.kind {
            WebexErrorKind::Answered(400..=499) => format!("Webex refused to {purpose}"),
            _ => format!("could not {purpose}"),
        }
    }

    /// What the request was for, as a verb phrase.
    fn purpose(&self) -> &'static str {
        match self.operation {
            "mint" => "mint a token pair",
            "refresh" => "refresh the token",
            "exchange" => "exchange the authorization code",
            "device_authorize" => "start the device flow",
            "device_token" => "issue a token to the device",
            "token_expiry" => "tell when the token expires",
            "token_owner" => "tell whose token it is",
            "list_webhooks" => "list the webhooks",
            "create_webhook" => "create a webhook",
            "update_webhook" => "update a webhook",
            "delete_webhook" => "delete a webhook",
            "guest" => "issue a guest token",
            _ => "execute a request",
        }
    }
}

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
    fn whose_token(
        &self,
        token: &AccessToken,
        deadline: Deadline,
    ) -> impl Future<Output = Result<Option<OrgId>, WebexError>> + Send;

    /// `GET /webhooks`: the registrations of all pages.
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

    /// `PUT /webhooks/{id}`: sets name, target URL and secret, and activates it. Filter, resource and event cannot change.
    fn reregister(
        &self,
        id: &str,
        draft: &RegistrationDraft,
        bearer: &AccessToken,
        deadline: Deadline,
    ) -> impl Future<Output = Result<(), WebexError>> + Send;

    /// `DELETE /webhooks/{id}`; one that does not exist is not an error.
    fn unregister(
        &self,
        id: &str,
        bearer: &AccessToken,
        deadline: Deadline,
    ) -> impl Future<Output = Result<(), WebexError>> + Send;
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn error_text_names_the_purpose_and_the_code() {
        let text = |operation, kind, code: Option<&str>| {
            let code = code.map(str::to_owned);
            WebexError { operation, kind, code, description: None, tracking_id: None, retry_after: None }.to_string()
        };
        let refused = text("refresh", WebexErrorKind::Answered(401), Some("invalid_client"));
        assert_eq!(refused, "Webex refused to refresh the token: invalid_client");
        let failed = text("mint", WebexErrorKind::Answered(503), None);
        assert_eq!(failed, "could not mint a token pair: http_503");
        let foreign = text("token_expiry", WebexErrorKind::Foreign(403), None);
        assert_eq!(foreign, "could not tell when the token expires: foreign_answer");
    }
}
