//! Slots in time, so that one process stays below the quotas that it shares with the rest of the account.

use std::sync::Arc;

use broker_core::clock::Clock;
use jiff::{SignedDuration, Timestamp};
use tokio::sync::Mutex;

/// Longest wait for a slot. The clock may be set back while a process sleeps; nobody waits for it to catch up.
const LONGEST_WAIT: SignedDuration = SignedDuration::from_secs(10);

/// Hands out slots at a fixed distance. Clones share one queue.
#[derive(Debug, Clone)]
pub(crate) struct Pace<C> {
    clock: C,
    distance: SignedDuration,
    next: Arc<Mutex<Timestamp>>,
}

impl<C: Clock> Pace<C> {
    /// At most `rate` slots a second; the first is there at once.
    pub(crate) fn per_second(rate: i32, clock: C) -> Self {
        Self { clock, distance: SignedDuration::from_secs(1) / rate, next: Arc::new(Mutex::new(Timestamp::MIN)) }
    }

    /// Resolves when the next free slot has come.
    pub(crate) async fn slot(&self) {
        let wait = self.reserve().await;
        if wait > SignedDuration::ZERO {
            self.clock.sleep(wait).await;
        }
    }

    async fn reserve(&self) -> SignedDuration {
        let mut next = self.next.lock().await;
        let now = self.clock.now();
        let wait = next.duration_since(now).clamp(SignedDuration::ZERO, LONGEST_WAIT);
        *next = now.saturating_add(wait + self.distance).unwrap_or(Timestamp::MAX);
        wait
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::Hands;

    #[tokio::test]
    async fn the_first_slot_is_free_and_the_others_keep_their_distance() {
        let clock = Hands::default();
        let pace = Pace::per_second(40, clock.clone());
        let start = clock.now();
        for n in 0..5 {
            pace.slot().await;
            assert_eq!(clock.now().duration_since(start), SignedDuration::from_millis(25 * n));
        }
    }

    #[tokio::test]
    async fn time_that_passed_unused_is_not_saved_up() {
        let clock = Hands::default();
        let pace = Pace::per_second(40, clock.clone());
        pace.slot().await;
        clock.advance(SignedDuration::from_secs(60));
        let start = clock.now();
        pace.slot().await;
        pace.slot().await;
        assert_eq!(clock.now().duration_since(start), SignedDuration::from_millis(25));
    }

    #[tokio::test]
    async fn clones_share_the_queue() {
        let clock = Hands::default();
        let pace = Pace::per_second(40, clock.clone());
        let start = clock.now();
        pace.clone().slot().await;
        pace.clone().slot().await;
        assert_eq!(clock.now().duration_since(start), SignedDuration::from_millis(25));
    }

    #[tokio::test]
    async fn a_clock_that_is_set_back_does_not_stop_everything() {
        let clock = Hands::default();
        let pace = Pace::per_second(40, clock.clone());
        pace.slot().await;
        clock.advance(SignedDuration::from_hours(-1));
        let start = clock.now();
        pace.slot().await;
        assert!(clock.now().duration_since(start) <= LONGEST_WAIT);
    }
}
