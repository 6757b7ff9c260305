//! Times and durations for people.

use jiff::Timestamp;

/// Stands for what is absent.
pub(crate) const NONE: &str = "–";

/// `2026-11-26 11:10 UTC`.
pub(crate) fn time(at: Timestamp) -> String {
    at.strftime("%Y-%m-%d %H:%M UTC").to_string()
}

/// The time that is left until `at`: `13d 4h`, or `ended`.
pub(crate) fn left(at: Option<Timestamp>, now: Timestamp) -> String {
    match at {
        None => NONE.to_owned(),
        Some(at) if at <= now => "ended".to_owned(),
        Some(at) => span(at.duration_since(now).as_secs()),
    }
}

/// The time until `at`, or `now` once it has come.
pub(crate) fn until(at: Option<Timestamp>, now: Timestamp) -> String {
    match at {
        Some(at) if at <= now => "now".to_owned(),
        _ => left(at, now),
    }
}

/// The time since `at`: `12m ago`.
pub(crate) fn ago(at: Option<Timestamp>, now: Timestamp) -> String {
    match at {
        None => NONE.to_owned(),
        Some(at) => format!("{} ago", span(now.duration_since(at).as_secs().max(0))),
    }
}

/// `2026-12-05 12:00 UTC (in 9d 0h)`, `… (2h 5m ago)`.
pub(crate) fn time_and_distance(at: Timestamp, now: Timestamp) -> String {
    if at > now {
        format!("{} (in {})", time(at), left(Some(at), now))
    } else {
        format!("{} ({})", time(at), ago(Some(at), now))
    }
}

/// The two largest units of a number of seconds.
pub(crate) fn span(seconds: i64) -> String {
    let (days, hours, minutes) = (seconds / 86_400, seconds / 3_600 % 24, seconds / 60 % 60);
    match seconds {
        ..60 => format!("{seconds}s"),
        60..3_600 => format!("{minutes}m"),
        3_600..86_400 => format!("{hours}h {minutes}m"),
        _ => format!("{days}d {hours}h"),
    }
}

/// `1 grant`, `2 grants`.
pub(crate) fn count(number: u64, noun: &str) -> String {
    match number {
        1 => format!("1 {noun}"),
        _ => format!("{number} {noun}s"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn span_shows_the_two_largest_units() {
        let table = [(0, "0s"), (59, "59s"), (60, "1m"), (3_660, "1h 1m"), (86_400, "1d 0h"), (1_140_000, "13d 4h")];
        for (seconds, text) in table {
            assert_eq!(span(seconds), text);
        }
    }

    #[test]
    fn time_and_distance_tells_past_from_future() {
        let now: Timestamp = "2026-11-26T11:00:00Z".parse().unwrap();
        let later: Timestamp = "2026-11-27T12:00:00Z".parse().unwrap();
        assert_eq!(time_and_distance(later, now), "2026-11-27 12:00 UTC (in 1d 1h)");
        assert_eq!(time_and_distance(now, later), "2026-11-26 11:00 UTC (1d 1h ago)");
        assert_eq!(left(Some(now), later), "ended");
        assert_eq!(until(Some(now), later), "now");
    }
}
