//! The adapter while Secrets Manager fails, with the simulator's faults.

mod reads;
mod writes;

use broker_core::clock::{Clock as _, Deadline};
use jiff::SignedDuration;
use secrets::SecretsManagerStore;
use simulator::secrets::{Fault, Operation};
use simulator::{SecretsManager, Simulator};

use crate::fixture::{RealClock, SecretsFixture, SteppedClock, simulator};

/// A deployment in a simulator of its own.
struct FaultFixture {
    fixture: SecretsFixture,
    sim: SecretsManager,
    _simulator: Simulator,
}

impl FaultFixture {
    async fn new() -> Self {
        let simulator = simulator().await;
        let sim = simulator.secrets.clone();
        let fixture = SecretsFixture::at(&sim.endpoint_url(), "wtb");
        Self { fixture, sim, _simulator: simulator }
    }

    /// The same deployment in another process, at another time.
    fn store_at(&self, clock: &SteppedClock) -> SecretsManagerStore<SteppedClock> {
        SecretsManagerStore::new(self.fixture.raw.clone(), self.fixture.prefix.clone(), clock.clone())
    }

    fn fail(&self, operation: Operation, times: usize, fault: Fault) {
        self.sim.faults().fail_next(operation, times, fault);
    }

    /// The number of calls to `operation` in the journal.
    fn count(&self, operation: Operation) -> usize {
        self.sim.journal().count(operation)
    }

    /// Asserts that every planned fault has happened.
    fn assert_all_faults_met(&self) {
        let left = self.sim.faults().unconsumed();
        assert!(left.is_empty(), "{left:?}");
    }
}

/// A deadline that leaves no more than a few attempts.
fn within_ms(ms: i64) -> Deadline {
    Deadline::at(RealClock.now() + SignedDuration::from_millis(ms))
}
