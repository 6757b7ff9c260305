//! The simulator's clock as ours: one time for both sides of every call.

use std::future::Future;

use broker_core::clock::Clock;
use jiff::{SignedDuration, Timestamp};

/// Stands still until somebody sleeps or a test moves it. Whoever sleeps moves it to where they would wake, unless it is
/// past that by then, so that sleeping side by side takes no longer than sleeping once.
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
            tokio::task::yield_now().await;
            let left = until.duration_since(clock.now());
            if left > SignedDuration::ZERO {
                clock.advance(left);
            }
        }
    }
}
