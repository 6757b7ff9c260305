//! The system's clock, and the deadline that Lambda gives.

use std::future::Future;

use broker_core::clock::{Clock, Deadline};
use jiff::{SignedDuration, Timestamp};
use lambda_runtime::Context;

/// The clock of the machine, in whole milliseconds: finer times would only make documents longer.
#[derive(Debug, Clone, Copy, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    #[expect(clippy::disallowed_methods, reason = "the one permitted home of the system's clock")]
    fn now(&self) -> Timestamp {
        let now = Timestamp::now();
        Timestamp::from_millisecond(now.as_millisecond()).unwrap_or(now)
    }

    fn sleep(&self, duration: SignedDuration) -> impl Future<Output = ()> + Send {
        tokio::time::sleep(duration.unsigned_abs())
    }
}

/// The moment by which this invocation must have answered: what Lambda says, or `configured` from `now` where that is
/// nonsense.
pub fn deadline(context: &Context, now: Timestamp, configured: SignedDuration) -> Deadline {
    let claimed = i64::try_from(context.deadline).unwrap_or(i64::MAX);
    let claimed = Timestamp::from_millisecond(claimed).unwrap_or(Timestamp::MIN);
    Deadline::clamped(claimed, now, configured)
}

/// Whole milliseconds from `started` to `now`, for the log's `duration_ms`: a type that JSON writes as a number.
pub fn elapsed_ms(started: Timestamp, now: Timestamp) -> i64 {
    now.as_millisecond() - started.as_millisecond()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn left_of(deadline_ms: u64) -> SignedDuration {
        let now = Timestamp::from_second(1_800_000_000).unwrap();
        let mut context = Context::default();
        context.deadline = deadline_ms;
        deadline(&context, now, SignedDuration::from_secs(30)).left(now)
    }

    #[test]
    fn lambdas_deadline_counts_unless_it_is_nonsense() {
        assert_eq!(left_of(1_800_000_007_000), SignedDuration::from_secs(7));
        for nonsense in [0, 600_000, u64::MAX] {
            assert_eq!(left_of(nonsense), SignedDuration::from_secs(30), "{nonsense}");
        }
    }

    #[test]
    fn the_clock_has_no_fractions_of_a_millisecond() {
        assert_eq!(SystemClock.now().subsec_nanosecond() % 1_000_000, 0);
    }
}
