//! Time, so that tests can move it.

use std::time::SystemTime;

/// What the time is.
pub trait Clock: Send + Sync {
    /// The present moment.
    fn now(&self) -> SystemTime;
}

/// The machine's clock.
#[derive(Debug, Clone, Copy, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    #[expect(
        clippy::disallowed_methods,
        reason = "this crate's one home of the system's clock; it sees no other crate"
    )]
    fn now(&self) -> SystemTime {
        SystemTime::now()
    }
}
