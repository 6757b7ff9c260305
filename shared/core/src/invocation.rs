//! The state of one invocation.

use std::collections::BTreeMap;
use std::mem;
use std::sync::atomic::{AtomicU32, Ordering};

use futures_util::lock::Mutex;
use jiff::Timestamp;

use crate::clock::Deadline;
use crate::id::AppName;
use crate::notice::GrantChange;
use crate::sync::lock;
use crate::token::AccessToken;

/// One invocation: its deadline, and what has been found out since it began.
pub struct Invocation {
    /// When it must have answered.
    pub deadline: Deadline,
    /// The operator who sent the command, as far as the command says.
    pub operator: Option<String>,
    /// The minter as known so far. The lock is held while its access token is fetched, so that it is fetched once.
    pub(crate) minter: Mutex<MinterState>,
    /// Whether the store takes writes, once a write has told.
    pub(crate) store_writable: Mutex<Option<bool>>,
    /// When the marks of apps were moved. The lock is held during a move, so that concurrent writes share one.
    pub(crate) moved_marks: Mutex<BTreeMap<AppName, Timestamp>>,
    changes: std::sync::Mutex<Vec<(AppName, Change)>>,
    /// The changes that are written and not sent to the event bus yet.
    unsent: std::sync::Mutex<Vec<GrantChange>>,
    events_not_sent: AtomicU32,
}

/// The minter, as far as an invocation knows it.
#[derive(Default)]
pub(crate) struct MinterState {
    /// Its access token, once it was needed.
    pub(crate) bearer: Option<AccessToken>,
    /// Its refresh token is dead: found out once, not by every grant that is to be minted.
    pub(crate) has_ended: bool,
    /// Webex minted with its token in this invocation.
    pub(crate) has_minted: bool,
}

/// A change that an invocation made, or found, about one grant.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Change {
    /// Its pair was refreshed.
    Renewed,
    /// A pair was minted for it.
    Minted,
    /// It ended after a fence.
    Retired,
    /// It ended without a fence, on other evidence.
    RetiredUnannounced,
    /// Its fence found no room for a version and was set by deleting the secret.
    FenceFallback,
    /// Webex gave a refresh token that lives no longer than the one before.
    RefreshTokenNotRising,
}

impl Invocation {
    /// An invocation that ends at `deadline`.
    pub fn until(deadline: Deadline) -> Self {
        Self {
            deadline,
            operator: None,
            minter: Mutex::default(),
            store_writable: Mutex::default(),
            moved_marks: Mutex::default(),
            changes: std::sync::Mutex::default(),
            unsent: std::sync::Mutex::default(),
            events_not_sent: AtomicU32::default(),
        }
    }

    /// The invocation, with the name of the operator who sent the command.
    #[must_use]
    pub fn by(self, operator: Option<String>) -> Self {
        Self { operator, ..self }
    }

    /// The changes so far, in order, with the app of each.
    pub fn changes(&self) -> Vec<(AppName, Change)> {
        lock(&self.changes).clone()
    }

    pub(crate) fn record_change(&self, app: &AppName, change: Change) {
        lock(&self.changes).push((app.clone(), change));
    }

    pub(crate) fn record_grant_change(&self, change: GrantChange) {
        lock(&self.unsent).push(change);
    }

    /// The changes of grants since the last call.
    pub(crate) fn take_grant_changes(&self) -> Vec<GrantChange> {
        mem::take(&mut *lock(&self.unsent))
    }

    /// How many events the bus did not take.
    pub fn events_not_sent(&self) -> u32 {
        self.events_not_sent.load(Ordering::Relaxed)
    }

    pub(crate) fn count_events_not_sent(&self, events: u32) {
        self.events_not_sent.fetch_add(events, Ordering::Relaxed);
    }

    /// When listing must have ended: by half of the time, so that what is due can be renewed in the other half.
    pub(crate) fn listing_deadline(&self, began: Timestamp) -> Deadline {
        Deadline::at(began + self.deadline.left(began) / 2)
    }
}
