//! Remembers until when Webex accepts no request of a sender.

use std::collections::HashMap;
use std::sync::Mutex;

use broker_core::sync::lock;
use broker_core::token::Fingerprint;
use jiff::Timestamp;

/// The party whose requests Webex limits.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) enum Sender {
    /// The holder of a bearer token.
    Bearer(Fingerprint),
    /// An OAuth client, by its id: its requests to the token endpoints carry no bearer token.
    Client(String),
}

/// The effect of a 429 with `Retry-After`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct RateLimitHold {
    /// When the 429 came. A clock that is set back to before this moment ends the hold.
    pub(crate) since: Timestamp,
    /// No request is sent before this moment.
    pub(crate) until: Timestamp,
    /// The tracking id of the 429.
    pub(crate) tracking_id: Option<String>,
}

impl RateLimitHold {
    fn is_active(&self, now: Timestamp) -> bool {
        self.since <= now && now < self.until
    }
}

/// The holds of all senders, shared by all requests of one client: Webex limits the sender, so its other requests have
/// to wait as well, and those of other senders do not.
#[derive(Default)]
pub(crate) struct RateLimitHolds(Mutex<HashMap<Sender, RateLimitHold>>);

impl RateLimitHolds {
    /// Holds a sender back from `new.since` on. If it is held back already, the later end counts.
    pub(crate) fn set(&self, sender: &Sender, new: RateLimitHold) {
        let mut holds = lock(&self.0);
        holds.retain(|_, hold| hold.is_active(new.since));
        match holds.get(sender) {
            Some(old) if old.until >= new.until => {}
            _ => {
                holds.insert(sender.clone(), new);
            }
        }
    }

    /// The hold of a sender that is active at `now`.
    pub(crate) fn get(&self, sender: &Sender, now: Timestamp) -> Option<RateLimitHold> {
        let holds = lock(&self.0);
        holds.get(sender).filter(|hold| hold.is_active(now)).cloned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::SignedDuration;

    fn at(seconds: i64) -> Timestamp {
        Timestamp::UNIX_EPOCH + SignedDuration::from_secs(seconds)
    }

    fn hold(since: i64, until: i64) -> RateLimitHold {
        RateLimitHold { since: at(since), until: at(until), tracking_id: None }
    }

    fn client(id: &str) -> Sender {
        Sender::Client(id.to_owned())
    }

    #[test]
    fn hold_keeps_the_later_end_until_it_passes() {
        let holds = RateLimitHolds::default();
        assert_eq!(holds.get(&client("a"), at(0)), None);
        holds.set(&client("a"), hold(0, 5));
        holds.set(&client("a"), hold(0, 3));
        assert_eq!(holds.get(&client("a"), at(4)), Some(hold(0, 5)));
        assert_eq!(holds.get(&client("a"), at(5)), None);
    }

    #[test]
    fn hold_covers_its_sender_alone() {
        let holds = RateLimitHolds::default();
        holds.set(&client("a"), hold(0, 5));
        assert_eq!(holds.get(&client("b"), at(1)), None);
        assert!(holds.get(&client("a"), at(1)).is_some());
    }

    #[test]
    fn hold_ends_if_the_clock_is_set_back() {
        let holds = RateLimitHolds::default();
        holds.set(&client("a"), hold(1000, 1005));
        assert_eq!(holds.get(&client("a"), at(10)), None);
        holds.set(&client("a"), hold(10, 12));
        assert_eq!(holds.get(&client("a"), at(11)), Some(hold(10, 12)));
    }
}
