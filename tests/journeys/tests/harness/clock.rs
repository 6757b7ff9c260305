//! The simulator's clock as ours: one time for both sides of every call.

use std::future::Future;

use broker_core::clock::Clock;
use jiff::{SignedDuration, Timestamp};

/// The moment of real time in which everybody who is about to sleep lies down, so that sleeping side by side takes no
/// longer than sleeping once. Nothing depends on its length but how far a test's time runs ahead.
const LYING_DOWN: std::time::Duration = std::time::Duration::from_millis(1);

/// Stands still until somebody sleeps or a test moves it. Whoever sleeps moves it to where they would wake, unless it is
/// past that by then.
#[derive(Clone)]
pub(crate) struct TestClock(pub(crate) simulator::Clock);

impl Clock for TestClock {
    fn now(&self) -> Timestamp {
        let now = self.0.now();
        Timestamp::from_millisecond(now.as_millisecond()).unwrap()
    }

    fn sleep(&self, duration: SignedDuration) -> impl Future<Output = ()> + Send {
        let clock = self.0.clone();
        let until = clock.now() + duration;
        async move {
            tokio::time::sleep(LYING_DOWN).await;
            let left = until.duration_since(clock.now());
            if left > SignedDuration::ZERO {
                clock.advance(left);
            }
        }
    }
}
