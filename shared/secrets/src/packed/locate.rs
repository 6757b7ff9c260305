//! Finding the pack of a grant.

use broker_core::clock::Clock;
use broker_core::id::{AppName, GrantId};
use broker_core::port::{StoreError, Stored};

use super::PackedStore;
use super::routes::next_on_route;
use crate::pack::{Pack, PackId, PackKey, PackStore, StoredPack};

/// The place of a grant among the packs of its app.
#[derive(Debug)]
pub(super) struct LocatedPack {
    pub(super) id: PackId,
    /// The depth of the pack.
    pub(super) depth: u8,
    /// The pack; `None` if nothing was ever merged into it.
    pub(super) stored: Option<StoredPack>,
}

impl LocatedPack {
    /// The pack, empty if there is none.
    pub(super) fn pack(&self) -> Pack {
        match &self.stored {
            Some(stored) => stored.pack.clone(),
            None => Pack::empty(self.depth),
        }
    }
}

impl<S: PackStore, C: Clock> PackedStore<S, C> {
    /// The pack to which grants with `key` belong now.
    pub(super) async fn locate(&self, app: &AppName, key: PackKey) -> Result<LocatedPack, StoreError> {
        let (mut number, mut depth) = self.routes.nearest(app, key);
        loop {
            let id = PackId { app: app.clone(), number };
            let Some(stored) = self.secrets.load_pack(&id).await? else {
                return Ok(LocatedPack { id, depth, stored: None });
            };
            self.routes.record(&id, &stored.pack.depths);
            match next_on_route(number, &stored.pack.depths, key) {
                Some(next) => (number, depth) = next,
                None => return Ok(LocatedPack { id, depth: stored.pack.depth(), stored: Some(stored) }),
            }
        }
    }

    /// The record of the grant in its pack.
    pub(super) async fn packed(&self, id: &GrantId) -> Result<Option<Stored>, StoreError> {
        let Some(org) = id.subject.org() else { return Ok(None) };
        let located = self.locate(&id.app, PackKey::of(org)).await?;
        Ok(located.stored.and_then(|stored| stored.pack.records.get(org).cloned()))
    }
}
