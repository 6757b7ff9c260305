//! The moment before which Webex does not want to hear from a sender.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use broker_core::token::Fingerprint;
use jiff::Timestamp;

/// A `Retry-After` that came with a 429.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Held {
    /// No request before this.
    pub(crate) until: Timestamp,
    /// Of the answer that said so.
    pub(crate) tracking_id: Option<String>,
}

/// Shared by all calls of one client: Webex limits the sender, so its calls that were not refused must wait as well. The
/// sender is whose token is shown; of the calls that show none, the process.
#[derive(Default)]
pub(crate) struct Hold(Mutex<HashMap<Option<Fingerprint>, Held>>);

impl Hold {
    /// Holds a sender back; the later of two moments counts.
    pub(crate) fn set(&self, sender: Option<Fingerprint>, new: Held, now: Timestamp) {
        let mut held = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        held.retain(|_, held| held.until > now);
        if held.get(&sender).is_none_or(|old| old.until < new.until) {
            held.insert(sender, new);
        }
    }

    /// What still holds a sender at `now`.
    pub(crate) fn at(&self, sender: Option<Fingerprint>, now: Timestamp) -> Option<Held> {
        let held = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        held.get(&sender).filter(|held| held.until > now).cloned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use broker_core::token::AccessToken;
    use jiff::SignedDuration;

    #[test]
    fn the_later_moment_counts_it_passes_and_it_is_one_senders() {
        let (now, hold) = (Timestamp::UNIX_EPOCH, Hold::default());
        let until = |s| now + SignedDuration::from_secs(s);
        let back = |s| Held { until: until(s), tracking_id: None };
        let sender = Some(AccessToken::new("a").fingerprint());
        assert_eq!(hold.at(sender, now), None);
        hold.set(sender, back(5), now);
        hold.set(sender, back(3), now);
        assert_eq!(hold.at(sender, now), Some(back(5)));
        assert_eq!(hold.at(None, now), None);
        assert_eq!(hold.at(sender, until(5)), None);
    }
}
