//! What is wrong at present and was announced to people.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// Something that is wrong. It was announced once, and is announced once more when it is over.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Incident {
    /// The cause.
    pub cause: IncidentCause,
    /// The grant, if it concerns one alone.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub subject: Option<String>,
    /// When it began.
    pub since: Timestamp,
    /// How many were announced, where there may be several.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub count: Option<u32>,
}

/// The causes by which incidents are told apart. What hits many alike is one incident.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum IncidentCause {
    /// Webex fails, limits the rate, or cannot be reached.
    Webex,
    /// The minter is missing, has ended or is refused.
    Minter,
    /// The minter ends soon, and nothing renews it.
    MinterEnding,
    /// Secrets Manager fails or refuses the broker.
    Store,
    /// Secrets cannot be read.
    Unreadable,
    /// Webex refuses the app's client credentials.
    Credentials,
    /// The app's secrets have mistakes.
    Misconfigured,
    /// The app's webhook registrations cannot be made.
    Registrations,
    /// One grant fails for a reason of its own.
    Grant,
    /// Further grants of the app fail for reasons of their own.
    MoreGrants,
}

impl IncidentCause {
    /// The cause behind the code of a failure.
    pub(crate) fn of_code(code: &str) -> Self {
        match code {
            "timed_out" | "unreachable" | "foreign_answer" | "http_408" | "http_423" | "http_429" => Self::Webex,
            "minter_refused" | "minter_missing" | "minter_ended" => Self::Minter,
            "store_refused" | "store_unavailable" => Self::Store,
            "invalid_client" | "unknown_app" => Self::Credentials,
            code if code.starts_with("http_5") => Self::Webex,
            _ => Self::Grant,
        }
    }

    /// Whether it concerns all apps of the deployment.
    pub(crate) fn is_of_deployment(self) -> bool {
        matches!(self, Self::Webex | Self::Minter | Self::MinterEnding | Self::Store | Self::Unreadable)
    }

    /// The kind in a notice.
    pub(crate) fn kind(self) -> &'static str {
        match self {
            Self::Webex => "webex.unavailable",
            Self::Minter => "minter.failing",
            Self::MinterEnding => "minter.ending",
            Self::Store => "store.failing",
            Self::Unreadable => "secrets.unreadable",
            Self::Credentials => "app.credentials_refused",
            Self::Misconfigured => "app.misconfigured",
            Self::Registrations => "app.registrations_failing",
            Self::Grant | Self::MoreGrants => "grant.failing",
        }
    }
}
