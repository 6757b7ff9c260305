//! A clock that jumps to the next moment at which something happens, so that hours pass in milliseconds and calls that
//! wait at once take the time of one.

use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::future::{Future, poll_fn};
use std::pin::pin;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll, Wake, Waker};

use broker_core::clock::Clock;
use broker_core::sync::lock;
use jiff::{SignedDuration, Timestamp};

/// The clock. Clones share the time.
#[derive(Clone)]
pub(super) struct EventClock(Arc<Mutex<ClockState>>);

struct ClockState {
    now: Timestamp,
    timers: BinaryHeap<Reverse<Timestamp>>,
    waiting: Vec<(Timestamp, Waker)>,
}

impl EventClock {
    /// A clock that stands at `now`.
    pub(super) fn at(now: Timestamp) -> Self {
        Self(Arc::new(Mutex::new(ClockState { now, timers: BinaryHeap::new(), waiting: Vec::new() })))
    }

    /// Moves the time forward while nothing waits.
    pub(super) fn advance(&self, by: SignedDuration) {
        lock(&self.0).now += by;
    }

    /// Runs `future` to its end. Whenever it cannot go on, the time jumps to the next timer.
    pub(super) fn run<F: Future>(&self, future: F) -> F::Output {
        let mut future = pin!(future);
        let woken = Arc::new(WakeFlag(AtomicBool::new(false)));
        let waker = Waker::from(Arc::clone(&woken));
        loop {
            if let Poll::Ready(output) = future.as_mut().poll(&mut Context::from_waker(&waker)) {
                return output;
            }
            if !woken.0.swap(false, Ordering::Relaxed) {
                self.jump();
                woken.0.store(false, Ordering::Relaxed);
            }
        }
    }

    /// Jumps to the next timer and wakes who waits for it.
    fn jump(&self) {
        let mut state = lock(&self.0);
        let Some(Reverse(next)) = state.timers.pop() else { panic!("nothing waits for a time, so nothing can go on") };
        state.now = state.now.max(next);
        let (due, waiting) = std::mem::take(&mut state.waiting).into_iter().partition(|(at, _)| *at <= next);
        state.waiting = waiting;
        drop(state);
        let due: Vec<(Timestamp, Waker)> = due;
        for (_, waker) in due {
            waker.wake();
        }
    }

    fn register(&self, at: Timestamp, waker: &Waker) {
        let mut state = lock(&self.0);
        state.timers.push(Reverse(at));
        state.waiting.push((at, waker.clone()));
    }
}

impl Clock for EventClock {
    fn now(&self) -> Timestamp {
        lock(&self.0).now
    }

    fn sleep(&self, duration: SignedDuration) -> impl Future<Output = ()> + Send {
        let clock = self.clone();
        let until = self.now() + duration;
        poll_fn(move |context| {
            if clock.now() >= until {
                return Poll::Ready(());
            }
            clock.register(until, context.waker());
            Poll::Pending
        })
    }
}

struct WakeFlag(AtomicBool);

impl Wake for WakeFlag {
    fn wake(self: Arc<Self>) {
        self.0.store(true, Ordering::Relaxed);
    }
}
