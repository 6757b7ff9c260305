//! Holds requests at a known point, so that a test can act in between.

use std::sync::Arc;

use tokio::sync::{Semaphore, watch};

/// Where a gate holds a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Point {
    /// The request has arrived and has changed nothing yet.
    BeforeEffect,
    /// The request has taken effect (a pair is issued, a version is written); the response has not been sent.
    AfterEffect,
}

/// Holds every request for one operation at one [`Point`] until it is released.
///
/// Dropping a gate releases it, so that a failed assertion cannot hang a test. If a client disconnects while its
/// request is held before the effect, the request has none.
#[must_use = "a dropped gate is open"]
#[derive(Debug)]
pub struct Gate {
    pub(crate) state: Arc<GateState>,
}

/// The part of a gate that requests share with the test.
#[derive(Debug)]
pub(crate) struct GateState {
    arrived: watch::Sender<usize>,
    permits: Semaphore,
}

impl Gate {
    pub(crate) fn closed() -> Self {
        let state = GateState { arrived: watch::Sender::new(0), permits: Semaphore::new(0) };
        Self { state: Arc::new(state) }
    }

    /// Waits until a request has reached the gate.
    pub async fn wait_reached(&self) {
        self.wait_reached_by(1).await;
    }

    /// Waits until `count` requests have reached the gate, including those already released.
    pub async fn wait_reached_by(&self, count: usize) {
        let mut arrived = self.state.arrived.subscribe();
        // An error would mean that the sender is gone, but `self` holds it.
        let _ = arrived.wait_for(|reached| *reached >= count).await;
    }

    /// The number of requests that have reached the gate so far.
    pub fn reached(&self) -> usize {
        *self.state.arrived.borrow()
    }

    /// Releases one request: one that waits, or else the next to arrive.
    pub fn release_one(&self) {
        self.state.permits.add_permits(1);
    }

    /// Releases all requests, those that wait and those still to come.
    pub fn release(&self) {
        self.state.permits.close();
    }
}

impl Drop for Gate {
    fn drop(&mut self) {
        self.release();
    }
}

impl GateState {
    /// Waits until the gate lets this request through.
    pub(crate) async fn wait(&self) {
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
