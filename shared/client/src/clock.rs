//! The time, injected so that tests can change it.

use std::time::SystemTime;

/// A source of the current time.
pub trait TokenClock: Send + Sync {
    /// The current time.
    fn now(&self) -> SystemTime;
}

/// The system's clock.
#[derive(Debug, Clone, Copy, Default)]
pub struct SystemTokenClock;

impl TokenClock for SystemTokenClock {
    #[expect(
        clippy::disallowed_methods,
        reason = "this crate depends on no other crate of the workspace, so it reads the system's clock here, and only here"
    )]
    fn now(&self) -> SystemTime {
        SystemTime::now()
    }
}
