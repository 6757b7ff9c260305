//! What is known about the data sources of one grant.

use std::collections::BTreeMap;

use jiff::{SignedDuration, Timestamp};

use super::WantedDataSource;
use crate::backoff::Backoff;

/// Waits after refusals by Webex. The first is shorter than the hour between two sweeps, which begin within a window.
const REFUSED: Backoff = Backoff::new(SignedDuration::from_mins(40), SignedDuration::from_hours(6));

/// The records of one grant by the place of the data source in the app's list, from 1.
pub type DataSourceRecords = BTreeMap<u8, DataSourceRecord>;

/// What is known about one data source.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DataSourceRecord {
    /// Its id at Webex; `None` until it is registered.
    pub id: Option<String>,
    /// When its JWS ends.
    pub expires_at: Option<Timestamp>,
    /// When Webex was asked last.
    pub looked_at: Timestamp,
    /// Whether Webex or an administrator has disabled it.
    pub is_disabled: bool,
    /// Webex's `errorMessage`, shortened.
    pub message: Option<String>,
    /// The digest of the nonce of its last renewal.
    pub nonce_digest: Option<String>,
    /// The digest of the description that it was made from.
    pub wanted_digest: String,
    /// The failed attempts since the last success.
    pub failure: Option<DataSourceFailure>,
}

/// A run of attempts that failed. The data source works until its JWS ends.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DataSourceFailure {
    /// The first failure of the run.
    pub since: Timestamp,
    /// How many there were.
    pub attempts: u32,
    /// The newest error's code.
    pub code: String,
    /// The newest error's Webex tracking id.
    pub tracking_id: Option<String>,
    /// Whether Webex refused, so that the next attempt waits longer from one to the next.
    pub is_refusal: bool,
}

impl DataSourceRecord {
    /// The record of one that is not registered yet.
    pub fn unregistered(wanted: &WantedDataSource, now: Timestamp) -> Self {
        Self {
            id: None,
            expires_at: None,
            looked_at: now,
            is_disabled: false,
            message: None,
            nonce_digest: None,
            wanted_digest: wanted.digest(),
            failure: None,
        }
    }

    /// When a sweep looks at it next: at half of its life. One that is disabled is looked at after a quarter of a life,
    /// and one that fails at once, or later from one refusal to the next. A changed description counts at once.
    pub fn look_at(&self, wanted: &WantedDataSource) -> Timestamp {
        if self.wanted_digest != wanted.digest() {
            return Timestamp::MIN;
        }
        match (&self.failure, self.expires_at) {
            (Some(failure), _) if failure.is_refusal => {
                self.looked_at + REFUSED.wait(failure.attempts.saturating_sub(1))
            }
            (None, _) if self.is_disabled => self.looked_at + wanted.lifetime() / 4,
            (None, Some(ends)) => ends - wanted.lifetime() / 2,
            (Some(_), _) | (None, None) => Timestamp::MIN,
        }
    }

    /// Life left in an active one; zero once it has ended. `None` for one that is disabled or was never registered.
    pub fn remaining(&self, now: Timestamp) -> Option<SignedDuration> {
        if self.is_disabled {
            return None;
        }
        Some(self.expires_at?.duration_since(now).max(SignedDuration::ZERO))
    }

    /// The record after an attempt that failed with `code`. What is known about the data source stays.
    #[must_use]
    pub fn failed(&self, code: String, tracking_id: Option<String>, is_refusal: bool, now: Timestamp) -> Self {
        let (since, attempts) = match &self.failure {
            Some(failure) => (failure.since, failure.attempts),
            None => (now, 0),
        };
        let attempts = attempts.saturating_add(1);
        let failure = Some(DataSourceFailure { since, attempts, code, tracking_id, is_refusal });
        Self { looked_at: now, failure, ..self.clone() }
    }

    /// Whether it is worth a call to save this record over the one `before`. A failure that repeats itself is saved at
    /// attempts 1, 2, 4, 8 and so on; a refusal always, since it decides when the next attempt is made.
    pub fn is_worth_saving_over(&self, before: Option<&Self>) -> bool {
        let Some(before) = before else { return true };
        let (Some(failure), Some(known)) = (&self.failure, &before.failure) else { return true };
        failure.is_refusal || failure.code != known.code || failure.attempts.is_power_of_two()
    }
}
