//! The answer to `status`, over all pages.

use broker_core::app_state::{CredentialState, DataSourceSummary, WebhookState};
use broker_core::attention::{AppCondition, GrantCondition};
use jiff::Timestamp;
use serde::{Deserialize, Deserializer};
use serde_json::{Value, json};

use crate::broker::Broker;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::session::Session;

/// Apps and grants, as the refresher reported them.
#[derive(Debug, Default)]
pub(crate) struct Fleet {
    /// The apps as typed records.
    pub(crate) apps: Vec<AppStatus>,
    /// The grants as typed records.
    pub(crate) grants: Vec<GrantStatus>,
    /// `{"apps":[…],"grants":[…]}` with every field that the refresher sent.
    pub(crate) json: Value,
}

/// One app. Every field may be absent: a refresher of another version leaves some out.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct AppStatus {
    pub(crate) app: String,
    pub(crate) kind: String,
    pub(crate) client_id: String,
    pub(crate) webhooks: Condition,
    pub(crate) credentials: Condition,
    pub(crate) counts: Option<Counts>,
    pub(crate) live_tokens: Option<u64>,
    pub(crate) data_sources: Option<DataSourceSummary>,
    #[serde(deserialize_with = "time")]
    pub(crate) last_sweep_at: Option<Timestamp>,
    pub(crate) problems: Vec<String>,
}

impl AppStatus {
    /// The condition that the rule judges. A state of another version counts as unknown.
    pub(crate) fn judged(&self) -> AppCondition<'_> {
        AppCondition {
            problems: &self.problems,
            credentials: known(&self.credentials.state).unwrap_or(CredentialState::Unknown),
            credentials_reason: self.credentials.reason.as_deref(),
            webhooks: known(&self.webhooks.state).unwrap_or(WebhookState::Unknown),
            webhooks_reason: self.webhooks.reason.as_deref(),
            data_sources: self.data_sources,
        }
    }
}

/// `word` as a state of this version.
fn known<T: for<'de> Deserialize<'de>>(word: &str) -> Option<T> {
    serde_json::from_value(word.into()).ok()
}

/// The state of an app's webhooks or credentials.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct Condition {
    pub(crate) state: String,
    pub(crate) reason: Option<String>,
    #[serde(deserialize_with = "time")]
    pub(crate) checked_at: Option<Timestamp>,
}

/// Grants by state, from the app's last sweep.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct Counts {
    pub(crate) pending: u64,
    pub(crate) active: u64,
    pub(crate) failing: u64,
    pub(crate) fenced: u64,
    pub(crate) revoked: u64,
    pub(crate) unreadable: u64,
}

/// One grant.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct GrantStatus {
    pub(crate) app: String,
    pub(crate) subject: String,
    pub(crate) state: String,
    pub(crate) failing: bool,
    pub(crate) blocked: bool,
    pub(crate) name: Option<String>,
    pub(crate) reason: Option<String>,
    pub(crate) code: Option<String>,
    pub(crate) tracking_id: Option<String>,
    pub(crate) attempts: Option<u64>,
    #[serde(deserialize_with = "time")]
    pub(crate) since: Option<Timestamp>,
    #[serde(deserialize_with = "time")]
    pub(crate) access_token_expires_at: Option<Timestamp>,
    #[serde(deserialize_with = "time")]
    pub(crate) refresh_token_expires_at: Option<Timestamp>,
    #[serde(deserialize_with = "time")]
    pub(crate) renewed_at: Option<Timestamp>,
    #[serde(deserialize_with = "time")]
    pub(crate) due_at: Option<Timestamp>,
    #[serde(deserialize_with = "time")]
    pub(crate) authorized_at: Option<Timestamp>,
    pub(crate) data_sources: Vec<DataSource>,
    pub(crate) history: Vec<Transition>,
}

/// A data source of a grant.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct DataSource {
    pub(crate) url: Option<String>,
    pub(crate) state: String,
    #[serde(deserialize_with = "time")]
    pub(crate) expires_at: Option<Timestamp>,
    pub(crate) code: Option<String>,
    pub(crate) tracking_id: Option<String>,
    pub(crate) message: Option<String>,
}

impl GrantStatus {
    /// The state in one word, for a column.
    pub(crate) fn condition(&self) -> &str {
        if self.blocked {
            "blocked"
        } else if self.failing {
            "failing"
        } else {
            &self.state
        }
    }

    /// The condition that the rule judges.
    pub(crate) fn judged(&self) -> GrantCondition<'_> {
        GrantCondition {
            state: known(&self.state),
            failing: self.failing,
            code: self.code.as_deref(),
            access_token_expires_at: self.access_token_expires_at,
            refresh_token_expires_at: self.refresh_token_expires_at,
        }
    }
}

/// One entry of a history.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct Transition {
    #[serde(deserialize_with = "time")]
    pub(crate) at: Option<Timestamp>,
    pub(crate) what: String,
    pub(crate) by: String,
    pub(crate) code: Option<String>,
    pub(crate) tracking_id: Option<String>,
}

/// A time. One that cannot be read counts as absent, so that the rest is shown.
fn time<'de, D: Deserializer<'de>>(from: D) -> Result<Option<Timestamp>, D::Error> {
    let text = Option::<String>::deserialize(from)?;
    Ok(text.and_then(|text| text.parse().ok()))
}

impl Fleet {
    /// Asks for all pages that match `query`.
    pub(crate) async fn load(broker: &Broker, session: &Session<'_>, query: Value) -> Result<Self, Failure> {
        let progress = session.spinner("reading the grants");
        let mut query = query;
        let mut apps = Vec::new();
        let mut grants = Vec::new();
        loop {
            let mut page = broker.ask("status", query.clone()).await?;
            apps.append(&mut take_list(&mut page, "apps"));
            grants.append(&mut take_list(&mut page, "grants"));
            progress.set_message(format!("reading the grants: {}", grants.len()));
            let next = page["next"].take();
            if next.is_null() {
                break;
            }
            if next == query["next"] {
                return Err(Failure::new(Exit::Failed, "invalid_answer", "status answered the same page twice"));
            }
            query["next"] = next;
        }
        progress.finish_and_clear();
        Self::of(&json!({ "apps": apps, "grants": grants }))
    }

    /// Reads `{"apps":[…],"grants":[…]}`.
    pub(crate) fn of(answer: &Value) -> Result<Self, Failure> {
        Ok(Self { apps: read(answer, "apps")?, grants: read(answer, "grants")?, json: answer.clone() })
    }
}

fn take_list(page: &mut Value, field: &str) -> Vec<Value> {
    match page[field].take() {
        Value::Array(list) => list,
        _ => Vec::new(),
    }
}

fn read<T: for<'de> Deserialize<'de>>(answer: &Value, field: &str) -> Result<Vec<T>, Failure> {
    serde_json::from_value(answer[field].clone()).map_err(|error| {
        Failure::new(Exit::Failed, "invalid_answer", format!("cannot read {field} in the answer to status: {error}"))
            .advise("this wtb and the deployed refresher may be of different versions")
    })
}
