//! Finding the pack of a grant.

use broker_core::clock::Clock;
use broker_core::id::{AppName, GrantId};
use broker_core::port::{StoreError, Stored, Version};

use super::PackedStore;
use super::routes::next_on_route;
use crate::pack::{Pack, PackId, PackKey, PackStore, StoredPack};

/// The place of a grant among the packs of its app.
#[derive(Debug)]
pub(super) struct LocatedPack {
    pub(super) id: PackId,
    /// The pack, empty if there is none.
    pub(super) pack: Pack,
    /// Its version; `None` if nothing was ever merged into it.
    pub(super) version: Option<Version>,
}

impl<S: PackStore, C: Clock> PackedStore<S, C> {
    /// The pack to which grants with `key` belong now.
    pub(super) async fn locate(&self, app: &AppName, key: PackKey) -> Result<LocatedPack, StoreError> {
        let (mut number, mut depth) = self.routes.nearest(app, key);
        loop {
            let id = PackId { app: app.clone(), number };
            let Some(StoredPack { pack, version }) = self.secrets.load_pack(&id).await? else {
                return Ok(LocatedPack { id, pack: Pack::empty(depth), version: None });
            };
            self.routes.record(&id, &pack.depths);
            match next_on_route(number, &pack.depths, key) {
                Some(next) => (number, depth) = next,
                None => return Ok(LocatedPack { id, pack, version: Some(version) }),
            }
        }
    }

    /// The record of the grant in its pack.
    pub(super) async fn packed(&self, id: &GrantId) -> Result<Option<Stored>, StoreError> {
        let Some(org) = id.subject.org() else { return Ok(None) };
        let mut located = self.locate(&id.app, PackKey::of(org)).await?;
        Ok(located.pack.records.remove(org))
    }
}
