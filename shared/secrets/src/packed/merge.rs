//! Merging quiet records into packs.

use std::collections::{BTreeMap, BTreeSet};

use broker_core::clock::{Clock, Deadline};
use broker_core::id::{AppName, GrantId, OrgId};
use broker_core::port::{StoreError, Stored};
use futures_util::{StreamExt as _, stream};
use jiff::SignedDuration;

use super::locate::LocatedPack;
use super::{AT_ONCE, PackedStore, ROUNDS};
use crate::pack::{PackId, PackKey, PackNumber, PackStore};

/// Records of one app that wait for their packs.
type Waiting = BTreeMap<OrgId, Stored>;

/// The result of a merge of some records into one pack.
enum Merged {
    /// The pack holds these.
    Holds(Waiting),
    /// They are to be tried again: the pack was split, or another writer was faster.
    Again(Waiting),
}

impl<S: PackStore, C: Clock> PackedStore<S, C> {
    /// Implements [`broker_core::port::Store::pack`].
    pub(super) async fn merge_quiet(
        &self,
        app: &AppName,
        quiet: Vec<Stored>,
        deadline: Deadline,
    ) -> Result<u32, StoreError> {
        let mut waiting: Waiting = BTreeMap::new();
        for stored in quiet {
            if let Some(org) = stored.grant.id.subject.org() {
                waiting.insert(org.clone(), stored);
            }
        }
        let mut set_aside = 0;
        for _ in 0..ROUNDS {
            let mut again = Waiting::new();
            for (located, records) in self.by_pack(app, waiting).await? {
                if deadline.left(self.clock.now()) == SignedDuration::ZERO {
                    return Ok(set_aside);
                }
                match self.merge(&located, records, deadline).await {
                    Ok(Merged::Holds(records)) => set_aside += self.set_all_aside(records, deadline).await,
                    Ok(Merged::Again(records)) => again.extend(records),
                    Err(error) => {
                        tracing::warn!(app = %app, outcome = "failed", "the pack {} was not written: {error}", located.id);
                    }
                }
            }
            if again.is_empty() {
                break;
            }
            waiting = again;
        }
        Ok(set_aside)
    }

    /// The records with the packs to which they belong. Those of a pack that cannot be read wait: every sweep reports it.
    async fn by_pack(&self, app: &AppName, waiting: Waiting) -> Result<Vec<(LocatedPack, Waiting)>, StoreError> {
        let mut packs: BTreeMap<PackId, (LocatedPack, Waiting)> = BTreeMap::new();
        let mut unreadable: BTreeSet<PackNumber> = BTreeSet::new();
        for (org, stored) in waiting {
            let key = PackKey::of(&org);
            let (number, _) = self.routes.nearest(app, key);
            let known = packs.get_mut(&PackId { app: app.clone(), number });
            if let Some((_, records)) = known {
                records.insert(org, stored);
                continue;
            }
            if unreadable.contains(&number) {
                continue;
            }
            match self.locate(app, key).await {
                Ok(located) => {
                    let (_, records) = packs.entry(located.id.clone()).or_insert_with(|| (located, Waiting::new()));
                    records.insert(org, stored);
                }
                Err(StoreError::Unreadable(_)) => {
                    let (number, _) = self.routes.nearest(app, key);
                    unreadable.insert(number);
                }
                Err(error) => return Err(error),
            }
        }
        Ok(packs.into_values().collect())
    }

    async fn merge(&self, located: &LocatedPack, records: Waiting, deadline: Deadline) -> Result<Merged, StoreError> {
        let is_merged = |org: &OrgId, stored: &Stored| match located.pack.records.get(org) {
            Some(merged) => merged.version == stored.version,
            None => false,
        };
        let (mut merged, new): (Waiting, Waiting) =
            records.into_iter().partition(|(org, stored)| is_merged(org, stored));
        let now = self.clock.now();
        if new.is_empty() || !located.pack.takes(new.len(), now) {
            return Ok(Merged::Holds(merged));
        }
        let next = located.pack.merged(new.clone(), now);
        if !self.secrets.has_room_for(&next) {
            return self.make_room(located, merged, new, deadline).await;
        }
        match self.secrets.save_pack(&located.id, &next, located.version.as_ref(), deadline).await {
            Ok(_) => {
                merged.extend(new);
                Ok(Merged::Holds(merged))
            }
            Err(StoreError::Conflict) => {
                merged.extend(new);
                Ok(Merged::Again(merged))
            }
            Err(error) => Err(error),
        }
    }

    async fn make_room(
        &self,
        located: &LocatedPack,
        mut merged: Waiting,
        new: Waiting,
        deadline: Deadline,
    ) -> Result<Merged, StoreError> {
        let Some(depth) = self.depth_with_room(located, &new) else {
            tracing::warn!(app = %located.id.app, "no split makes room in the pack {}", located.id);
            return Ok(Merged::Holds(merged));
        };
        match self.split(located, depth, deadline).await {
            Ok(()) | Err(StoreError::Conflict) => {
                merged.extend(new);
                Ok(Merged::Again(merged))
            }
            Err(error) => Err(error),
        }
    }

    /// Schedules the own secrets of records for deletion, which their pack holds. Returns how many.
    async fn set_all_aside(&self, records: Waiting, deadline: Deadline) -> u32 {
        let set_aside = stream::iter(records.into_values()).map(|stored| async move {
            let id: &GrantId = &stored.grant.id;
            match self.secrets.set_aside(id, &stored.version, deadline).await {
                Ok(is_done) => u32::from(is_done),
                Err(error) => {
                    tracing::warn!(app = %id.app, subject = %id.subject, outcome = "failed", "{id}: not set aside: {error}");
                    0
                }
            }
        });
        set_aside.buffer_unordered(AT_ONCE).fold(0, |sum, one| async move { sum + one }).await
    }
}
