//! The record of one grant, and the facts that can be read off it.

mod budget;
mod tally;
mod transition;

use jiff::Timestamp;

use crate::id::GrantId;
use crate::pair::Pair;

pub use budget::WriteRank;
pub use tally::Tally;
pub use transition::AuthorizedAction;

/// What the store holds about one grant.
#[derive(Debug, Clone)]
pub struct Grant {
    /// Its name.
    pub id: GrantId,
    /// Where it stands.
    pub state: State,
    /// The newest pair. Always there when active; held, but not vended, when fenced; never there when revoked.
    pub pair: Option<Pair>,
    /// `authorizationDate` of the newest `authorized` event that was believed.
    pub authorized_at: Option<Timestamp>,
    /// When the pair was got.
    pub renewed_at: Option<Timestamp>,
    /// When the newest fence was set. Only a mint ends it: what is pending or revoked since keeps it.
    pub fenced_at: Option<Timestamp>,
    /// When somebody began to renew the pair at a caller's wish; gone once they have.
    pub renewing_since: Option<Timestamp>,
    /// Renewals that do not work at present.
    pub failure: Option<Failure>,
    /// Versions of the secret written in each hour of the last day. Secrets Manager keeps about 100 a day and then
    /// refuses writes.
    pub writes: Tally,
    /// Token pairs issued for the grant on each day of the last two weeks, the life of an access token.
    pub issued: Tally,
    /// When callers' reports of a rejected token led to a renewal, within the last day.
    pub caller_renewals: Vec<Timestamp>,
}

/// Where a grant stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum State {
    /// Somebody said that the org has authorised the app; Webex has not confirmed it yet.
    Pending,
    /// There is a pair and it may be vended.
    Active,
    /// Somebody said that the org has withdrawn; nothing is vended until Webex says otherwise.
    Fenced,
    /// Webex confirmed that the org has withdrawn; no tokens are left.
    Revoked,
}

/// A run of attempts that failed. It is a condition, not a state: the pair still works until it ends.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Failure {
    /// The first failure of the run.
    pub since: Timestamp,
    /// How many there were.
    pub attempts: u32,
    /// The newest error's code.
    pub code: String,
    /// The newest error's Webex tracking id.
    pub tracking_id: Option<String>,
    /// When the newest attempt that was written down failed.
    pub last_at: Option<Timestamp>,
}

impl Grant {
    /// A grant of which nothing is known but that it should be looked at.
    pub fn pending(id: GrantId, authorized_at: Option<Timestamp>) -> Self {
        Self { authorized_at, ..Self::empty(id, State::Pending) }
    }

    pub(crate) fn empty(id: GrantId, state: State) -> Self {
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
        }
    }

    /// The pair that may be vended now, if there is one.
    pub fn vendable(&self) -> Option<&Pair> {
        self.pair.as_ref().filter(|_| self.state == State::Active)
    }
}
