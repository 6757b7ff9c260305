//! Why the client has no token.

use std::sync::Arc;
use std::time::Duration;

use serde::Deserialize;

/// Why the client has no token. Callers that waited for the same request get the same error.
#[derive(Debug, Clone, thiserror::Error)]
pub enum Error {
    /// The broker's address is not an `http` or `https` URL.
    #[error("the broker's address is not an http or https URL")]
    Address,
    /// The headers that identify the caller could not be made: no credentials, or no identity token.
    #[error("cannot authorise the request to the broker")]
    Identity(#[source] Arc<dyn std::error::Error + Send + Sync>),
    /// The broker could not be reached, or did not answer in time.
    #[error("the broker does not answer")]
    Unreachable(#[source] Arc<reqwest::Error>),
    /// The answer, of this HTTP status, is neither a token nor a problem document.
    #[error("the broker's answer with status {0} is neither a token nor a problem document")]
    UnexpectedAnswer(u16),
    /// The broker refused the request.
    #[error("the broker answered {status}: {detail}", status = .0.status, detail = .0.detail)]
    Refused(VendProblem),
}

/// The problem document (RFC 9457) with which the broker refuses a request.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct VendProblem {
    /// The problem type: `urn:webex-token-broker:problem:…`
    #[serde(rename = "type")]
    pub kind: String,
    /// The HTTP status.
    pub status: u16,
    /// What happened, in words.
    pub detail: String,
    /// Webex's tracking id, if the refusal has one. Cisco's support asks for it.
    pub tracking_id: Option<String>,
    /// The time to wait before asking again, from `Retry-After`.
    #[serde(skip)]
    pub retry_after: Option<Duration>,
}

impl Error {
    /// Whether the error says nothing about the grant, so that a token of it may still be used.
    pub(crate) fn leaves_grant_unknown(&self) -> bool {
        match self {
            Self::Refused(problem) => problem.status == 429 || problem.status >= 500,
            Self::Address | Self::Identity(_) | Self::Unreachable(_) | Self::UnexpectedAnswer(_) => true,
        }
    }

    /// The time to wait before asking again, if the broker gave one.
    pub fn retry_after(&self) -> Option<Duration> {
        match self {
            Self::Refused(problem) => problem.retry_after,
            _ => None,
        }
    }
}
