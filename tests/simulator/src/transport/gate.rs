//! Holding requests at a known point, so that a test can act in between.

use std::sync::Arc;

use tokio::sync::{Semaphore, watch};

/// Where a gate stands on a request's way.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Point {
    /// The request has arrived; nothing has changed yet.
    BeforeEffect,
    /// The effect is there (a pair was issued, a version written); the answer has not left.
    AfterEffect,
}

/// Holds every request of one endpoint at one [`Point`] until released.
///
/// Dropping a gate releases it, so that a failed assertion cannot hang a test. A client that goes away while it is
/// held before the effect causes none.
#[must_use = "a gate that is dropped is open"]
#[derive(Debug)]
pub struct Gate {
    pub(crate) bar: Arc<Bar>,
}

/// The part of a gate that requests see.
#[derive(Debug)]
pub(crate) struct Bar {
    arrived: watch::Sender<usize>,
    permits: Semaphore,
}

impl Gate {
    pub(crate) fn closed() -> Self {
        let bar = Bar { arrived: watch::Sender::new(0), permits: Semaphore::new(0) };
        Self { bar: Arc::new(bar) }
    }

    /// Returns when a request has come to the gate.
    pub async fn wait_reached(&self) {
        self.wait_reached_by(1).await;
    }

    /// Returns when `count` requests have come to the gate, those let through included.
    pub async fn wait_reached_by(&self, count: usize) {
        let mut arrived = self.bar.arrived.subscribe();
        // The sender lives in `self`, so the wait ends only with enough arrivals.
        let _ = arrived.wait_for(|reached| *reached >= count).await;
    }

    /// How many requests have come to the gate so far.
    pub fn reached(&self) -> usize {
        *self.bar.arrived.borrow()
    }

    /// Lets one request through, the next to come if none waits.
    pub fn release_one(&self) {
        self.bar.permits.add_permits(1);
    }

    /// Lets through all that wait and all to come.
    pub fn release(&self) {
        self.bar.permits.close();
    }
}

impl Drop for Gate {
    fn drop(&mut self) {
        self.release();
    }
}

impl Bar {
    pub(crate) async fn pass(&self) {
        if self.is_open() {
            return;
        }
        self.arrived.send_modify(|reached| *reached += 1);
        if let Ok(permit) = self.permits.acquire().await {
            permit.forget();
        }
    }

    pub(crate) fn is_open(&self) -> bool {
        self.permits.is_closed()
    }
}
