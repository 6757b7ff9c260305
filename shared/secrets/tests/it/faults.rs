//! The vault while the store fails, with the simulator.

mod reads;
mod writes;

use broker_core::clock::{Clock as _, Deadline};
use jiff::SignedDuration;
use simulator::secrets::{Fault, Operation};
use simulator::{SecretsManager, Simulator};

use crate::shop::{Real, Shop, simulator};

/// A shop in a simulator of its own.
struct Scene {
    shop: Shop,
    store: SecretsManager,
    _simulator: Simulator,
}

impl Scene {
    async fn new() -> Self {
        let simulator = simulator().await;
        let store = simulator.secrets.clone();
        let shop = Shop::at(&store.endpoint_url(), "wtb");
        Self { shop, store, _simulator: simulator }
    }

    fn fail(&self, operation: Operation, times: usize, fault: Fault) {
        self.store.faults().fail_next(operation, times, fault);
    }

    /// How often `operation` was asked since this was last forgotten.
    fn count(&self, operation: Operation) -> usize {
        self.store.journal().count(operation)
    }

    /// That what was planned to go wrong did go wrong.
    fn assert_all_faults_met(&self) {
        let left = self.store.faults().unconsumed();
        assert!(left.is_empty(), "{left:?}");
    }
}

/// A deadline that leaves no more than a few attempts.
fn within_ms(ms: i64) -> Deadline {
    Deadline::at(Real.now() + SignedDuration::from_millis(ms))
}
