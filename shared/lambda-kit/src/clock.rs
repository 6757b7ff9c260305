//! The system clock, and the deadline that Lambda sets.

use std::future::Future;

use broker_core::clock::{Clock, Deadline};
use jiff::{SignedDuration, Timestamp};
use lambda_runtime::Context;

/// The clock of the machine, in whole milliseconds: finer timestamps would only make documents longer.
#[derive(Debug, Clone, Copy, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    #[expect(clippy::disallowed_methods, reason = "the one permitted home of the system clock")]
    fn now(&self) -> Timestamp {
        let now = Timestamp::now();
        Timestamp::from_millisecond(now.as_millisecond()).unwrap_or(now)
    }

    fn sleep(&self, duration: SignedDuration) -> impl Future<Output = ()> + Send {
        tokio::time::sleep(duration.unsigned_abs())
    }
}

/// When the invocation must be answered: the deadline that Lambda sets, or `now` plus `time_out` if that deadline is
/// implausible, as with `cargo lambda watch`.
pub fn deadline(context: &Context, now: Timestamp, time_out: SignedDuration) -> Deadline {
    let milliseconds = i64::try_from(context.deadline).unwrap_or(i64::MAX);
    let deadline = Timestamp::from_millisecond(milliseconds).unwrap_or(Timestamp::MIN);
    Deadline::clamped(deadline, now, time_out)
}

/// Whole milliseconds from `started` to `now`, for the field `duration_ms` of the log.
pub fn elapsed_ms(started: Timestamp, now: Timestamp) -> i64 {
    now.as_millisecond() - started.as_millisecond()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn time_left(deadline_ms: u64) -> SignedDuration {
        let now = Timestamp::from_second(1_800_000_000).unwrap();
        let mut context = Context::default();
        context.deadline = deadline_ms;
        deadline(&context, now, SignedDuration::from_secs(30)).left(now)
    }

    #[test]
    fn deadline_is_lambdas_unless_it_is_implausible() {
        assert_eq!(time_left(1_800_000_007_000), SignedDuration::from_secs(7));
        for implausible in [0, 600_000, u64::MAX] {
            assert_eq!(time_left(implausible), SignedDuration::from_secs(30), "{implausible}");
        }
    }

    #[test]
    fn system_clock_has_whole_milliseconds() {
        assert_eq!(SystemClock.now().subsec_nanosecond() % 1_000_000, 0);
    }
}
