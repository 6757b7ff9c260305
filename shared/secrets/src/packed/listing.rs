//! Listing the grants of both places.

use std::collections::HashSet;
use std::hash::{BuildHasher as _, RandomState};

use broker_core::clock::{Clock, Deadline};
use broker_core::id::GrantId;
use broker_core::port::{GrantsPage, GrantsPart, Scheduled, StoreError, Stored, Unreadable};

use super::PackedStore;
use crate::pack::{PackId, PackKey, PackStore, PacksPage, StoredPack};

impl<S: PackStore, C: Clock> PackedStore<S, C> {
    /// Implements [`broker_core::port::Store::list_grants`]: the own secrets first. A grant that is packed meanwhile is then
    /// seen in one of both places.
    pub(super) async fn list_both(
        &self,
        part: &GrantsPart,
        see: &mut (dyn FnMut(GrantsPage) + Send),
        deadline: Deadline,
    ) -> Result<Option<StoreError>, StoreError> {
        // Eight bytes a record: there may be a million of them.
        let hasher = RandomState::new();
        let mut own: HashSet<u64> = HashSet::new();
        let mut see_own = |page: GrantsPage| {
            own.extend(page.grants.iter().map(|stored| hasher.hash_one(&stored.grant.id)));
            own.extend(page.unreadable.iter().filter_map(Unreadable::grant).map(|id| hasher.hash_one(id)));
            see(page);
        };
        let cut_short = self.secrets.list_grants(part, &mut see_own, deadline).await?;
        if cut_short.is_some() {
            return Ok(cut_short);
        }
        let mut see_packed = |stored: Vec<Stored>, unreadable: Vec<Unreadable>| {
            let is_own = |stored: &Stored| own.contains(&hasher.hash_one(&stored.grant.id));
            let grants = stored.into_iter().filter(|stored| !is_own(stored)).collect();
            see(GrantsPage { grants, unreadable, are_packed: true });
        };
        match self.list_packed(part, &mut see_packed, deadline).await {
            Ok(cut_short) => Ok(cut_short),
            Err(error) => Ok(Some(error)),
        }
    }

    /// Implements [`broker_core::port::Store::scheduled_in_error`].
    pub(super) async fn scheduled_and_not_packed(
        &self,
        part: &GrantsPart,
        deadline: Deadline,
    ) -> Result<Vec<Scheduled>, StoreError> {
        let hasher = RandomState::new();
        let mut packed: HashSet<u64> = HashSet::new();
        let mut see = |stored: Vec<Stored>, _: Vec<Unreadable>| {
            packed.extend(stored.iter().map(|stored| hasher.hash_one((&stored.grant.id, stored.version.0.as_str()))));
        };
        if let Some(error) = self.list_packed(part, &mut see, deadline).await? {
            return Err(error);
        }
        let is_packed = |id: &GrantId, version: &str| packed.contains(&hasher.hash_one((id, version)));
        self.secrets.scheduled_in_error_unless(part, &is_packed, deadline).await
    }

    /// Gives the records of `part` in packs to `see`.
    async fn list_packed(
        &self,
        part: &GrantsPart,
        see: &mut (dyn FnMut(Vec<Stored>, Vec<Unreadable>) + Send),
        deadline: Deadline,
    ) -> Result<Option<StoreError>, StoreError> {
        let mut copies: Vec<(PackId, StoredPack)> = Vec::new();
        let mut see_packs = |page: PacksPage| {
            let mut records = Vec::new();
            for (id, stored) in page.packs {
                if stored.pack.copied_from.is_some() {
                    copies.push((id, stored));
                } else {
                    self.routes.record(&id, &stored.pack.depths);
                    records.extend(records_of(part, stored));
                }
            }
            see(records, page.unreadable);
        };
        let cut_short = self.secrets.list_packs(part, &mut see_packs, deadline).await?;
        for (id, stored) in copies {
            if self.leads_to(&id, &stored).await? {
                see(records_of(part, stored).collect(), Vec::new());
            }
        }
        Ok(cut_short)
    }

    /// Whether readers are led to a pack that a split has written.
    async fn leads_to(&self, id: &PackId, stored: &StoredPack) -> Result<bool, StoreError> {
        let Some(org) = stored.pack.records.keys().next() else { return Ok(false) };
        let located = self.locate(&id.app, PackKey::of(org)).await?;
        Ok(located.id == *id)
    }
}

fn records_of(part: &GrantsPart, stored: StoredPack) -> impl Iterator<Item = Stored> {
    stored.pack.records.into_values().filter(move |stored| part.covers(&stored.grant.id))
}
