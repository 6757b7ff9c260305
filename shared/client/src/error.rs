//! Why there is no token.

use std::sync::Arc;
use std::time::Duration;

use serde::Deserialize;

/// Why there is no token. All who waited for one answer get the same.
#[derive(Debug, Clone, thiserror::Error)]
pub enum Error {
    /// What was given as the broker's address is none.
    #[error("the broker's address is no http or https URL")]
    Address,
    /// Who is asking cannot be shown.
    #[error("the request cannot be authorised")]
    Identity(#[source] Arc<dyn std::error::Error + Send + Sync>),
    /// The broker was not reached, or did not answer in time.
    #[error("the broker does not answer")]
    Unreachable(#[source] Arc<reqwest::Error>),
    /// The broker answered in words that this crate does not know.
    #[error("the broker's answer ({0}) is not understood")]
    Unintelligible(u16),
    /// The broker said no.
    #[error("the broker answered {status}: {detail}", status = .0.status, detail = .0.detail)]
    Refused(Problem),
}

/// What the broker said instead of a token (RFC 9457).
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct Problem {
    /// `urn:webex-token-broker:problem:…`
    #[serde(rename = "type")]
    pub kind: String,
    /// The HTTP status.
    pub status: u16,
    /// What happened.
    pub detail: String,
    /// What Cisco's support asks for first, where Webex gave it.
    pub tracking_id: Option<String>,
    /// When to ask again.
    #[serde(skip)]
    pub retry_after: Option<Duration>,
}

impl Error {
    /// Whether a token that is held may still be used: nothing was said about the grant.
    pub(crate) fn says_nothing_about_the_grant(&self) -> bool {
        match self {
            Self::Refused(problem) => problem.status == 429 || problem.status >= 500,
            Self::Address | Self::Identity(_) | Self::Unreachable(_) | Self::Unintelligible(_) => true,
        }
    }

    /// When to ask again, if the broker said so.
    pub fn retry_after(&self) -> Option<Duration> {
        match self {
            Self::Refused(problem) => problem.retry_after,
            _ => None,
        }
    }
}
