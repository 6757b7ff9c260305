//! Times in words.

use jiff::Timestamp;

/// A moment for a page: for machines, in full, and as seen from now.
#[derive(Debug)]
pub(crate) struct Moment {
    pub(crate) machine: String,
    pub(crate) full: String,
    pub(crate) relative: String,
}

impl Moment {
    pub(crate) fn new(at: Timestamp, now: Timestamp) -> Self {
        Self { machine: at.to_string(), full: minute(at), relative: relative(at, now) }
    }
}

/// The moment to the minute.
pub(crate) fn minute(at: Timestamp) -> String {
    at.strftime("%-d %B %Y, %H:%M UTC").to_string()
}

/// `in 9 days`, `3 hours ago` or `now`.
fn relative(at: Timestamp, now: Timestamp) -> String {
    let seconds = at.duration_since(now).as_secs();
    let amount = amount(seconds.unsigned_abs());
    if seconds.abs() < 60 {
        "now".to_owned()
    } else if seconds < 0 {
        format!("{amount} ago")
    } else {
        format!("in {amount}")
    }
}

/// A number of seconds in the largest unit that it holds twice.
pub(crate) fn amount(seconds: u64) -> String {
    let (count, unit) = match seconds {
        0..7_200 => (seconds / 60, "minute"),
        7_200..172_800 => (seconds / 3_600, "hour"),
        _ => (seconds / 86_400, "day"),
    };
    if count == 1 { format!("{count} {unit}") } else { format!("{count} {unit}s") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn relative_uses_the_largest_unit_that_fits_twice() {
        let now = Timestamp::from_second(1_000_000).unwrap();
        let table = [
            (0, "now"),
            (-59, "now"),
            (60, "in 1 minute"),
            (7_199, "in 119 minutes"),
            (7_200, "in 2 hours"),
            (-172_799, "47 hours ago"),
            (172_800, "in 2 days"),
            (-864_000, "10 days ago"),
        ];
        for (seconds, expected) in table {
            let at = Timestamp::from_second(1_000_000 + seconds).unwrap();
            assert_eq!(relative(at, now), expected);
        }
    }
}
