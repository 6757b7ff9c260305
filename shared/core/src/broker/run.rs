//! What one invocation knows.

use std::sync::PoisonError;

use futures_util::lock::Mutex;
use jiff::{SignedDuration, Timestamp};

use crate::clock::Deadline;
use crate::id::AppName;
use crate::token::AccessToken;

/// Time kept back from calls to Webex, so that what they bring can still be stored.
const STORING: SignedDuration = SignedDuration::from_secs(4);

/// One invocation: its deadline, and what has been found out since it began.
pub struct Invocation {
    /// When it must have answered.
    pub deadline: Deadline,
    /// What is known of the minter. The lock is held while its access token is got, so that it is got once.
    pub(super) minter: Mutex<Minter>,
    /// Whether the store takes writes, once that was asked.
    pub(super) writable: Mutex<Option<bool>>,
    /// What was changed, in order.
    changes: std::sync::Mutex<Vec<(AppName, Change)>>,
}

/// What a run knows of the minter.
#[derive(Default)]
pub(super) struct Minter {
    /// Its access token, once it was needed.
    pub(super) bearer: Option<AccessToken>,
    /// Its refresh token is dead: found out once, not by every grant that wants to be minted.
    pub(super) ended: bool,
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

impl Invocation {
    /// An invocation that ends at `deadline`.
    pub fn until(deadline: Deadline) -> Self {
        Self { deadline, minter: Mutex::default(), writable: Mutex::default(), changes: std::sync::Mutex::default() }
    }

    /// What was changed so far, by app.
    pub fn changes(&self) -> Vec<(AppName, Change)> {
        self.changes.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    pub(super) fn note(&self, app: &AppName, change: Change) {
        self.changes.lock().unwrap_or_else(PoisonError::into_inner).push((app.clone(), change));
    }

    /// When what there is must have been listed: by half of the time, so that what is due can be done in the other.
    pub(super) fn looking(&self, began: Timestamp) -> Deadline {
        Deadline::at(began + self.deadline.left(began) / 2)
    }

    /// When calls to Webex must have ended.
    pub(super) fn asking(&self) -> Deadline {
        self.deadline.keeping(STORING)
    }
}
