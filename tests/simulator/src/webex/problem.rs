//! Refusals and their two spellings: the Webex envelope and RFC 6749 (section 3).

use serde_json::json;

use super::OAuthErrors;
use crate::transport::Answer;

/// A refusal.
#[derive(Clone, Debug)]
pub(crate) struct Problem {
    status: u16,
    /// The OAuth error name, where there is one.
    code: Option<&'static str>,
    text: String,
}

/// What an endpoint comes to.
pub(crate) type Outcome<T> = Result<T, Problem>;

impl Problem {
    pub(crate) fn new(status: u16, text: impl Into<String>) -> Self {
        Self { status, code: None, text: text.into() }
    }

    pub(crate) fn oauth(status: u16, code: &'static str, text: &str) -> Self {
        Self { code: Some(code), ..Self::new(status, text) }
    }

    pub(crate) fn bad_request(text: impl Into<String>) -> Self {
        Self::new(400, text)
    }

    pub(crate) fn unauthorized() -> Self {
        Self::new(401, "The request requires a valid access token set in the Authorization request header.")
    }

    pub(crate) fn forbidden(text: impl Into<String>) -> Self {
        Self::new(403, text)
    }

    pub(crate) fn not_found() -> Self {
        Self::new(404, "The requested resource could not be found.")
    }

    pub(crate) fn not_authorized() -> Self {
        Self::forbidden("The organization has not authorized this application.")
    }

    pub(crate) fn token_limit() -> Self {
        let text = "The account has too many live access tokens.";
        Self::oauth(403, "tokenlimit_reached", text)
    }

    /// As REST endpoints say it.
    pub(crate) fn envelope(&self, tracking_id: &str) -> Answer {
        let description = match self.code {
            Some(code) => format!("{code}: {}", self.text),
            None => self.text.clone(),
        };
        let body = json!({
            "message": self.text,
            "errors": [{"description": description}],
            "trackingId": tracking_id,
        });
        Answer::json(self.status, &body)
    }

    /// As the token endpoint says it.
    pub(crate) fn spelled(&self, style: OAuthErrors, tracking_id: &str) -> Answer {
        match style {
            OAuthErrors::Envelope => self.envelope(tracking_id),
            OAuthErrors::BareEnvelope => self.bare(tracking_id),
            OAuthErrors::Rfc6749 => {
                let code = self.code.unwrap_or("invalid_request");
                let body = json!({"error": code, "error_description": self.text});
                Answer::json(self.status, &body)
            }
        }
    }

    fn bare(&self, tracking_id: &str) -> Answer {
        let body = json!({"message": self.text, "trackingId": tracking_id});
        Answer::json(self.status, &body)
    }
}
