//! The operators' question about apps and grants, and its answer.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::AppKind;
use super::data_source_status::DataSourceStatus;
use crate::app_state::AppState;
use crate::grant::{State, Transition};
use crate::id::{AppName, Subject};

/// Selects the apps and grants to show.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub struct StatusRequest {
    /// This app's alone.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub app: Option<AppName>,
    /// This grant of the app alone, with its history.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub subject: Option<Subject>,
    /// Grants in this state alone.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub state: Option<ShownState>,
    /// Grants whose renewals fail, or do not fail.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub failing: Option<bool>,
    /// Grants whose access token ends within so many seconds.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub expiring_within: Option<u32>,
    /// The place to go on from, as an earlier answer gave it.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub next: Option<String>,
}

/// The states that are shown: those of a record, and that of one which cannot be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ShownState {
    /// An event announced an authorisation.
    Pending,
    /// The grant has a pair that may be vended.
    Active,
    /// An event announced a withdrawal.
    Fenced,
    /// The grant has ended.
    Revoked,
    /// The record cannot be read, and was left alone.
    Unreadable,
}

impl From<State> for ShownState {
    fn from(state: State) -> Self {
        match state {
            State::Pending => Self::Pending,
            State::Active => Self::Active,
            State::Fenced => Self::Fenced,
            State::Revoked => Self::Revoked,
        }
    }
}

/// The answer.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct StatusReport {
    /// The apps, the minter's first. Only on the first page.
    pub apps: Vec<AppStatus>,
    /// One page of grants, by app and subject.
    pub grants: Vec<GrantStatus>,
    /// The place of the next page; absent on the last one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub next: Option<String>,
}

/// One app.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct AppStatus {
    /// The operator's name for it.
    pub app: String,
    /// The sort of Webex application; absent if its secret cannot be read.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub kind: Option<AppKind>,
    /// `C` and 64 hexadecimal digits.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub client_id: Option<String>,
    /// The state of the app as the last sweep found it.
    #[serde(flatten)]
    pub state: AppState,
    /// Mistakes in its secrets, in words that quote no value.
    pub problems: Vec<String>,
}

/// One grant. It holds no token.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct GrantStatus {
    /// The app.
    pub app: String,
    /// The organisation, or the name of a personal grant.
    pub subject: String,
    /// The display name of the organisation, where Webex tells it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// The state.
    pub state: ShownState,
    /// Whether its renewals fail.
    pub failing: bool,
    /// The condition and what to do, in words; absent if all is well.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// The code of the failure.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub code: Option<String>,
    /// Webex's tracking id of the failure.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tracking_id: Option<String>,
    /// When the failure, the fence or the retirement began.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub since: Option<Timestamp>,
    /// Failed attempts since then.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub attempts: Option<u32>,
    /// When the access token ends.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub access_token_expires_at: Option<Timestamp>,
    /// When the refresh token ends.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub refresh_token_expires_at: Option<Timestamp>,
    /// When the pair was issued.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub renewed_at: Option<Timestamp>,
    /// When sweeps renew it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub due_at: Option<Timestamp>,
    /// The date of the authorisation, from Webex's event.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub authorized_at: Option<Timestamp>,
    /// Whether an operator keeps it out.
    #[serde(skip_serializing_if = "std::ops::Not::not", default)]
    pub blocked: bool,
    /// Its data sources, as the last sweeps found them.
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    pub data_sources: Vec<DataSourceStatus>,
    /// The last changes, oldest first; only where one grant was asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub history: Option<Vec<Transition>>,
}
