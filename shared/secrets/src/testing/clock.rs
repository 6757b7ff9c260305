//! A clock that tests move.

use std::sync::{Arc, Mutex};

use broker_core::clock::Clock;
use jiff::{SignedDuration, Timestamp};

/// A clock that moves when a test moves it, and when someone sleeps on it.
#[derive(Debug, Clone)]
pub(crate) struct SteppedClock(Arc<Mutex<Timestamp>>);

impl Default for SteppedClock {
    fn default() -> Self {
        let noon: Timestamp = "2026-11-21T12:00:00Z".parse().unwrap();
        Self(Arc::new(Mutex::new(noon)))
    }
}

impl SteppedClock {
    pub(crate) fn advance(&self, by: SignedDuration) {
        *self.0.lock().unwrap() += by;
    }
}

impl Clock for SteppedClock {
    fn now(&self) -> Timestamp {
        *self.0.lock().unwrap()
    }

    async fn sleep(&self, duration: SignedDuration) {
        self.advance(duration);
    }
}
