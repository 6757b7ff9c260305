//! What can go wrong at Webex.

use super::problem::Problem;
use super::{Endpoint, OAuthErrors, ids};
use crate::transport::{Answer, Faults, Outcome, Upset};

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
    /// Closes the connection; nothing happened.
    Drop,
    /// Takes effect, then never answers.
    TimeoutAfterEffect,
    /// Takes effect, then closes the connection.
    DropAfterEffect,
    /// Takes effect, then answers this status with an empty envelope.
    StatusAfterEffect(u16),
    /// An HTML page with this status, as a gateway would send.
    NonJson(u16),
    /// A Webex envelope with this status, without `errors`.
    EnvelopeError {
        /// The HTTP status.
        status: u16,
        /// The text in `message`.
        message: String,
    },
    /// An RFC 6749 error.
    OAuthError {
        /// The HTTP status.
        status: u16,
        /// `invalid_grant` and the like.
        code: &'static str,
    },
    /// 403 as for an org that has not authorised the app (yet).
    Lag,
}

impl Faults<Endpoint, Fault> {
    /// The next `times` mints for `org` answer 403 although it has authorised the app; a mint that would be refused
    /// anyway does not count.
    pub fn lag(&self, org: &str, times: usize) {
        self.plan(Endpoint::Mint, times, Fault::Lag, Some(ids::bare_org(org)));
    }
}

impl Fault {
    pub(crate) fn upset(&self, tracking_id: &str) -> Upset {
        match self {
            Self::HangForever => Upset::instead(Outcome::Silent),
            Self::Drop => Upset::instead(Outcome::Cut),
            Self::TimeoutAfterEffect => Upset::after_effect(Outcome::Silent),
            Self::DropAfterEffect => Upset::after_effect(Outcome::Cut),
            Self::StatusAfterEffect(_) => Upset::after_effect(Outcome::Answered(self.answer(tracking_id))),
            _ => Upset::instead(Outcome::Answered(self.answer(tracking_id))),
        }
    }

    fn answer(&self, tracking_id: &str) -> Answer {
        match self {
            Self::Status { code, body, retry_after } => {
                hinted(Answer::text(*code, "application/json", body.clone()), *retry_after)
            }
            Self::RateLimited { status, retry_after } => {
                let problem = Problem::new(*status, "Too many requests.");
                hinted(problem.envelope(tracking_id), *retry_after)
            }
            Self::NonJson(status) => Answer::text(*status, "text/html", "<html>Bad Gateway</html>"),
            Self::EnvelopeError { status, message } => {
                Problem::new(*status, message).spelled(OAuthErrors::BareEnvelope, tracking_id)
            }
            Self::OAuthError { status, code } => {
                Problem::oauth(*status, code, "Refused.").spelled(OAuthErrors::Rfc6749, tracking_id)
            }
            Self::StatusAfterEffect(status) => Problem::new(*status, "Something went wrong.").envelope(tracking_id),
            _ => Problem::not_authorized().envelope(tracking_id),
        }
    }
}

fn hinted(answer: Answer, retry_after: Option<u64>) -> Answer {
    match retry_after {
        Some(seconds) => answer.with("retry-after", seconds.to_string()),
        None => answer,
    }
}
