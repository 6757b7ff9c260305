//! How much of a token's life is left, for a bar or a dial.

use broker_core::request::{GrantStatus, ShownState};
use jiff::Timestamp;

use super::time_text::{Moment, amount};

/// The remaining life of a token.
#[derive(Debug)]
pub(crate) struct LifeClock {
    /// Of its whole life, 0 to 100.
    pub(crate) percent: i64,
    /// `good`, `warn` or `bad`: a class of the style sheet.
    pub(crate) level: &'static str,
    /// The remaining time, or `ended`.
    pub(crate) left: String,
    pub(crate) ends: Moment,
}

impl LifeClock {
    /// The access token of a grant.
    pub(crate) fn access(grant: &GrantStatus, now: Timestamp) -> Option<Self> {
        let clock = Self::new(grant.renewed_at, grant.access_token_expires_at?, now);
        let is_overdue = match grant.due_at {
            Some(due) => due < now,
            None => false,
        };
        let is_in_danger = grant.failing || is_overdue || grant.state != ShownState::Active;
        Some(if is_in_danger { clock.warning() } else { clock })
    }

    /// The refresh token of a grant.
    pub(crate) fn refresh(grant: &GrantStatus, now: Timestamp) -> Option<Self> {
        let clock = Self::new(grant.renewed_at, grant.refresh_token_expires_at?, now);
        Some(if clock.percent < 15 { clock.warning() } else { clock })
    }

    fn new(issued: Option<Timestamp>, ends: Timestamp, now: Timestamp) -> Self {
        let left = ends.duration_since(now).as_secs();
        let whole = match issued {
            Some(issued) => ends.duration_since(issued).as_secs(),
            None => left,
        };
        let percent = (left.max(0) * 100 / whole.max(1)).clamp(0, 100);
        let is_over = left <= 0;
        Self {
            percent,
            level: if is_over { "bad" } else { "good" },
            left: if is_over { "ended".to_owned() } else { amount(left.unsigned_abs()) },
            ends: Moment::new(ends, now),
        }
    }

    fn warning(self) -> Self {
        let level = if self.level == "bad" { "bad" } else { "warn" };
        Self { level, ..self }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(second).unwrap()
    }

    #[test]
    fn clock_shows_the_share_of_life_that_is_left() {
        let clock = LifeClock::new(Some(at(0)), at(1_000_000), at(250_000));
        assert_eq!((clock.percent, clock.level, clock.left.as_str()), (75, "good", "8 days"));
        let over = LifeClock::new(Some(at(0)), at(10), at(10));
        assert_eq!((over.percent, over.level, over.left.as_str()), (0, "bad", "ended"));
        let unknown_issue = LifeClock::new(None, at(10), at(5));
        assert_eq!(unknown_issue.percent, 100);
    }
}
