//! Limits within the quotas of Secrets Manager on writes: 50 calls a second, of one operation or of some together.

use broker_core::clock::Clock;

use super::CallRateLimit;

/// The most writes a second of one process within one quota; putting a version and moving a label are two.
const MOST: u32 = 48;

/// Writes a second of a process that begins: ten processes that begin at once are not far above the quota.
const FIRST: u32 = 10;

/// The limits of one process. Clones share them.
#[derive(Debug, Clone)]
pub struct WriteRateLimits<C> {
    /// `PutSecretValue`, `UpdateSecretVersionStage` and `UpdateSecret`, which share a quota; and `CreateSecret`, whose quota is its
    /// own: a new record is written twice more within a second, so one limit leaves room for those who write beside it.
    pub versions: CallRateLimit<C>,
    /// `DeleteSecret`.
    pub deletions: CallRateLimit<C>,
    /// `RestoreSecret`.
    pub restorations: CallRateLimit<C>,
    /// `TagResource`.
    pub tags: CallRateLimit<C>,
}

impl<C: Clock> WriteRateLimits<C> {
    /// The limits of a process that begins.
    pub fn new(clock: &C) -> Self {
        let limit = || CallRateLimit::rising(FIRST, MOST, clock.clone());
        Self { versions: limit(), deletions: limit(), restorations: limit(), tags: limit() }
    }
}
