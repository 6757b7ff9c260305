//! What one invocation knows.

use std::sync::PoisonError;

use futures_util::lock::Mutex;
use jiff::SignedDuration;

use crate::clock::Deadline;
use crate::id::AppName;
use crate::token::AccessToken;

/// Time kept back from calls to Webex, so that what they bring can still be stored.
const STORING: SignedDuration = SignedDuration::from_secs(4);

/// One invocation: its deadline, and what has been found out since it began.
pub struct Run {
    /// When it must have answered.
    pub deadline: Deadline,
    /// The minter's access token, once it was needed. The lock is held while it is got, so that it is got once.
    pub(super) bearer: Mutex<Option<AccessToken>>,
    /// Whether the store takes writes, once that was asked.
    pub(super) writable: Mutex<Option<bool>>,
    /// What was changed, in order.
    changes: std::sync::Mutex<Vec<(AppName, Change)>>,
}

/// What a run changed about one grant.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Change {
    /// Its pair was refreshed.
    Renewed,
    /// A pair was minted for it.
    Minted,
    /// It was ended.
    Retired,
}

impl Change {
    /// The word for it in logs.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Renewed => "renewed",
            Self::Minted => "minted",
            Self::Retired => "retired",
        }
    }
}

impl Run {
    /// An invocation that ends at `deadline`.
    pub fn until(deadline: Deadline) -> Self {
        Self { deadline, bearer: Mutex::new(None), writable: Mutex::new(None), changes: std::sync::Mutex::default() }
    }

    /// What was changed so far, by app.
    pub fn changes(&self) -> Vec<(AppName, Change)> {
        self.changes.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    pub(super) fn note(&self, app: &AppName, change: Change) {
        self.changes.lock().unwrap_or_else(PoisonError::into_inner).push((app.clone(), change));
    }

    /// When calls to Webex must have ended.
    pub(super) fn asking(&self) -> Deadline {
        self.deadline.keeping(STORING)
    }
}
