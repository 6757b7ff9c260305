//! Time as the rules see it: always handed in, never read.

use std::future::Future;

use jiff::{SignedDuration, Timestamp};

/// The only source of time. The system's own lives in `lambda_kit::clock`; tests bring one that they can move.
pub trait Clock: Clone + Send + Sync + 'static {
    /// The present moment, UTC.
    fn now(&self) -> Timestamp;

    /// Resolves after `duration`.
    fn sleep(&self, duration: SignedDuration) -> impl Future<Output = ()> + Send;
}

/// Longest run that Lambda allows a function.
const LONGEST_INVOCATION: SignedDuration = SignedDuration::from_mins(15);

/// The moment by which an invocation must have answered.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Deadline(Timestamp);

impl Deadline {
    /// A deadline at exactly `at`.
    pub fn at(at: Timestamp) -> Self {
        Self(at)
    }

    /// The deadline that the runtime `claimed`, unless it is nonsense: `cargo lambda watch` says 1970. Then the
    /// function's `configured` time-out counts from `now`.
    pub fn clamped(claimed: Timestamp, now: Timestamp, configured: SignedDuration) -> Self {
        let left = claimed.duration_since(now);
        if left > SignedDuration::ZERO && left <= LONGEST_INVOCATION { Self(claimed) } else { Self(now + configured) }
    }

    /// Time left at `now`; zero once the deadline has passed.
    pub fn left(self, now: Timestamp) -> SignedDuration {
        self.0.duration_since(now).max(SignedDuration::ZERO)
    }

    /// The same deadline, `reserve` earlier: what comes after still needs its time.
    #[must_use]
    pub fn keeping(self, reserve: SignedDuration) -> Self {
        Self(self.0 - reserve)
    }

    /// Whether a wait of `duration` from `now` would still end before the deadline.
    pub fn allows(self, now: Timestamp, duration: SignedDuration) -> bool {
        self.left(now) > duration
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MINUTE: SignedDuration = SignedDuration::from_mins(1);

    fn now() -> Timestamp {
        "2026-11-21T12:00:00Z".parse().unwrap()
    }

    #[test]
    fn a_sensible_deadline_is_taken_as_it_is() {
        let deadline = Deadline::clamped(now() + MINUTE, now(), MINUTE * 5);
        assert_eq!(deadline.left(now()), MINUTE);
    }

    #[test]
    fn a_deadline_in_1970_means_the_configured_time_out() {
        let claimed = Timestamp::from_millisecond(600_000).unwrap();
        assert_eq!(Deadline::clamped(claimed, now(), MINUTE).left(now()), MINUTE);
    }

    #[test]
    fn a_deadline_next_year_means_the_configured_time_out() {
        let claimed = now() + SignedDuration::from_hours(9000);
        assert_eq!(Deadline::clamped(claimed, now(), MINUTE).left(now()), MINUTE);
    }

    #[test]
    fn nothing_is_left_after_the_deadline() {
        let deadline = Deadline::at(now());
        assert_eq!(deadline.left(now() + MINUTE), SignedDuration::ZERO);
        assert!(!deadline.allows(now(), SignedDuration::ZERO));
    }
}
