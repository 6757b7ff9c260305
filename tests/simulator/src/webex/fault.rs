//! The ways in which a request to Webex can fail on demand.

use super::error::WebexError;
use super::{Endpoint, ForeignBody, OAuthErrors, ids};
use crate::transport::{AppliedFault, Faults, RequestEnd, Response};

/// One way for a request to fail.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Fault {
    /// Answers this instead.
    Status {
        /// The HTTP status.
        code: u16,
        /// The body, sent as JSON.
        body: String,
        /// Seconds for `Retry-After`.
        retry_after: Option<u64>,
    },
    /// 429, or 423, which means the same.
    RateLimited {
        /// The HTTP status.
        status: u16,
        /// Seconds for `Retry-After`, which may be missing.
        retry_after: Option<u64>,
    },
    /// Accepts the request and never answers.
    HangForever,
    /// Closes the connection without executing the request.
    Drop,
    /// Executes the request, then never answers.
    TimeoutAfterEffect,
    /// Executes the request, then closes the connection.
    DropAfterEffect,
    /// Executes the request, then answers this status with an error envelope.
    StatusAfterEffect(u16),
    /// An HTML page with this status and a tracking id, as a gateway of Webex's sends it.
    NonJson(u16),
    /// An answer that does not come from Webex; [`Fault::foreign`] makes one without a tracking id.
    Foreign {
        /// The HTTP status.
        status: u16,
        /// The body and its content type.
        body: ForeignBody,
        /// Whether the answer has Webex's `trackingid` header all the same.
        tracking_header: bool,
    },
    /// A Webex envelope with this status, without `errors`.
    EnvelopeError {
        /// The HTTP status.
        status: u16,
        /// The text in `message`.
        message: String,
    },
    /// An RFC 6749 error, its tracking id in the header only.
    OAuthError {
        /// The HTTP status.
        status: u16,
        /// `invalid_grant` and the like.
        code: &'static str,
    },
    /// An RFC 6749 error of the identity broker: `trackingID` in the body, no `trackingid` header.
    IdentityBrokerError {
        /// The HTTP status.
        status: u16,
        /// `invalid_grant` and the like.
        code: &'static str,
    },
    /// 403 as for a token without the scope, or a user without the role, that the request needs.
    MissingRights,
    /// 403 as for an org that has not authorised the app (yet).
    Lag,
}

impl Faults<Endpoint, Fault> {
    /// The next `times` mints for `org` answer 403 although it has authorised the app. A mint that would be refused
    /// anyway does not count.
    pub fn lag(&self, org: &str, times: usize) {
        self.plan(Endpoint::Mint, times, Fault::Lag, Some(ids::bare_org(org)));
    }
}

impl Fault {
    /// An answer that does not come from Webex, without a tracking id.
    pub fn foreign(status: u16, body: ForeignBody) -> Self {
        Self::Foreign { status, body, tracking_header: false }
    }

    /// The 403 page of a content-delivery network that blocks the request before it reaches Webex.
    pub fn cdn_block() -> Self {
        Self::foreign(403, ForeignBody::CdnBlockPage)
    }

    pub(crate) fn apply(&self, tracking_id: &str) -> AppliedFault {
        match self {
            Self::HangForever => AppliedFault::without_effect(RequestEnd::NoAnswer),
            Self::Drop => AppliedFault::without_effect(RequestEnd::Disconnected),
            Self::TimeoutAfterEffect => AppliedFault::after_effect(RequestEnd::NoAnswer),
            Self::DropAfterEffect => AppliedFault::after_effect(RequestEnd::Disconnected),
            Self::StatusAfterEffect(_) => AppliedFault::after_effect(RequestEnd::Answered(self.response(tracking_id))),
            _ => AppliedFault::without_effect(RequestEnd::Answered(self.response(tracking_id))),
        }
    }

    fn response(&self, tracking_id: &str) -> Response {
        match self {
            Self::Status { code, body, retry_after } => {
                with_retry_after(Response::text(*code, "application/json", body.clone()), *retry_after)
            }
            Self::RateLimited { status, retry_after } => {
                let error = WebexError::new(*status, "Too many requests.");
                with_retry_after(error.envelope(tracking_id), *retry_after)
            }
            Self::NonJson(status) => Response::text(*status, "text/html", "<html>Bad Gateway</html>"),
            Self::Foreign { status, body, tracking_header: true } => body.response(*status),
            Self::Foreign { status, body, tracking_header: false } => body.response(*status).without_tracking_header(),
            Self::EnvelopeError { status, message } => {
                WebexError::new(*status, message).oauth_response(OAuthErrors::BareEnvelope, tracking_id)
            }
            Self::OAuthError { status, code } => oauth_error(*status, code, OAuthErrors::Rfc6749, tracking_id),
            Self::IdentityBrokerError { status, code } => {
                oauth_error(*status, code, OAuthErrors::IdentityBroker, tracking_id)
            }
            Self::StatusAfterEffect(status) => WebexError::new(*status, "Something went wrong.").envelope(tracking_id),
            Self::MissingRights => WebexError::missing_rights().envelope(tracking_id),
            _ => WebexError::not_authorized().envelope(tracking_id),
        }
    }
}

fn oauth_error(status: u16, code: &'static str, format: OAuthErrors, tracking_id: &str) -> Response {
    WebexError::oauth(status, code, "Refused.").oauth_response(format, tracking_id)
}

fn with_retry_after(response: Response, seconds: Option<u64>) -> Response {
    match seconds {
        Some(seconds) => response.with("retry-after", seconds.to_string()),
        None => response,
    }
}
