//! The rows, and what readers find in them.

use std::collections::BTreeMap;
use std::sync::{Arc, MutexGuard};

use broker_core::clock::{Clock as _, Deadline};
use broker_core::id::{GrantId, OrgId};
use broker_core::port::{Found, Store as _, StoreError, Stored};
use secrets::PackedStore;

use super::super::clock::{ModelClock, pause};
use super::super::run::run_alone;
use super::super::warm_vend::ReadableTokens;
use super::super::webex::ModelWebex;
use super::packs::ModelPacks;
use super::{ModelStore, RECOVERY, Row, TIME_OUTS};

impl ModelStore {
    pub(in crate::model) fn new(orgs: Vec<OrgId>, clock: ModelClock, webex: ModelWebex) -> Self {
        Self {
            rows: Arc::default(),
            packs: ModelPacks::default(),
            orgs,
            mark: Arc::default(),
            readable: ReadableTokens::default(),
            clock,
            webex,
        }
    }

    pub(super) fn row(&self, id: &GrantId) -> Option<Row> {
        self.rows().get(id).cloned()
    }

    /// The rows that are not deleted for good.
    pub(super) fn rows(&self) -> MutexGuard<'_, BTreeMap<GrantId, Row>> {
        let mut rows = self.rows.lock().unwrap();
        let now = self.clock.now();
        rows.retain(|_, row| row.scheduled_at.is_none_or(|at| now.duration_since(at) < RECOVERY));
        rows
    }

    /// What a reader finds of the grant, in its row or in a pack.
    pub(in crate::model) fn seen(&self, id: &GrantId) -> Found<Stored> {
        run_alone(PackedStore::new(self.clone(), self.clock.clone()).load(id)).unwrap()
    }

    /// Changes one row by `change` between two pauses, unless the deadline was too long ago.
    pub(super) async fn write<T>(
        &self,
        id: &GrantId,
        deadline: Deadline,
        change: impl FnOnce(Option<&mut Row>) -> Result<T, StoreError>,
    ) -> Result<T, StoreError> {
        pause().await;
        let now = self.clock.now();
        if deadline.left(now - TIME_OUTS).is_zero() {
            return Err(StoreError::Unavailable { operation: "a write", code: "timed out".to_owned() });
        }
        let changed = change(self.rows().get_mut(id));
        self.log(id);
        pause().await;
        changed
    }

    /// Logs what readers of the grant get from now on.
    pub(super) fn log(&self, id: &GrantId) {
        let token = match self.seen(id) {
            Found::Live(stored) => stored.grant.vendable().map(|pair| pair.access_token.clone()),
            Found::Absent | Found::Retired => None,
        };
        self.readable.log(id, token, self.clock.now(), &self.webex);
    }
}
