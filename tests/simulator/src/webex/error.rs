//! Errors and their formats: the Webex envelope and RFC 6749 (section 3).

use serde_json::json;

use super::OAuthErrors;
use crate::transport::Response;

/// The text of a 403 for a token or a user without the rights that the request needs (section 8).
const MISSING_RIGHTS: &str = "The server understood the request, but refused to fulfill it because the access token is \
                              missing required scopes or the user is missing required roles or licenses.";

/// An error that Webex answers.
#[derive(Clone, Debug)]
pub(crate) struct WebexError {
    status: u16,
    /// The OAuth error code, where there is one.
    code: Option<&'static str>,
    message: String,
}

/// The result of an endpoint.
pub(crate) type WebexResult<T> = Result<T, WebexError>;

impl WebexError {
    pub(crate) fn new(status: u16, message: impl Into<String>) -> Self {
        Self { status, code: None, message: message.into() }
    }

    pub(crate) fn oauth(status: u16, code: &'static str, message: &str) -> Self {
        Self { code: Some(code), ..Self::new(status, message) }
    }

    pub(crate) fn bad_request(message: impl Into<String>) -> Self {
        Self::new(400, message)
    }

    pub(crate) fn unauthorized() -> Self {
        Self::new(401, "The request requires a valid access token set in the Authorization request header.")
    }

    pub(crate) fn forbidden(message: impl Into<String>) -> Self {
        Self::new(403, message)
    }

    /// The token lacks a scope, or its user a role.
    pub(crate) fn missing_rights() -> Self {
        Self::forbidden(MISSING_RIGHTS)
    }

    pub(crate) fn not_found() -> Self {
        Self::new(404, "The requested resource could not be found.")
    }

    pub(crate) fn not_authorized() -> Self {
        Self::forbidden("The organization has not authorized this application.")
    }

    pub(crate) fn token_limit() -> Self {
        Self::oauth(403, "tokenlimit_reached", "The account has too many live access tokens.")
    }

    /// The error as REST endpoints format it.
    pub(crate) fn envelope(&self, tracking_id: &str) -> Response {
        let description = match self.code {
            Some(code) => format!("{code}: {}", self.message),
            None => self.message.clone(),
        };
        let body = json!({
            "message": self.message,
            "errors": [{"description": description}],
            "trackingId": tracking_id,
        });
        Response::json(self.status, &body)
    }

    /// The error as the token endpoints format it.
    pub(crate) fn oauth_response(&self, format: OAuthErrors, tracking_id: &str) -> Response {
        match format {
            OAuthErrors::Envelope => self.envelope(tracking_id),
            OAuthErrors::BareEnvelope => {
                let body = json!({"message": self.message, "trackingId": tracking_id});
                Response::json(self.status, &body)
            }
            OAuthErrors::Rfc6749 => {
                let body = json!({"error": self.oauth_code(), "error_description": self.message});
                Response::json(self.status, &body)
            }
            OAuthErrors::IdentityBroker => {
                let body = json!({
                    "error": self.oauth_code(),
                    "error_description": self.message,
                    "trackingID": tracking_id.replace("ROUTERGW_", "CLIENT_"),
                });
                Response::json(self.status, &body).without_tracking_header()
            }
        }
    }

    fn oauth_code(&self) -> &'static str {
        self.code.unwrap_or("invalid_request")
    }
}
