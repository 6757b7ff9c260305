//! What an environment remembers between invocations. A cold start forgets it: it saves calls and versions, and no
//! result depends on it.

mod failure_counts;
mod reactivations;

use std::sync::Mutex;

use jiff::Timestamp;

use crate::sync::lock;

pub(crate) use failure_counts::FailureCounts;
pub(crate) use reactivations::ReactivationLimiter;

/// The memory of one environment.
#[derive(Debug, Default)]
pub(crate) struct Memory {
    /// Failures that are not written down.
    pub(crate) failures: FailureCounts,
    /// Registrations that were made active again.
    pub(crate) reactivations: ReactivationLimiter,
    probed_until: Mutex<Option<Timestamp>>,
}

impl Memory {
    /// Until when the daily question whether a token lives has been asked; `None` after a cold start.
    pub(crate) fn probed_until(&self) -> Option<Timestamp> {
        *lock(&self.probed_until)
    }

    /// Notes that the daily question was asked for every grant whose turn came until `at`.
    pub(crate) fn set_probed_until(&self, at: Timestamp) {
        *lock(&self.probed_until) = Some(at);
    }
}
