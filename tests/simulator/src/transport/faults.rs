//! What is to go wrong, and when.

use std::fmt;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use super::gate::Bar;
use super::{Gate, Point, lock};

/// The faults of one stand-in. Clones share the same plan.
pub struct Faults<Op, Fault>(Arc<Mutex<Plan<Op, Fault>>>);

/// A fault that was planned and has not been met.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unconsumed<Op, Fault> {
    /// Where it waits.
    pub operation: Op,
    /// What it would do.
    pub fault: Fault,
    /// How many times more.
    pub remaining: usize,
    /// The only subject (an org, say) that it concerns.
    pub about: Option<String>,
}

struct Plan<Op, Fault> {
    outage: Option<Outage>,
    latency: Duration,
    planned: Vec<Unconsumed<Op, Fault>>,
    gates: Vec<(Op, Point, Arc<Bar>)>,
}

/// How a stand-in is down.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Outage {
    Unavailable,
    Unreachable,
}

impl<Op: Copy + Eq, Fault: Clone> Faults<Op, Fault> {
    /// Every request is answered 503 while this is on.
    pub fn outage(&self, on: bool) {
        lock(&self.0).outage = on.then_some(Outage::Unavailable);
    }

    /// Every connection is closed without an answer while this is on.
    pub fn unreachable(&self, on: bool) {
        lock(&self.0).outage = on.then_some(Outage::Unreachable);
    }

    /// Every answer takes this long in real time.
    pub fn latency(&self, latency: Duration) {
        lock(&self.0).latency = latency;
    }

    /// The next `times` requests of `operation` meet `fault`; faults planned earlier come first.
    pub fn fail_next(&self, operation: Op, times: usize, fault: Fault) {
        self.plan(operation, times, fault, None);
    }

    /// Holds every request of `operation` at `point` until the gate is released.
    pub fn gate(&self, operation: Op, point: Point) -> Gate {
        let gate = Gate::closed();
        let mut plan = lock(&self.0);
        plan.gates.retain(|(.., bar)| !bar.is_open());
        plan.gates.push((operation, point, Arc::clone(&gate.bar)));
        gate
    }

    /// What was planned and never met. A test that planned faults should find this empty at its end.
    pub fn unconsumed(&self) -> Vec<Unconsumed<Op, Fault>> {
        lock(&self.0).planned.clone()
    }

    /// Forgets all planned faults and ends an outage; gates stay.
    pub fn clear(&self) {
        let mut plan = lock(&self.0);
        plan.planned.clear();
        plan.outage = None;
        plan.latency = Duration::ZERO;
    }

    pub(crate) fn plan(&self, operation: Op, times: usize, fault: Fault, about: Option<String>) {
        if times > 0 {
            lock(&self.0).planned.push(Unconsumed { operation, fault, remaining: times, about });
        }
    }

    /// Uses up one fault planned for `operation`, and for `about` if that is given.
    pub(crate) fn take(&self, operation: Op, about: Option<&str>) -> Option<Fault> {
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

    pub(crate) fn standing(&self) -> (Option<Outage>, Duration) {
        let plan = lock(&self.0);
        (plan.outage, plan.latency)
    }

    /// Waits at every closed gate of this operation and point.
    pub(crate) async fn pass(&self, operation: Op, point: Point) {
        for bar in self.bars(operation, point) {
            bar.pass().await;
        }
    }

    fn bars(&self, operation: Op, point: Point) -> Vec<Arc<Bar>> {
        let plan = lock(&self.0);
        let here = |gate: &&(Op, Point, Arc<Bar>)| gate.0 == operation && gate.1 == point;
        let bars = plan.gates.iter().filter(here);
        bars.map(|(.., bar)| Arc::clone(bar)).collect()
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
