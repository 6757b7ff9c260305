//! Remembers until when Webex accepts no request of a sender.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use broker_core::token::Fingerprint;
use jiff::Timestamp;

/// The effect of a 429 with `Retry-After`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct RateLimitHold {
    /// No request is sent before this moment.
    pub(crate) until: Timestamp,
    /// The tracking id of the 429.
    pub(crate) tracking_id: Option<String>,
}

/// The holds of all senders, shared by all requests of one client: Webex limits the sender, so its other requests have
/// to wait as well. The sender is the bearer token; requests without one share one hold.
#[derive(Default)]
pub(crate) struct RateLimitHolds(Mutex<HashMap<Option<Fingerprint>, RateLimitHold>>);

impl RateLimitHolds {
    /// Holds a sender back. If it is held back already, the later end counts.
    pub(crate) fn set(&self, sender: Option<Fingerprint>, new: RateLimitHold, now: Timestamp) {
        let mut holds = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        holds.retain(|_, hold| hold.until > now);
        match holds.get(&sender) {
            Some(old) if old.until >= new.until => {}
            _ => {
                holds.insert(sender, new);
            }
        }
    }

    /// The hold of a sender that has not ended at `now`.
    pub(crate) fn get(&self, sender: Option<Fingerprint>, now: Timestamp) -> Option<RateLimitHold> {
        let holds = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        holds.get(&sender).filter(|hold| hold.until > now).cloned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use broker_core::token::AccessToken;
    use jiff::SignedDuration;

    #[test]
    fn hold_keeps_the_later_end_for_one_sender_until_it_passes() {
        let now = Timestamp::UNIX_EPOCH;
        let holds = RateLimitHolds::default();
        let after = |s| now + SignedDuration::from_secs(s);
        let hold = |s| RateLimitHold { until: after(s), tracking_id: None };
        let sender = Some(AccessToken::new("a").fingerprint());
        assert_eq!(holds.get(sender, now), None);
        holds.set(sender, hold(5), now);
        holds.set(sender, hold(3), now);
        assert_eq!(holds.get(sender, now), Some(hold(5)));
        assert_eq!(holds.get(None, now), None);
        assert_eq!(holds.get(sender, after(5)), None);
    }
}
