//! The moment before which Webex does not want to hear from this process.

use std::sync::{Mutex, PoisonError};

use jiff::Timestamp;

/// A `Retry-After` that came with a 429.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Held {
    /// No request before this.
    pub(crate) until: Timestamp,
    /// Of the answer that said so.
    pub(crate) tracking_id: Option<String>,
}

/// Shared by all calls of one client: Webex limits the sender, so the calls that were not refused must wait as well.
#[derive(Default)]
pub(crate) struct Hold(Mutex<Option<Held>>);

impl Hold {
    /// Holds everybody back; the later of two moments counts.
    pub(crate) fn set(&self, new: Held) {
        let mut held = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if held.as_ref().is_none_or(|old| old.until < new.until) {
            *held = Some(new);
        }
    }

    /// What still holds at `now`.
    pub(crate) fn at(&self, now: Timestamp) -> Option<Held> {
        let held = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        held.clone().filter(|held| held.until > now)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::SignedDuration;

    #[test]
    fn the_later_moment_counts_and_it_passes() {
        let (now, hold) = (Timestamp::UNIX_EPOCH, Hold::default());
        let until = |s| now + SignedDuration::from_secs(s);
        let back = |s| Held { until: until(s), tracking_id: None };
        assert_eq!(hold.at(now), None);
        hold.set(back(5));
        hold.set(back(3));
        assert_eq!(hold.at(now), Some(back(5)));
        assert_eq!(hold.at(until(5)), None);
    }
}
