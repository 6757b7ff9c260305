//! How requests to Webex fail.

use jiff::SignedDuration;

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
            "revoke_authorization" => "revoke the authorisation",
            "list_webhooks" => "list the webhooks",
            "create_webhook" => "create a webhook",
            "update_webhook" => "update a webhook",
            "delete_webhook" => "delete a webhook",
            "list_data_sources" => "list the data sources",
            "register_data_source" => "register the data source",
            "renew_data_source" => "renew the data source",
            "delete_data_source" => "delete the data source",
            "guest" => "issue a guest token",
            _ => "execute a request",
        }
    }
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
