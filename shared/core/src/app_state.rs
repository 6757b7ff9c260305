//! The state of an app as the last sweep found it. It serves operators, and decides nothing about grants.

mod incident;

use std::fmt;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

pub use incident::{Incident, IncidentCause};

/// The state of an app as of its last sweep. Empty for an app that no sweep has looked at.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct AppState {
    /// When the sweep ended.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub last_sweep_at: Option<Timestamp>,
    /// The registrations of the app's webhooks.
    pub webhooks: AppWebhooks,
    /// Whether Webex takes the app's client credentials.
    pub credentials: AppCredentials,
    /// The grants by state.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub counts: Option<StateCounts>,
    /// The initials of the subjects that the sweep had no time to list, `*` for any. The next sweep begins with them.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub unlisted: String,
    /// The version of the app's secret that an operator removed. Sweeps leave the app alone until there is another one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub removed_version: Option<String>,
    /// Token pairs issued within the life of an access token; Webex allows an account 750 live ones.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub live_tokens: Option<u32>,
    /// The data sources; absent if the app has none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub data_sources: Option<DataSourceSummary>,
    /// What is wrong and was announced. The state of the minter's app holds what concerns the whole deployment.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub incidents: Vec<Incident>,
}

/// How many data sources of an app are not well.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct DataSourceSummary {
    /// Whose registration or renewal fails.
    pub failing: u32,
    /// With less than a quarter of their life left, those that have ended included.
    pub ending: u32,
    /// Disabled by Webex or by an administrator. They need nobody here.
    pub disabled: u32,
}

/// The registrations of an app's webhooks.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct AppWebhooks {
    /// Whether they deliver.
    pub state: WebhookState,
    /// Why not, in words.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub reason: Option<String>,
}

/// Whether the webhooks of an app deliver.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum WebhookState {
    /// No sweep has looked yet.
    #[default]
    Unknown,
    /// Webex delivers to this deployment.
    Registered,
    /// A registration could not be made or repaired.
    Failing,
    /// The app needs none, or the operator has stored no secret for them.
    Off,
}

/// Whether Webex takes an app's client credentials.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct AppCredentials {
    /// Webex's answer.
    pub state: CredentialState,
    /// The reason for a refusal, in words.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub reason: Option<String>,
    /// When Webex was asked.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub checked_at: Option<Timestamp>,
    /// The version of the app's secret that was checked.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub version: Option<String>,
}

/// Webex's answer to an app's client credentials.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CredentialState {
    /// Nothing yet.
    #[default]
    Unknown,
    /// It takes them.
    Ok,
    /// It refuses them.
    Wrong,
}

/// How many grants of an app are in each state.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct StateCounts {
    /// Waiting for Webex.
    pub pending: u32,
    /// With a pair that may be vended, those that fail included.
    pub active: u32,
    /// Active ones whose renewals fail.
    pub failing: u32,
    /// Withdrawn, according to an event.
    pub fenced: u32,
    /// Ended.
    pub revoked: u32,
    /// Not readable.
    pub unreadable: u32,
    /// In packs, among the active ones.
    #[serde(skip_serializing_if = "is_zero")]
    pub packed: u32,
    /// Pending or fenced ones that something fails for, so that they need a person.
    #[serde(skip_serializing_if = "is_zero")]
    pub waiting_in_vain: u32,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde passes a reference")]
fn is_zero(count: &u32) -> bool {
    *count == 0
}

impl fmt::Display for DataSourceSummary {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "data sources: {} failing, {} about to end", self.failing, self.ending)
    }
}

impl StateCounts {
    /// All of them.
    pub fn total(&self) -> u32 {
        self.pending + self.active + self.fenced + self.revoked + self.unreadable
    }
}

impl AppWebhooks {
    /// Nothing is known.
    pub fn unknown() -> Self {
        Self::default()
    }

    /// In `state` for a `reason`.
    pub fn because(state: WebhookState, reason: impl Into<String>) -> Self {
        Self { state, reason: Some(reason.into()) }
    }
}

impl AppCredentials {
    /// Nothing is known.
    pub fn unknown() -> Self {
        Self::default()
    }
}
