//! The failed attempts since a grant's last renewal.

use jiff::{SignedDuration, Timestamp};

use crate::backoff::Backoff;

/// How long callers wait after a failed renewal before they can cause another one.
const CALLERS_BACKOFF: Backoff = Backoff::new(SignedDuration::from_mins(1), SignedDuration::from_mins(60));

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

impl Failure {
    /// The code of a grant that was authorised again and waits for a new pair. It is no failure of Webex's.
    pub const REAUTHORIZED: &str = "reauthorized";

    /// The failure that follows `before`. `remembered` attempts may be more than are written down.
    pub fn after(
        before: Option<&Self>,
        remembered: u32,
        code: String,
        tracking_id: Option<String>,
        now: Timestamp,
    ) -> Self {
        let (since, attempts) = match before {
            Some(failure) => (failure.since, failure.attempts.max(remembered)),
            None => (now, 0),
        };
        Self { since, attempts: attempts.saturating_add(1), code, tracking_id, last_at: Some(now) }
    }

    /// Whether the failure is worth a version of the secret: when it appears, when its code changes, and at attempts 1,
    /// 2, 4, 8 and so on.
    pub fn is_worth_writing_over(&self, before: Option<&Self>) -> bool {
        match before {
            Some(before) => {
                before.code != self.code || (self.attempts.is_power_of_two() && before.attempts != self.attempts)
            }
            None => true,
        }
    }

    /// When a caller's request may try again: 1, 2, 4 … 60 minutes after the attempt that is written down. `None` for a
    /// new authorisation, which is no failure, and for a record of an earlier version.
    pub fn callers_retry_at(&self) -> Option<Timestamp> {
        if self.code == Self::REAUTHORIZED {
            return None;
        }
        Some(self.last_at? + CALLERS_BACKOFF.wait(self.attempts.saturating_sub(1)))
    }
}
