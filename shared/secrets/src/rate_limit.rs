//! A limit on calls a second, so that one process stays below the quotas that it shares with the rest of the account.

use std::sync::{Arc, Mutex};

use broker_core::clock::Clock;
use broker_core::sync::lock;
use jiff::{SignedDuration, Timestamp};

/// Hands out slots at a fixed distance. Clones share one queue.
#[derive(Debug, Clone)]
pub(crate) struct CallRateLimit<C> {
    clock: C,
    distance: SignedDuration,
    queue: Arc<Mutex<SlotQueue>>,
}

#[derive(Debug, Clone, Copy)]
struct SlotQueue {
    /// The next free slot.
    next: Timestamp,
    /// The clock at the newest reservation.
    last_seen: Timestamp,
}

impl<C: Clock> CallRateLimit<C> {
    /// At most `rate` slots a second. The first is free at once; unused time is not saved up.
    pub(crate) fn per_second(rate: i32, clock: C) -> Self {
        let queue = SlotQueue { next: Timestamp::MIN, last_seen: Timestamp::MIN };
        Self { clock, distance: SignedDuration::from_secs(1) / rate, queue: Arc::new(Mutex::new(queue)) }
    }

    /// Waits for the next free slot.
    pub(crate) async fn wait(&self) {
        self.wait_at_most(SignedDuration::MAX).await;
    }

    /// Waits for the next free slot if it is at most `longest` away. Otherwise returns false at once and takes no slot.
    pub(crate) async fn wait_at_most(&self, longest: SignedDuration) -> bool {
        let Some(wait) = self.reserve_within(longest) else {
            return false;
        };
        if wait > SignedDuration::ZERO {
            self.clock.sleep(wait).await;
        }
        true
    }

    /// Takes the next free slot if it is at most `longest` away, and returns the time until then.
    fn reserve_within(&self, longest: SignedDuration) -> Option<SignedDuration> {
        let now = self.clock.now();
        let mut queue = lock(&self.queue);
        queue.follow_clock(now);
        let slot = queue.next.max(now);
        let wait = slot.duration_since(now);
        if wait > longest {
            return None;
        }
        queue.next = slot.saturating_add(self.distance).unwrap_or(Timestamp::MAX);
        Some(wait)
    }
}

impl SlotQueue {
    /// Moves the queue back together with a clock that was set back (a suspended environment, NTP). Otherwise the next
    /// caller would wait until the clock has caught up.
    fn follow_clock(&mut self, now: Timestamp) {
        let set_back = self.last_seen.duration_since(now);
        if set_back > SignedDuration::ZERO {
            self.next = self.next.saturating_sub(set_back).unwrap_or(Timestamp::MIN);
        }
        self.last_seen = now;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::SteppedClock;

    const DISTANCE: SignedDuration = SignedDuration::from_millis(25);

    fn limit() -> (CallRateLimit<SteppedClock>, SteppedClock) {
        let clock = SteppedClock::default();
        (CallRateLimit::per_second(40, clock.clone()), clock)
    }

    #[tokio::test]
    async fn slots_keep_their_distance_after_the_first() {
        let (limit, clock) = limit();
        let start = clock.now();
        for n in 0..5 {
            limit.wait().await;
            assert_eq!(clock.now().duration_since(start), DISTANCE * n);
        }
    }

    #[tokio::test]
    async fn unused_time_is_not_saved_up() {
        let (limit, clock) = limit();
        limit.wait().await;
        clock.advance(SignedDuration::from_secs(60));
        let start = clock.now();
        limit.wait().await;
        limit.wait().await;
        assert_eq!(clock.now().duration_since(start), DISTANCE);
    }

    #[tokio::test]
    async fn clones_share_one_queue() {
        let (limit, clock) = limit();
        let start = clock.now();
        limit.clone().wait().await;
        limit.clone().wait().await;
        assert_eq!(clock.now().duration_since(start), DISTANCE);
    }

    #[tokio::test]
    async fn full_queue_takes_no_slot() {
        let (limit, clock) = limit();
        let start = clock.now();
        limit.wait().await;
        for _ in 0..10 {
            assert!(!limit.wait_at_most(DISTANCE / 2).await);
        }
        assert_eq!(clock.now(), start);
        assert!(limit.wait_at_most(DISTANCE).await);
        assert_eq!(clock.now().duration_since(start), DISTANCE);
    }

    #[tokio::test]
    async fn a_clock_set_back_costs_no_longer_wait() {
        let (limit, clock) = limit();
        limit.wait().await;
        clock.advance(SignedDuration::from_hours(-1));
        let start = clock.now();
        limit.wait().await;
        assert_eq!(clock.now().duration_since(start), DISTANCE);
    }
}
