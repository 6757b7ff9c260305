//! The depths that packs had when they were last read.

use std::collections::HashMap;
use std::sync::Mutex;

use broker_core::id::AppName;
use broker_core::sync::lock;

use crate::pack::{PackId, PackKey, PackNumber};

/// The depths that packs had when they were last read. They only grow, so that an old one leads into the right direction.
#[derive(Debug, Default)]
pub(super) struct KnownRoutes(Mutex<HashMap<PackId, Vec<u8>>>);

impl KnownRoutes {
    pub(super) fn record(&self, id: &PackId, depths: &[u8]) {
        lock(&self.0).insert(id.clone(), depths.to_vec());
    }

    /// Whether the app is known to have packs.
    pub(super) fn lead_somewhere(&self, app: &AppName) -> bool {
        lock(&self.0).contains_key(&PackId { app: app.clone(), number: PackNumber::FIRST })
    }

    /// As far as it is known, the pack for `key`, and its depth when it was made.
    pub(super) fn nearest(&self, app: &AppName, key: PackKey) -> (PackNumber, u8) {
        let known = lock(&self.0);
        let mut nearest = (PackNumber::FIRST, 0);
        loop {
            let id = PackId { app: app.clone(), number: nearest.0 };
            let Some(next) = known.get(&id).and_then(|depths| next_on_route(nearest.0, depths, key)) else {
                return nearest;
            };
            nearest = next;
        }
    }
}

/// The pack that took the grant with `key` from the pack with this number and these depths, and the depth that it was made
/// with. `None` if the grant belongs here.
pub(super) fn next_on_route(number: PackNumber, depths: &[u8], key: PackKey) -> Option<(PackNumber, u8)> {
    for depth in depths {
        let next = key.number_at(*depth);
        if next != number {
            return Some((next, *depth));
        }
    }
    None
}
