//! Counts of events by the period in which they happened.

use std::collections::BTreeMap;

use jiff::{SignedDuration, Timestamp};

/// How often something happened in each of the last periods. Periods are aligned to the Unix epoch, so that two
/// environments agree on their starts.
#[derive(Debug, Clone, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(transparent)]
pub struct Tally(BTreeMap<Timestamp, u32>);

impl Tally {
    /// Whether nothing is counted.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The number of events in the periods that end within `window` before `now`. An event counts until its whole
    /// period is older than the window, so the result is never too low.
    pub fn count(&self, now: Timestamp, window: SignedDuration, period: SignedDuration) -> u32 {
        let oldest = now - window - period;
        self.0.range(oldest..).map(|(_, count)| count).sum()
    }

    /// The tally with one more event at `now` and without the periods that are older than `window`.
    #[must_use]
    pub fn with_event_at(&self, now: Timestamp, window: SignedDuration, period: SignedDuration) -> Self {
        let mut counts: BTreeMap<_, _> =
            self.0.range(now - window - period..).map(|(at, count)| (*at, *count)).collect();
        *counts.entry(period_start(now, period)).or_insert(0) += 1;
        Self(counts)
    }

    /// When the oldest period of the window leaves it, so that there may be room again.
    pub fn frees_at(&self, now: Timestamp, window: SignedDuration, period: SignedDuration) -> Option<Timestamp> {
        let (oldest, _) = self.0.range(now - window - period..).next()?;
        Some(*oldest + window + period)
    }
}

fn period_start(at: Timestamp, period: SignedDuration) -> Timestamp {
    let seconds = at.as_second();
    let start = seconds - seconds.rem_euclid(period.as_secs());
    Timestamp::from_second(start).unwrap_or(at)
}

#[cfg(test)]
mod tests {
    use super::*;

    const HOUR: SignedDuration = SignedDuration::from_hours(1);
    const DAY: SignedDuration = SignedDuration::from_hours(24);

    fn at(text: &str) -> Timestamp {
        text.parse().unwrap()
    }

    #[test]
    fn tally_counts_a_full_window_and_forgets_older_periods() {
        let mut tally = Tally::default();
        for minute in 0..3 {
            let now = at("2026-11-26T07:10:00Z") + SignedDuration::from_mins(minute);
            tally = tally.with_event_at(now, DAY, HOUR);
        }
        assert_eq!(tally.count(at("2026-11-26T08:00:00Z"), DAY, HOUR), 3);
        assert_eq!(tally.count(at("2026-11-27T07:59:59Z"), DAY, HOUR), 3);
        assert_eq!(tally.count(at("2026-11-27T08:00:01Z"), DAY, HOUR), 0);
        let later = tally.with_event_at(at("2026-11-28T00:00:00Z"), DAY, HOUR);
        assert_eq!(serde_json::to_string(&later).unwrap(), r#"{"2026-11-28T00:00:00Z":1}"#);
    }

    #[test]
    fn tally_says_when_its_oldest_period_is_forgotten() {
        let now = at("2026-11-26T07:10:00Z");
        let tally = Tally::default().with_event_at(now, DAY, HOUR);
        assert_eq!(tally.frees_at(now, DAY, HOUR), Some(at("2026-11-27T08:00:00Z")));
        assert_eq!(Tally::default().frees_at(now, DAY, HOUR), None);
    }
}
