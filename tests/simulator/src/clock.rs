//! The simulator's time.

use std::fmt;
use std::sync::{Arc, Mutex};

use jiff::{SignedDuration, Timestamp};

use crate::transport::lock;

/// A clock that tests can advance. Clones share the same time.
#[derive(Clone)]
pub struct Clock(Arc<ClockState>);

struct ClockState {
    /// The start of a clock that stands still; `None` follows the system's clock.
    start: Option<Timestamp>,
    offset: Mutex<SignedDuration>,
}

impl Clock {
    /// A clock that follows the system's clock, plus all advances.
    pub fn system() -> Self {
        Self::new(None)
    }

    /// A clock that stands still at `at` and moves only by [`Clock::advance`].
    pub fn fixed(at: Timestamp) -> Self {
        Self::new(Some(at))
    }

    fn new(start: Option<Timestamp>) -> Self {
        Self(Arc::new(ClockState { start, offset: Mutex::new(SignedDuration::ZERO) }))
    }

    /// The simulated time.
    pub fn now(&self) -> Timestamp {
        later(self.0.start.unwrap_or_else(system_now), *lock(&self.0.offset))
    }

    /// Moves the time forward, or back if `by` is negative.
    pub fn advance(&self, by: SignedDuration) {
        let mut offset = lock(&self.0.offset);
        *offset = offset.saturating_add(by);
    }
}

impl fmt::Debug for Clock {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Clock").field(&self.now()).finish()
    }
}

/// `at + by`, or the latest representable time if that overflows.
pub(crate) fn later(at: Timestamp, by: SignedDuration) -> Timestamp {
    at.saturating_add(by).unwrap_or(Timestamp::MAX)
}

#[expect(
    clippy::disallowed_methods,
    reason = "the simulator depends on no crate of the workspace, so it reads the system's clock here, and only here"
)]
fn system_now() -> Timestamp {
    Timestamp::now()
}
