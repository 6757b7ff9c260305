//! The time, injected so that tests can change it.

use std::future::Future;
use std::time::{Duration, SystemTime};

/// A source of the current time, and a way to wait.
pub trait TokenClock: Send + Sync {
    /// The current time.
    fn now(&self) -> SystemTime;

    /// Waits as long as `Retry-After` says.
    fn sleep(&self, duration: Duration) -> impl Future<Output = ()> + Send {
        tokio::time::sleep(duration)
    }
}

/// The system's clock. It goes on while a Lambda environment is frozen, which a monotonic clock need not do.
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
