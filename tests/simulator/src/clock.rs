//! The simulator's time.

use std::fmt;
use std::sync::{Arc, Mutex};

use jiff::{SignedDuration, Timestamp};

use crate::transport::lock;

/// A clock that tests can push forward. Clones share the same hands.
#[derive(Clone)]
pub struct Clock(Arc<Hands>);

struct Hands {
    /// Where a frozen clock stands; `None` follows the system.
    frozen: Option<Timestamp>,
    offset: Mutex<SignedDuration>,
}

impl Clock {
    /// Follows the system's time, plus whatever it is advanced by.
    pub fn system() -> Self {
        Self::start(None)
    }

    /// Stands still at `at`, and moves only by [`Clock::advance`].
    pub fn fixed(at: Timestamp) -> Self {
        Self::start(Some(at))
    }

    fn start(frozen: Option<Timestamp>) -> Self {
        Self(Arc::new(Hands { frozen, offset: Mutex::new(SignedDuration::ZERO) }))
    }

    /// The simulated moment.
    pub fn now(&self) -> Timestamp {
        later(self.0.frozen.unwrap_or_else(system_now), *lock(&self.0.offset))
    }

    /// Pushes the time forward, or back if `by` is negative.
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

/// `at + by`, stopping at the ends of time.
pub(crate) fn later(at: Timestamp, by: SignedDuration) -> Timestamp {
    at.saturating_add(by).unwrap_or(Timestamp::MAX)
}

#[expect(
    clippy::disallowed_methods,
    reason = "the simulator's one reading of the system clock; it may not use the workspace's"
)]
fn system_now() -> Timestamp {
    Timestamp::now()
}
