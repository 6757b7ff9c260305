//! The simulator's clock as the functions' clock, so that both sides of a call have the same time.

use std::future::Future;

use broker_core::clock::Clock;
use jiff::{SignedDuration, Timestamp};

/// A sleep takes this fraction of its duration in real time, so that concurrent tasks can run meanwhile.
const SPEED_UP: u32 = 20;
/// The longest real time that a sleep takes. Up to three seconds, what is shorter ends earlier.
const LONGEST_SLEEP: std::time::Duration = std::time::Duration::from_millis(150);
/// A sleep is so many short ones. A machine that halts the process for a while then ends one of them early, and the other tasks
/// still get their turns before the sleep is over.
const TURNS: u32 = 10;

/// A clock that moves when a task sleeps or a test advances it. A sleep ends by advancing the clock to its end, unless
/// the clock is later by then.
#[derive(Clone)]
pub(crate) struct ManualClock(pub(crate) simulator::Clock);

impl Clock for ManualClock {
    fn now(&self) -> Timestamp {
        let now = self.0.now();
        Timestamp::from_millisecond(now.as_millisecond()).unwrap()
    }

    fn sleep(&self, duration: SignedDuration) -> impl Future<Output = ()> + Send {
        let clock = self.0.clone();
        let end = clock.now() + duration;
        async move {
            let turn = (duration.unsigned_abs() / SPEED_UP).min(LONGEST_SLEEP) / TURNS;
            for _ in 0..TURNS {
                tokio::time::sleep(turn).await;
            }
            let left = end.duration_since(clock.now());
            if left > SignedDuration::ZERO {
                clock.advance(left);
            }
        }
    }
}
