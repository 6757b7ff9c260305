//! Time that only moves when the schedule says so.

use std::future::{Future, poll_fn};
use std::sync::{Arc, Mutex};
use std::task::Poll;

use broker_core::clock::Clock;
use jiff::{SignedDuration, Timestamp};

#[derive(Clone)]
pub(super) struct ModelClock(Arc<Mutex<Timestamp>>);

impl ModelClock {
    pub(super) fn new() -> Self {
        Self(Arc::new(Mutex::new("2026-11-01T00:00:00Z".parse().unwrap())))
    }

    pub(super) fn advance(&self, by: SignedDuration) {
        *self.0.lock().unwrap() += by;
    }
}

impl Clock for ModelClock {
    fn now(&self) -> Timestamp {
        *self.0.lock().unwrap()
    }

    fn sleep(&self, duration: SignedDuration) -> impl Future<Output = ()> + Send {
        let clock = self.clone();
        let until = self.now() + duration;
        poll_fn(move |context| {
            if clock.now() >= until {
                return Poll::Ready(());
            }
            context.waker().wake_by_ref();
            Poll::Pending
        })
    }
}

/// Lets somebody else go on first.
pub(super) async fn pause() {
    let mut paused = false;
    poll_fn(move |context| {
        if std::mem::replace(&mut paused, true) {
            return Poll::Ready(());
        }
        context.waker().wake_by_ref();
        Poll::Pending
    })
    .await;
}
