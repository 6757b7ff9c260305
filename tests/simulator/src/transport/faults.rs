//! Planned faults: what fails, and how often.

use std::fmt;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use super::gate::GateState;
use super::{Gate, Point, lock};

/// The faults of one simulated service. Clones share the same plan.
pub struct Faults<Op, Fault>(Arc<Mutex<Plan<Op, Fault>>>);

/// A planned fault that no request has met yet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unconsumed<Op, Fault> {
    /// The operation that will fail.
    pub operation: Op,
    /// How it will fail.
    pub fault: Fault,
    /// How many more requests will fail.
    pub remaining: usize,
    /// The only subject (an org, for example) whose requests fail; `None` means any.
    pub about: Option<String>,
}

struct Plan<Op, Fault> {
    outage: Option<Outage>,
    latency: Duration,
    planned: Vec<Unconsumed<Op, Fault>>,
    /// Faults that stay until they are ended.
    permanent: Vec<(Op, Fault)>,
    gates: Vec<(Op, Point, Arc<GateState>)>,
}

/// The two kinds of outage.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Outage {
    /// Every request is answered 503.
    Unavailable,
    /// Every connection closes.
    Unreachable,
}

impl<Op: Copy + Eq, Fault: Clone> Faults<Op, Fault> {
    /// Answers every request 503 while `on`.
    pub fn outage(&self, on: bool) {
        self.set_outage(on, Outage::Unavailable);
    }

    /// Closes every connection without a response while `on`.
    pub fn unreachable(&self, on: bool) {
        self.set_outage(on, Outage::Unreachable);
    }

    fn set_outage(&self, on: bool, outage: Outage) {
        lock(&self.0).outage = if on { Some(outage) } else { None };
    }

    /// Delays every response by `latency` of real time.
    pub fn latency(&self, latency: Duration) {
        lock(&self.0).latency = latency;
    }

    /// Makes the next `times` requests for `operation` fail with `fault`. Faults planned earlier come first.
    pub fn fail_next(&self, operation: Op, times: usize, fault: Fault) {
        self.plan(operation, times, fault, None);
    }

    /// Makes every request for `operation` fail with `fault` until [`Faults::stop_failing`] or [`Faults::clear`]. Faults
    /// planned by [`Faults::fail_next`] come first; a permanent fault is never unconsumed.
    pub fn fail_all(&self, operation: Op, fault: Fault) {
        let mut plan = lock(&self.0);
        plan.permanent.retain(|(known, _)| *known != operation);
        plan.permanent.push((operation, fault));
    }

    /// Ends what [`Faults::fail_all`] began.
    pub fn stop_failing(&self, operation: Op) {
        lock(&self.0).permanent.retain(|(known, _)| *known != operation);
    }

    /// Holds every request for `operation` at `point` until the gate is released.
    pub fn gate(&self, operation: Op, point: Point) -> Gate {
        let gate = Gate::closed();
        let mut plan = lock(&self.0);
        plan.gates.retain(|(.., state)| !state.is_open());
        plan.gates.push((operation, point, Arc::clone(&gate.state)));
        gate
    }

    /// The planned faults that no request has met. A test that plans faults should find this empty at its end.
    pub fn unconsumed(&self) -> Vec<Unconsumed<Op, Fault>> {
        lock(&self.0).planned.clone()
    }

    /// Removes all faults and ends an outage; gates stay.
    pub fn clear(&self) {
        let mut plan = lock(&self.0);
        plan.planned.clear();
        plan.permanent.clear();
        plan.outage = None;
        plan.latency = Duration::ZERO;
    }

    pub(crate) fn plan(&self, operation: Op, times: usize, fault: Fault, about: Option<String>) {
        if times > 0 {
            lock(&self.0).planned.push(Unconsumed { operation, fault, remaining: times, about });
        }
    }

    /// Uses up one fault for any request of `operation`.
    pub(crate) fn take(&self, operation: Op) -> Option<Fault> {
        if let Some(fault) = self.take_planned(operation, None) {
            return Some(fault);
        }
        let plan = lock(&self.0);
        let permanent = plan.permanent.iter().find(|(known, _)| *known == operation)?;
        Some(permanent.1.clone())
    }

    /// Uses up one fault that was planned for `operation` and for `about` alone.
    pub(crate) fn take_about(&self, operation: Op, about: &str) -> Option<Fault> {
        self.take_planned(operation, Some(about))
    }

    fn take_planned(&self, operation: Op, about: Option<&str>) -> Option<Fault> {
        let mut plan = lock(&self.0);
        let index = plan
            .planned
            .iter()
            .position(|planned| planned.operation == operation && planned.about.as_deref() == about)?;
        let planned = &mut plan.planned[index];
        planned.remaining -= 1;
        let fault = planned.fault.clone();
        if planned.remaining == 0 {
            plan.planned.remove(index);
        }
        Some(fault)
    }

    pub(crate) fn outage_and_latency(&self) -> (Option<Outage>, Duration) {
        let plan = lock(&self.0);
        (plan.outage, plan.latency)
    }

    /// Waits at every closed gate of this operation and point.
    pub(crate) async fn wait_at_gates(&self, operation: Op, point: Point) {
        for gate in self.gates_at(operation, point) {
            gate.wait().await;
        }
    }

    fn gates_at(&self, operation: Op, point: Point) -> Vec<Arc<GateState>> {
        let plan = lock(&self.0);
        let gates = plan.gates.iter().filter(|gate| gate.0 == operation && gate.1 == point);
        gates.map(|(.., state)| Arc::clone(state)).collect()
    }
}

impl<Op, Fault> Clone for Faults<Op, Fault> {
    fn clone(&self) -> Self {
        Self(Arc::clone(&self.0))
    }
}

impl<Op, Fault> Default for Faults<Op, Fault> {
    fn default() -> Self {
        Self(Arc::new(Mutex::new(Plan {
            outage: None,
            latency: Duration::ZERO,
            planned: Vec::new(),
            permanent: Vec::new(),
            gates: Vec::new(),
        })))
    }
}

impl<Op: fmt::Debug, Fault: fmt::Debug> fmt::Debug for Faults<Op, Fault> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let plan = lock(&self.0);
        f.debug_tuple("Faults").field(&plan.planned).finish()
    }
}
