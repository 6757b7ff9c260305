//! Why the client has no token.

use std::sync::Arc;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::authorize::BoxError;

/// Why the client has no token. Callers that waited for the same request get the same error.
#[derive(Debug, Clone, thiserror::Error)]
pub enum Error {
    /// The broker's address is not an `http` or `https` URL, or an app or a subject cannot stand in one.
    #[error("the broker's address is not an http or https URL, or the app or the subject cannot stand in one")]
    Address,
    /// The headers that identify the caller could not be made: no credentials, or no identity token.
    #[error("cannot authorise the request to the broker")]
    Identity(#[source] Arc<dyn std::error::Error + Send + Sync>),
    /// The broker could not be reached, or did not answer in time.
    #[error("the broker does not answer")]
    Unreachable(#[source] Arc<dyn std::error::Error + Send + Sync>),
    /// The answer is neither a token nor a problem document, for example a proxy's page.
    #[error("the broker's answer with status {status} is neither a token nor a problem document{}", quoted(.message))]
    UnexpectedAnswer {
        /// The HTTP status.
        status: u16,
        /// The first line of AWS's message, for example about a signature; empty if there is none.
        message: String,
    },
    /// The broker refused the request.
    #[error("the broker answered {status}: {detail}", status = .0.status, detail = .0.detail)]
    Refused(VendProblem),
}

/// The problem document (RFC 9457) with which the broker refuses a request.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, Serialize)]
pub struct VendProblem {
    /// The problem type: `urn:webex-token-broker:problem:…`
    #[serde(rename = "type")]
    pub kind: String,
    /// The problem type in words.
    #[serde(default)]
    pub title: String,
    /// The HTTP status.
    #[serde(default)]
    pub status: u16,
    /// What happened, in words.
    pub detail: String,
    /// Webex's tracking id, if the refusal has one. Cisco's support asks for it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tracking_id: Option<String>,
    /// The time to wait before asking again, from `Retry-After`.
    #[serde(skip)]
    pub retry_after: Option<Duration>,
}

impl Error {
    /// The failure to reach the broker, for the reason in `cause`.
    pub(crate) fn unreachable(cause: impl Into<BoxError>) -> Self {
        Self::Unreachable(Arc::from(cause.into()))
    }

    /// Whether the error says nothing about the grant, so that a token of it may still be used.
    pub(crate) fn leaves_grant_unknown(&self) -> bool {
        match self {
            Self::Refused(problem) => problem.status == 429 || problem.status >= 500,
            Self::Address | Self::Identity(_) | Self::Unreachable(_) | Self::UnexpectedAnswer { .. } => true,
        }
    }

    /// The time to wait before asking again, if the broker gave one.
    pub fn retry_after(&self) -> Option<Duration> {
        match self {
            Self::Refused(problem) => problem.retry_after,
            _ => None,
        }
    }

    /// The error for a later caller, which has `left` to wait if the broker gave a time.
    pub(crate) fn again(&self, left: Duration) -> Self {
        let mut error = self.clone();
        if let Self::Refused(problem) = &mut error
            && problem.retry_after.is_some()
        {
            problem.retry_after = Some(left);
        }
        error
    }
}

fn quoted(message: &str) -> String {
    if message.is_empty() { String::new() } else { format!(": {message}") }
}
