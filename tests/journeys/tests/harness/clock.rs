//! The simulator's clock as ours: one time for both sides of every call.

use std::future::Future;

use broker_core::clock::Clock;
use jiff::{SignedDuration, Timestamp};

/// How much faster a test's time runs than the real one while somebody sleeps, and the longest that they really lie
/// down. Meanwhile the others go on, as they would in the seconds that this stands for.
const FASTER: u32 = 20;
const LONGEST: std::time::Duration = std::time::Duration::from_millis(50);

/// Stands still until somebody sleeps or a test moves it. Whoever sleeps moves it to where they would wake, unless it is
/// past that by then.
#[derive(Clone)]
pub(crate) struct ManualClock(pub(crate) simulator::Clock);

impl Clock for ManualClock {
    fn now(&self) -> Timestamp {
        let now = self.0.now();
        Timestamp::from_millisecond(now.as_millisecond()).unwrap()
    }

    fn sleep(&self, duration: SignedDuration) -> impl Future<Output = ()> + Send {
        let clock = self.0.clone();
        let until = clock.now() + duration;
        async move {
            tokio::time::sleep((duration.unsigned_abs() / FASTER).min(LONGEST)).await;
            let left = until.duration_since(clock.now());
            if left > SignedDuration::ZERO {
                clock.advance(left);
            }
        }
    }
}
