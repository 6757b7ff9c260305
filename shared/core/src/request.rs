//! The requests of the HTTP functions to the refresher, and its answers.

mod consent;
mod data_source_status;
mod link;
mod removal;
mod status;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::grant::{Grant, State};
use crate::id::GrantId;
use crate::token::Fingerprint;

pub use consent::{AppKind, AppList, AppSummary, Apps, Exchange, Granted};
pub use data_source_status::{DataSourceStatus, ShownDataSource};
pub use link::{MadeLink, MakeLink};
pub use removal::{AppRemoval, Removal, Remove, RemoveApp};
pub use status::{AppStatus, GrantStatus, ShownState, StatusReport, StatusRequest};

/// A request of an HTTP function. Tagged from outside: `{"fence":{"app":…,"subject":…}}`.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum RefresherRequest {
    /// An `authorized` event came: ask Webex. Asynchronous.
    Reconcile(Reconcile),
    /// A `deauthorized` event came: stop vending, and let a sweep ask Webex. Asynchronous.
    Fence(GrantId),
    /// An event about data sources of an org came: look at them. Asynchronous.
    DataSources(GrantId),
    /// A caller needs a better pair than the stored one. Synchronous.
    Renew(Renew),
    /// The apps that a person can consent to. Synchronous.
    Apps(Apps),
    /// A person has consented: turn the code into a grant. Synchronous.
    Exchange(Exchange),
    /// An operator lets a person consent by a link. Synchronous.
    MakeLink(MakeLink),
    /// An operator looks at apps and grants. Synchronous.
    Status(StatusRequest),
    /// An operator asks Webex whether a token lives. Synchronous.
    Verify(GrantId),
    /// An operator takes a grant back. Synchronous.
    Restore(GrantId),
    /// An operator ends a grant. Synchronous.
    Remove(Remove),
    /// An operator lets a blocked grant in again. Synchronous.
    Unblock(GrantId),
}

/// Asks Webex about one grant.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reconcile {
    /// The grant.
    #[serde(flatten)]
    pub id: GrantId,
    /// `data.authorizationDate` of the event, where it has a valid one.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub authorized_at: Option<Timestamp>,
}

/// Renews the pair of one grant.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Renew {
    /// The grant.
    #[serde(flatten)]
    pub id: GrantId,
    /// Renews only if this is still the current access token.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub if_sha256: Option<Fingerprint>,
    /// Why the stored pair does not do.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub reason: Option<Reason>,
    /// When the caller stops waiting. The renewal ends by then, whatever the function's own time-out.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub deadline: Option<Timestamp>,
    /// An operator wants a new pair although the stored one is young. vend never asks for that.
    #[serde(skip_serializing_if = "std::ops::Not::not", default)]
    pub force: bool,
}

/// Why a pair is renewed before it is due.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Reason {
    /// Webex answered 401 to the token.
    Rejected,
    /// A caller needs it to live longer.
    MinTtl,
}

/// The result of a [`Renew`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Renewal {
    /// The state of the grant now.
    pub state: State,
    /// Whether this request renewed the pair.
    pub renewed: bool,
    /// When the current access token ends.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub expires_at: Option<Timestamp>,
    /// False where an import could not prove that the pair belongs to the grant's organisation.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub org_proven: Option<bool>,
}

impl Renewal {
    /// The state of `grant` as an answer.
    pub fn of(grant: &Grant, renewed: bool) -> Self {
        let expires_at = grant.vendable().map(|pair| pair.access_token_expires_at);
        Self { state: grant.state, renewed, expires_at, org_proven: None }
    }

    /// The answer about a grant whose record is retired.
    pub fn revoked() -> Self {
        Self { state: State::Revoked, renewed: false, expires_at: None, org_proven: None }
    }
}

/// The answer to a command that changes nothing but the state of a grant.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct StateAnswer {
    /// The state of the grant now.
    pub state: State,
}

/// A command that failed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CommandError {
    /// For programs.
    pub code: String,
    /// For people: what was wrong and what to do.
    pub detail: String,
    /// Webex's tracking id, where there is one.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub tracking_id: Option<String>,
    /// Seconds after which trying again may help, where that is known.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub retry_after: Option<u32>,
}

/// The refresher's answer: the answer itself, or `{"error":…}`.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(untagged)]
pub enum CommandAnswer<T> {
    /// It failed.
    Refused {
        /// Why.
        error: CommandError,
    },
    /// It worked.
    Done(T),
}
