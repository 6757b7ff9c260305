//! Packs beside the rows. A pack has room for one record, so that the model's few grants split it.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex};

use broker_core::clock::{Clock as _, Deadline};
use broker_core::grant::State;
use broker_core::id::{AppName, GrantId};
use broker_core::port::{GrantsPart, Scheduled, Store as _, StoreError, Version};
use secrets::{IsPacked, Pack, PackId, PackStore, PacksPage, RetiredSecret, StoredPack};

use super::super::clock::pause;
use super::ModelStore;

const ROOM: usize = 1;

/// The packs, each with its version.
#[derive(Clone, Default)]
pub(super) struct ModelPacks(Arc<Mutex<BTreeMap<PackId, (u64, Pack)>>>);

impl ModelPacks {
    fn get(&self, id: &PackId) -> Option<StoredPack> {
        let packs = self.0.lock().unwrap();
        let (version, pack) = packs.get(id)?;
        Some(StoredPack { pack: pack.clone(), version: Version(version.to_string()) })
    }

    fn save(&self, id: &PackId, pack: &Pack, read: Option<&Version>) -> Result<Version, StoreError> {
        let mut packs = self.0.lock().unwrap();
        let current = packs.get(id).map(|(version, _)| *version);
        if current.map(|version| version.to_string()) != read.map(|version| version.0.clone()) {
            return Err(StoreError::Conflict);
        }
        let next = current.unwrap_or_default() + 1;
        packs.insert(id.clone(), (next, pack.clone()));
        Ok(Version(next.to_string()))
    }
}

impl PackStore for ModelStore {
    async fn load_pack(&self, id: &PackId) -> Result<Option<StoredPack>, StoreError> {
        pause().await;
        Ok(self.packs.get(id))
    }

    fn has_room_for(&self, pack: &Pack) -> bool {
        pack.len() <= ROOM
    }

    async fn save_pack(
        &self,
        id: &PackId,
        pack: &Pack,
        read: Option<&Version>,
        _: Deadline,
    ) -> Result<Version, StoreError> {
        pause().await;
        let saved = self.packs.save(id, pack, read);
        let orgs: Vec<GrantId> = self.rows().keys().cloned().collect();
        for id in &orgs {
            self.log(id);
        }
        pause().await;
        saved
    }

    async fn list_packs(
        &self,
        _: &GrantsPart,
        see: &mut (dyn FnMut(PacksPage) + Send),
        _: Deadline,
    ) -> Result<Option<StoreError>, StoreError> {
        let ids: Vec<PackId> = self.packs.0.lock().unwrap().keys().cloned().collect();
        for id in ids {
            pause().await;
            let packs = self.packs.get(&id).map(|stored| (id, stored)).into_iter().collect();
            see(PacksPage { packs, unreadable: Vec::new() });
        }
        Ok(None)
    }

    async fn retired_secret(&self, id: &GrantId) -> Result<RetiredSecret, StoreError> {
        pause().await;
        Ok(match self.row(id) {
            Some(row) if row.scheduled_at.is_some() => {
                if row.grant.state == State::Revoked || row.withheld_at.is_some() {
                    RetiredSecret::Ended
                } else {
                    RetiredSecret::SetAside(Version(row.version.to_string()))
                }
            }
            _ => RetiredSecret::Changed,
        })
    }

    async fn set_aside(&self, id: &GrantId, version: &Version, deadline: Deadline) -> Result<bool, StoreError> {
        pause().await;
        let holds_it = |store: &Self| store.row(id).is_some_and(|row| row.version.to_string() == version.0);
        if !holds_it(self) {
            return Ok(false);
        }
        let now = self.clock.now();
        self.write(id, deadline, |row| {
            if let Some(row) = row {
                row.scheduled_at = Some(now);
            }
            Ok(())
        })
        .await?;
        if holds_it(self) {
            return Ok(true);
        }
        self.restore(id, deadline).await?;
        Ok(false)
    }

    async fn scheduled_in_error_unless(
        &self,
        part: &GrantsPart,
        is_packed: IsPacked<'_>,
        deadline: Deadline,
    ) -> Result<Vec<Scheduled>, StoreError> {
        let mut scheduled = self.scheduled_in_error(part, deadline).await?;
        scheduled.retain(|it| {
            let version = self.row(&it.id).map(|row| row.version.to_string()).unwrap_or_default();
            it.fenced_at.is_some() || !is_packed(&it.id, &version)
        });
        Ok(scheduled)
    }

    async fn with_own_secret(
        &self,
        _: &AppName,
        ids: &[GrantId],
        _: Deadline,
    ) -> Result<BTreeSet<GrantId>, StoreError> {
        pause().await;
        let can_be_read = |id: &&GrantId| self.row(id).is_some_and(|row| row.scheduled_at.is_none());
        Ok(ids.iter().filter(can_be_read).cloned().collect())
    }
}
