//! Splitting a pack that is full.

use std::collections::BTreeMap;

use broker_core::clock::{Clock, Deadline};
use broker_core::id::OrgId;
use broker_core::port::{StoreError, Stored};

use super::PackedStore;
use super::locate::LocatedPack;
use crate::pack::{Pack, PackId, PackKey, PackNumber, PackStore};

/// Records by the pack to which they belong after a split.
type Shares = BTreeMap<PackNumber, BTreeMap<OrgId, Stored>>;

impl<S: PackStore, C: Clock> PackedStore<S, C> {
    /// The depth of the pack after a split that makes room for the records that wait. `None` if it cannot be split.
    ///
    /// A pack that exists is halved, whoever waits: if two processes split the same version at once, what they write to the
    /// other half is the same.
    pub(super) fn depth_with_room(&self, located: &LocatedPack, waiting: &BTreeMap<OrgId, Stored>) -> Option<u8> {
        let mut depths = located.pack.depth() + 1..=PackKey::BITS;
        if located.version.is_some() {
            return depths.next();
        }
        depths.find(|depth| {
            let mut shares = shares(waiting.clone(), *depth).into_values();
            shares.all(|records| self.secrets.has_room_for(&Pack { records, ..Pack::empty(*depth) }))
        })
    }

    /// Splits the pack. A crash leaves packs that nobody is led to, and that the next split of the same pack writes over.
    pub(super) async fn split(&self, located: &LocatedPack, depth: u8, deadline: Deadline) -> Result<(), StoreError> {
        let mut shares = shares(located.pack.records.clone(), depth);
        let mut kept = Pack { records: shares.remove(&located.id.number).unwrap_or_default(), ..located.pack.clone() };
        kept.depths.push(depth);
        if located.version.is_some() {
            let other = PackId { app: located.id.app.clone(), number: located.id.number.other_half(depth) };
            let moved = shares.remove(&other.number).unwrap_or_default();
            self.write_other_half(located, &other, Pack { records: moved, ..Pack::empty(depth) }, deadline).await?;
        }
        self.secrets.save_pack(&located.id, &kept, located.version.as_ref(), deadline).await?;
        self.routes.record(&located.id, &kept.depths);
        tracing::info!(app = %located.id.app, depth, "the pack {} was split", located.id);
        Ok(())
    }

    /// Writes what moves, over what a crash has left there.
    async fn write_other_half(
        &self,
        located: &LocatedPack,
        other: &PackId,
        moved: Pack,
        deadline: Deadline,
    ) -> Result<(), StoreError> {
        let left_over = self.secrets.load_pack(other).await?;
        if left_over.is_none() && moved.is_empty() {
            return Ok(());
        }
        // As long as the pack is what was read, nobody was led to what a crash has left over.
        let now = self.secrets.load_pack(&located.id).await?;
        if now.map(|stored| stored.version) != located.version {
            return Err(StoreError::Conflict);
        }
        let moved = Pack { copied_from: Some(located.id.number), ..moved };
        let over = left_over.map(|stored| stored.version);
        self.secrets.save_pack(other, &moved, over.as_ref(), deadline).await?;
        Ok(())
    }
}

fn shares(records: BTreeMap<OrgId, Stored>, depth: u8) -> Shares {
    let mut shares = Shares::new();
    for (org, stored) in records {
        shares.entry(PackKey::of(&org).number_at(depth)).or_default().insert(org, stored);
    }
    shares
}
