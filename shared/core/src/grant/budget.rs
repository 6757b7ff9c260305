//! How many versions of a record may be written in a day, and by whom.
//!
//! Secrets Manager removes no version within 24 hours and refuses writes beyond about 100. Each kind of write therefore
//! stops at a limit of its own, so that what must not be refused always finds room.

use jiff::{SignedDuration, Timestamp};

use super::Grant;

const DAY: SignedDuration = SignedDuration::from_hours(24);
const HOUR: SignedDuration = SignedDuration::from_hours(1);

/// The life of an access token, for which each issued pair counts towards Webex's limit of live tokens.
const FORTNIGHT: SignedDuration = SignedDuration::from_hours(14 * 24);

/// Renewals of one grant that callers may cause in a day by reporting a token as rejected.
const CALLER_RENEWALS_A_DAY: usize = 4;

/// The rank of a write. A lower rank stops earlier.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum WriteRank {
    /// A renewal that a caller asked for.
    Caller,
    /// The note of a failure, or the claim that precedes a renewal.
    Note,
    /// A renewal by a sweep, or the hint of an event.
    Sweep,
    /// A fence, a retirement, a person's consent, or a pair whose refresh token is spent.
    Last,
}

impl WriteRank {
    /// Versions in the last 24 hours from which a write of this rank is refused.
    fn limit(self) -> Option<u32> {
        match self {
            Self::Caller => Some(40),
            Self::Note => Some(60),
            Self::Sweep => Some(80),
            Self::Last => None,
        }
    }
}

impl Grant {
    /// Versions written in the last 24 hours.
    pub fn writes_in_a_day(&self, now: Timestamp) -> u32 {
        self.writes.count(now, DAY, HOUR)
    }

    /// Whether a write of `rank` finds room.
    pub fn has_room_for(&self, rank: WriteRank, now: Timestamp) -> bool {
        match rank.limit() {
            Some(limit) => self.writes_in_a_day(now) < limit,
            None => true,
        }
    }

    /// When the oldest writes stop counting.
    pub fn room_again_at(&self, now: Timestamp) -> Option<Timestamp> {
        self.writes.frees_at(now, DAY, HOUR)
    }

    /// The record as it is written over `previous`, with this write counted.
    #[must_use]
    pub fn counting_write(self, previous: Option<&Self>, now: Timestamp) -> Self {
        let before = match previous {
            Some(previous) => &previous.writes,
            None => &self.writes,
        };
        Self { writes: before.with_event_at(now, DAY, HOUR), ..self }
    }

    /// The record with one more issued pair counted.
    #[must_use]
    pub(super) fn counting_pair(self, now: Timestamp) -> Self {
        Self { issued: self.issued.with_event_at(now, FORTNIGHT, DAY), ..self }
    }

    /// Pairs issued within the life of an access token: an upper bound of the tokens that live at Webex.
    pub fn live_tokens(&self, now: Timestamp) -> u32 {
        self.issued.count(now, FORTNIGHT, DAY)
    }

    /// When callers may next cause a renewal by reporting a rejected token; `None` if they may now.
    pub fn caller_renewals_free_at(&self, now: Timestamp) -> Option<Timestamp> {
        let recent: Vec<_> = self.caller_renewals.iter().filter(|at| now.duration_since(**at) < DAY).collect();
        if recent.len() < CALLER_RENEWALS_A_DAY {
            return None;
        }
        let oldest = recent.into_iter().min()?;
        Some(*oldest + DAY)
    }

    /// The record with one more renewal that a caller caused.
    #[must_use]
    pub fn counting_caller_renewal(mut self, now: Timestamp) -> Self {
        self.caller_renewals.retain(|at| now.duration_since(*at) < DAY);
        self.caller_renewals.push(now);
        self
    }
}
