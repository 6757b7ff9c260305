//! Grants that nothing happens to.

use jiff::{SignedDuration, Timestamp};

use super::{Grant, State};

/// How long nobody has written the record of a quiet grant: an hour less the longest time of a Lambda function, so that the
/// next hourly sweep packs all that one has renewed.
const QUIET: SignedDuration = SignedDuration::from_mins(45);

impl Grant {
    /// Whether the grant is active and well, and nobody has written its record for about an hour.
    pub(crate) fn is_quiet(&self, now: Timestamp) -> bool {
        let is_well = self.state == State::Active && self.failure.is_none() && self.renewing_since.is_none();
        let last_change = self.history.last().map(|change| change.at);
        match self.renewed_at.max(last_change) {
            Some(written_at) => is_well && now.duration_since(written_at) >= QUIET,
            None => false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::{Failure, TransitionKind};
    use super::*;
    use crate::id::GrantId;

    fn hour(n: i64) -> Timestamp {
        Timestamp::UNIX_EPOCH + SignedDuration::from_hours(n)
    }

    fn grant() -> Grant {
        let id = GrantId::parse("reports/default").unwrap();
        Grant { renewed_at: Some(hour(0)), ..Grant::empty(id, State::Active) }
    }

    #[test]
    fn grant_is_quiet_at_the_next_hourly_sweep() {
        let longest_sweep = SignedDuration::from_mins(15);
        assert!(!grant().is_quiet(hour(1) - longest_sweep - SignedDuration::from_secs(1)));
        assert!(grant().is_quiet(hour(1) - longest_sweep));
        let imported = grant().because(TransitionKind::Imported).with_history(None, "operator", hour(5));
        assert!(!imported.is_quiet(hour(5)));
        assert!(imported.is_quiet(hour(6)));
    }

    #[test]
    fn grants_that_something_happens_to_are_not_quiet() {
        let failure = Failure::after(None, 0, "x".to_owned(), None, hour(0));
        for busy in [
            Grant { state: State::Fenced, ..grant() },
            Grant { state: State::Pending, ..grant() },
            Grant { failure: Some(failure), ..grant() },
            Grant { renewing_since: Some(hour(0)), ..grant() },
            Grant { renewed_at: None, ..grant() },
        ] {
            assert!(!busy.is_quiet(hour(100)), "{busy:?}");
        }
    }
}
