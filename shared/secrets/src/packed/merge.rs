//! Merging quiet records into packs.

use std::collections::BTreeMap;

use broker_core::clock::{Clock, Deadline};
use broker_core::id::{AppName, GrantId, OrgId};
use broker_core::port::{StoreError, Stored};
use futures_util::{StreamExt as _, stream};
use jiff::SignedDuration;

use super::locate::LocatedPack;
use super::{AT_ONCE, PackedStore, ROUNDS};
use crate::pack::{PackKey, PackNumber, PackStore};

/// Packs that are merged at once. Each is a read and two writes, and the deletions of its records' own secrets.
const PACKS_AT_ONCE: usize = 4;

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
            let groups = stream::iter(self.by_route(app, waiting));
            let merges = groups.map(|records| self.merge_group(app, records, deadline));
            let mut merges = merges.buffer_unordered(PACKS_AT_ONCE);
            let mut again = Waiting::new();
            let mut failed = None;
            while let Some(merged) = merges.next().await {
                match merged {
                    Ok((moved, rest)) => {
                        set_aside += moved;
                        again.extend(rest);
                    }
                    // The merges that have begun go on.
                    Err(error) => failed = Some(error),
                }
            }
            if let Some(error) = failed {
                return Err(error);
            }
            if again.is_empty() {
                break;
            }
            waiting = again;
        }
        Ok(set_aside)
    }

    /// The records by the packs to which they belong as far as it is known. None is read yet: all packs at once would take
    /// more memory than a function has.
    fn by_route(&self, app: &AppName, waiting: Waiting) -> Vec<Waiting> {
        let mut groups: BTreeMap<PackNumber, Waiting> = BTreeMap::new();
        for (org, stored) in waiting {
            let (number, _) = self.routes.nearest(app, PackKey::of(&org));
            groups.entry(number).or_default().insert(org, stored);
        }
        groups.into_values().collect()
    }

    /// Merges records into their packs, pack by pack: one if the known routes are right. Returns how many own secrets were
    /// set aside, and the records that are to be tried again.
    async fn merge_group(
        &self,
        app: &AppName,
        waiting: Waiting,
        deadline: Deadline,
    ) -> Result<(u32, Waiting), StoreError> {
        let mut set_aside = 0;
        let mut again = Waiting::new();
        let mut groups = vec![waiting];
        while let Some(waiting) = groups.pop() {
            let Some((org, _)) = waiting.first_key_value() else { continue };
            if deadline.left(self.clock.now()) == SignedDuration::ZERO {
                break;
            }
            let located = match self.locate(app, PackKey::of(org)).await {
                Ok(located) => located,
                Err(StoreError::Unreadable(_)) => {
                    groups.extend(self.elsewhere(app, waiting));
                    continue;
                }
                Err(error) => return Err(error),
            };
            let belongs_here = |org: &OrgId| PackKey::of(org).number_at(located.pack.depth()) == located.id.number;
            let (here, elsewhere): (Waiting, Waiting) = waiting.into_iter().partition(|(org, _)| belongs_here(org));
            groups.extend(self.by_route(app, elsewhere));
            match self.merge(&located, here, deadline).await {
                Ok(Merged::Holds(records)) => set_aside += self.set_all_aside(records, deadline).await,
                Ok(Merged::Again(records)) => again.extend(records),
                Err(error) => {
                    tracing::warn!(app = %app, outcome = "failed", "the pack {} was not written: {error}", located.id);
                }
            }
        }
        Ok((set_aside, again))
    }

    /// The records that belong to other packs than the first one, which cannot be read. Its own wait: every sweep reports it.
    fn elsewhere(&self, app: &AppName, waiting: Waiting) -> Vec<Waiting> {
        let number_for = |org: &OrgId| self.routes.nearest(app, PackKey::of(org)).0;
        let unreadable = waiting.keys().next().map(number_for);
        let others = waiting.into_iter().filter(|(org, _)| Some(number_for(org)) != unreadable);
        self.by_route(app, others.collect())
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
