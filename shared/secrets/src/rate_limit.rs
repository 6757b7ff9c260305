//! A limit on calls a second that many processes share fairly, although none knows of the others.
//!
//! Each process begins slowly and becomes faster until it is throttled; then it halves its rate and becomes faster again
//! more slowly, as TCP does. One process alone comes to the most that it may take, several come to shares of the quota.

mod writes;

use std::sync::{Arc, Mutex};

use broker_core::clock::Clock;
use broker_core::sync::lock;
use jiff::{SignedDuration, Timestamp};

pub use writes::WriteRateLimits;

/// Calls a second that each second adds until the first throttling: from the slowest start to the most in three seconds.
const FIRST_RISE: f64 = 12.0;

/// The share of the rate that each second adds after a throttling. More costs more throttlings among many processes; with
/// less, a process that is alone again takes longer to come back to the most.
const LATER_RISE: f64 = 0.05;

/// After a pause of this length a process begins again: what it knew of the others is no longer true.
const PAUSE: SignedDuration = SignedDuration::from_secs(2);

/// The lowest rate, in calls a second.
const LEAST: f64 = 1.0;

/// Calls that were sent before the rate was halved may be throttled this much later.
const ONE_THROTTLING: SignedDuration = SignedDuration::from_secs(1);

/// Hands out slots at a distance that follows the service's throttling. Clones share one queue.
#[derive(Debug, Clone)]
pub struct CallRateLimit<C> {
    clock: C,
    queue: Arc<Mutex<SlotQueue>>,
}

#[derive(Debug, Clone, Copy)]
struct SlotQueue {
    /// Slots a second at first, and after a pause.
    start: f64,
    /// The most slots a second.
    most: f64,
    /// The next free slot.
    next: Timestamp,
    /// The clock at the newest reservation.
    last_seen: Timestamp,
    /// Slots a second at `last_seen`.
    rate: f64,
    /// When the rate was halved last.
    halved_at: Option<Timestamp>,
}

impl<C: Clock> CallRateLimit<C> {
    /// `start` slots a second at first, and never more than `most`. The first is free at once; unused time is not saved up.
    pub fn rising(start: u32, most: u32, clock: C) -> Self {
        let now = clock.now();
        let (start, most) = (f64::from(start), f64::from(most));
        let queue = SlotQueue { start, most, next: now, last_seen: now, rate: start, halved_at: None };
        Self { clock, queue: Arc::new(Mutex::new(queue)) }
    }

    /// At most `rate` slots a second from the beginning.
    pub fn per_second(rate: u32, clock: C) -> Self {
        Self::rising(rate, rate, clock)
    }

    /// Waits for the next free slot.
    pub async fn wait(&self) {
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

    /// Halves the rate, because the service throttled a call.
    pub fn slow_down(&self) {
        let now = self.clock.now();
        let mut queue = lock(&self.queue);
        queue.follow_clock(now);
        let is_known = matches!(queue.halved_at, Some(at) if now.duration_since(at) < ONE_THROTTLING);
        if !is_known {
            queue.rate = (queue.rate / 2.0).max(LEAST);
            queue.halved_at = Some(now);
        }
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
        let distance = SignedDuration::from_secs_f64(1.0 / queue.rate);
        queue.next = slot.saturating_add(distance).unwrap_or(Timestamp::MAX);
        Some(wait)
    }
}

impl SlotQueue {
    /// Lets the rate rise with the time. Moves the queue back together with a clock that was set back (a suspended
    /// environment, NTP); otherwise the next caller would wait until the clock has caught up.
    fn follow_clock(&mut self, now: Timestamp) {
        let passed = now.duration_since(self.last_seen);
        self.last_seen = now;
        if passed < SignedDuration::ZERO {
            self.next = self.next.saturating_add(passed).unwrap_or(Timestamp::MIN);
        } else if now.duration_since(self.next) > PAUSE {
            self.rate = self.start;
            self.halved_at = None;
        } else {
            let rise = if self.halved_at.is_some() { self.rate * LATER_RISE } else { FIRST_RISE };
            self.rate = (self.rate + rise * passed.as_secs_f64()).min(self.most);
        }
    }
}

#[cfg(test)]
mod tests;
