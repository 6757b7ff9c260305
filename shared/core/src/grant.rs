//! The record of one grant, and the facts that can be read off it.

mod budget;
mod failure;
mod history;
mod org_name;
mod quiet;
mod tally;
mod transition;

use jiff::Timestamp;

use crate::id::GrantId;
use crate::pair::Pair;

pub use budget::WriteRank;
pub use failure::Failure;
pub use history::{Transition, TransitionKind};
pub use org_name::OrgDisplayName;
pub use tally::Tally;
pub use transition::AuthorizedAction;

/// What the store holds about one grant.
#[derive(Debug, Clone)]
pub struct Grant {
    /// The app and the subject.
    pub id: GrantId,
    /// The state of the authorisation.
    pub state: State,
    /// The newest pair. An active grant always has one. A fenced grant may hold one, which is not vended. A revoked grant
    /// has none.
    pub pair: Option<Pair>,
    /// `authorizationDate` of the newest `authorized` event that was not older than a fence.
    pub authorized_at: Option<Timestamp>,
    /// When the pair was issued.
    pub renewed_at: Option<Timestamp>,
    /// When the newest fence was set. Only a mint ends it: a grant that is pending or revoked since then keeps it.
    pub fenced_at: Option<Timestamp>,
    /// When the renewal began that is under way.
    pub renewing_since: Option<Timestamp>,
    /// The failed attempts since the last renewal.
    pub failure: Option<Failure>,
    /// Versions of the secret written in each hour of the last day. Secrets Manager keeps about 100 a day and then
    /// refuses writes.
    pub writes: Tally,
    /// Token pairs issued for the grant on each day of the last two weeks, the life of an access token.
    pub issued: Tally,
    /// When callers' reports of a rejected token led to a renewal, within the last day.
    pub caller_renewals: Vec<Timestamp>,
    /// An operator keeps the grant out: it stays revoked until an operator lets it in again.
    pub blocked: bool,
    /// The display name of the organisation.
    pub org_name: OrgDisplayName,
    /// The last changes, oldest first.
    pub history: Vec<Transition>,
    /// The change that this record brings, until it is written.
    pub change: Option<TransitionKind>,
}

/// The state of a grant.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum State {
    /// An event announced an authorisation; Webex has not confirmed it yet.
    Pending,
    /// The grant has a pair, which may be vended.
    Active,
    /// An event announced a withdrawal; nothing is vended until Webex says otherwise.
    Fenced,
    /// Webex confirmed the withdrawal, or an operator removed the grant; no tokens are left.
    Revoked,
}

impl Grant {
    /// A grant that waits for Webex's word about it.
    pub fn pending(id: GrantId, authorized_at: Option<Timestamp>) -> Self {
        Self { authorized_at, ..Self::empty(id, State::Pending) }
    }

    /// A grant in `state` without anything else. The store reads records into it.
    pub fn empty(id: GrantId, state: State) -> Self {
        Self {
            id,
            state,
            pair: None,
            authorized_at: None,
            renewed_at: None,
            fenced_at: None,
            renewing_since: None,
            failure: None,
            writes: Tally::default(),
            issued: Tally::default(),
            caller_renewals: Vec::new(),
            blocked: false,
            org_name: OrgDisplayName::default(),
            history: Vec::new(),
            change: None,
        }
    }

    /// The pair that may be vended now, if there is one.
    pub fn vendable(&self) -> Option<&Pair> {
        self.pair.as_ref().filter(|_| self.state == State::Active)
    }
    /// Whether writing this record over `previous` takes back a token that readers may hold, or replaces it before its
    /// time. A refresh does not: Webex does not expire the token before.
    pub(crate) fn takes_back(&self, previous: &Self) -> bool {
        self.changes_token_of(previous) && (self.vendable().is_none() || self.change != Some(TransitionKind::Renewed))
    }

    /// Whether readers of this record get another token than readers of `previous`, or none.
    pub(crate) fn changes_token_of(&self, previous: &Self) -> bool {
        match (previous.vendable(), self.vendable()) {
            (None, _) => false,
            (Some(_), None) => true,
            (Some(before), Some(now)) => !now.vends_the_same(before),
        }
    }
}
