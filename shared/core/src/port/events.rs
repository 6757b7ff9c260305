//! The event bus.

use std::future::Future;

use jiff::Timestamp;

use crate::clock::Deadline;

/// One event for the bus. It never holds a token.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BusEvent {
    /// The kind of document in `detail`, such as `Notice`. Rules of the bus match it.
    pub detail_type: &'static str,
    /// A JSON object.
    pub detail: String,
    /// When it happened.
    pub at: Timestamp,
}

/// Where changes and notices are sent, at least once. One production implementation, on Amazon EventBridge.
pub trait Events: Send + Sync {
    /// Whether there is a bus. Without one, no incident is looked for.
    fn is_on(&self) -> bool;

    /// Sends the events and tries again until `deadline`. Returns how many could not be sent; these are logged.
    fn send(&self, events: &[BusEvent], deadline: Deadline) -> impl Future<Output = u32> + Send;
}

/// No bus: nothing is sent.
#[derive(Debug, Clone, Copy, Default)]
pub struct NoEventBus;

impl Events for NoEventBus {
    fn is_on(&self) -> bool {
        false
    }

    async fn send(&self, _: &[BusEvent], _: Deadline) -> u32 {
        0
    }
}
