//! The last changes of a grant, kept in its record.
//!
//! An entry is part of the write that it describes, so the history costs no version of its own.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::{Failure, Grant, State};
use crate::id::GrantId;

/// Entries that a record keeps.
const KEPT: usize = 20;

/// One change of a grant.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Transition {
    /// When it was written.
    pub at: Timestamp,
    /// The kind of change.
    pub what: TransitionKind,
    /// Its author: `event`, `sweep`, `caller`, or `operator` with a name if one was given.
    pub by: String,
    /// The code of the failure, for [`TransitionKind::Failing`].
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub code: Option<String>,
    /// Webex's tracking id of the failure.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub tracking_id: Option<String>,
}

/// The kinds of change that a history knows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TransitionKind {
    /// An event said that the organisation has authorised the app.
    Authorized,
    /// A pair was minted.
    Minted,
    /// The pair was refreshed.
    Renewed,
    /// A renewal failed, or failed for another reason than before.
    Failing,
    /// A renewal succeeded after failures.
    Recovered,
    /// An event said that the organisation has withdrawn.
    Fenced,
    /// Webex confirmed that the organisation has withdrawn.
    Retired,
    /// An operator took the grant back after its retirement.
    Restored,
    /// An operator imported a pair.
    Imported,
    /// A person consented.
    Consented,
    /// An operator removed the grant.
    Removed,
    /// An operator removed the grant and keeps it out.
    Blocked,
    /// An operator let the grant in again.
    Unblocked,
}

impl TransitionKind {
    /// The word for it in records and logs.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Authorized => "authorized",
            Self::Minted => "minted",
            Self::Renewed => "renewed",
            Self::Failing => "failing",
            Self::Recovered => "recovered",
            Self::Fenced => "fenced",
            Self::Retired => "retired",
            Self::Restored => "restored",
            Self::Imported => "imported",
            Self::Consented => "consented",
            Self::Removed => "removed",
            Self::Blocked => "blocked",
            Self::Unblocked => "unblocked",
        }
    }
}

impl Grant {
    /// The record with another reason for its last change than the state machine gives: an import stores a pair as a
    /// mint does.
    #[must_use]
    pub fn because(self, change: TransitionKind) -> Self {
        Self { change: Some(change), ..self }
    }

    /// Whether writing the record adds to its history.
    pub(crate) fn has_change(&self) -> bool {
        self.change.is_some()
    }

    /// The record with the block of `previous`, which only an operator's own commands set and lift. An error with the
    /// grant's name if a blocked grant would be anything but revoked.
    pub(crate) fn keeping_block(self, previous: Option<&Self>) -> Result<Self, GrantId> {
        let was_blocked = matches!(previous, Some(previous) if previous.blocked);
        let blocked = match self.change {
            Some(TransitionKind::Blocked) => true,
            Some(TransitionKind::Unblocked) => false,
            _ => was_blocked,
        };
        if blocked && self.state != State::Revoked {
            return Err(self.id);
        }
        Ok(Self { blocked, ..self })
    }

    /// Whether anything since `at` says if the organisation has authorised the app: an event, Webex's answer to a mint, a
    /// person's consent or an operator. A renewal and a failure do not.
    pub(crate) fn has_settled_since(&self, at: Timestamp) -> bool {
        let says_so = |change: &Transition| {
            let is_renewal =
                matches!(change.what, TransitionKind::Renewed | TransitionKind::Failing | TransitionKind::Recovered);
            change.at >= at && !is_renewal
        };
        self.history.iter().any(says_so)
    }

    /// The kind of change that a new pair is.
    pub(super) fn renewal_kind(&self, usual: TransitionKind) -> TransitionKind {
        match &self.failure {
            Some(failure) if failure.code != Failure::REAUTHORIZED => TransitionKind::Recovered,
            _ => usual,
        }
    }

    /// The record as it is written over `previous`: with the history so far, and with its own change by `author` added.
    #[must_use]
    pub(crate) fn with_history(self, previous: Option<&Self>, author: &str, now: Timestamp) -> Self {
        let mut history = match previous {
            Some(previous) => previous.history.clone(),
            None => Vec::new(),
        };
        if let Some(what) = self.change {
            let failure = match what {
                TransitionKind::Failing => self.failure.as_ref(),
                _ => None,
            };
            history.push(Transition {
                at: time_of(what, now),
                what,
                by: author.to_owned(),
                code: failure.map(|failure| failure.code.clone()),
                tracking_id: failure.and_then(|failure| failure.tracking_id.clone()),
            });
        }
        history.drain(..history.len().saturating_sub(KEPT));
        Self { history, change: None, ..self }
    }
}

/// The time that is kept for a change. Most entries are renewals: without fractions of a second, a third more records fit
/// into a pack.
fn time_of(what: TransitionKind, now: Timestamp) -> Timestamp {
    match what {
        TransitionKind::Renewed => Timestamp::from_second(now.as_second()).unwrap_or(now),
        _ => now,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(second).unwrap()
    }

    fn grant() -> Grant {
        Grant::empty(GrantId::parse("reports/default").unwrap(), State::Active)
    }

    fn failing(code: &str) -> Failure {
        Failure::after(None, 0, code.to_owned(), Some("ROUTER_1".to_owned()), at(1))
    }

    #[test]
    fn times_of_renewals_alone_are_kept_to_the_second() {
        let now = at(7) + jiff::SignedDuration::from_millis(250);
        let of = |what| grant().because(what).with_history(None, "sweep", now).history[0].at;
        assert_eq!((of(TransitionKind::Renewed), of(TransitionKind::Fenced)), (at(7), now));
    }

    #[test]
    fn history_keeps_the_last_twenty_changes() {
        let mut current = grant();
        for second in 0..25 {
            let next = current.clone().because(TransitionKind::Renewed);
            current = next.with_history(Some(&current), "sweep", at(second));
        }
        assert_eq!(current.history.len(), KEPT);
        assert_eq!((current.history[0].at, current.history[19].at), (at(5), at(24)));
    }

    #[test]
    fn write_without_a_change_adds_nothing() {
        let before = grant().because(TransitionKind::Minted).with_history(None, "sweep", at(1));
        let claimed = before.renewing(at(2)).with_history(Some(&before), "caller", at(2));
        assert_eq!(claimed.history, before.history);
    }

    #[test]
    fn failure_is_told_once_for_each_code() {
        let first = grant().failing(failing("invalid_grant")).with_history(None, "sweep", at(1));
        let entry = first.history.last().unwrap();
        assert_eq!((entry.code.as_deref(), entry.tracking_id.as_deref()), (Some("invalid_grant"), Some("ROUTER_1")));
        let same = first.failing(failing("invalid_grant")).with_history(Some(&first), "sweep", at(2));
        assert_eq!(same.history.len(), 1);
        let other = same.failing(failing("http_503")).with_history(Some(&same), "sweep", at(3));
        assert_eq!(other.history.len(), 2);
    }
}
