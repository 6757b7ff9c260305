//! The port of the store that keeps packs beside the secrets of single grants.

use std::collections::BTreeSet;
use std::future::Future;

use broker_core::clock::Deadline;
use broker_core::id::{AppName, GrantId};
use broker_core::port::{GrantsPart, Scheduled, Store, StoreError, Unreadable, Version};

use super::{Pack, PackId, StoredPack};

/// The secret of a grant that could not be read because it waits for deletion.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum RetiredSecret {
    /// It can be read again, or is gone.
    Changed,
    /// It holds a revoked record, or its deletion stands in for a fence.
    Ended,
    /// It holds this version of a record that has not ended.
    SetAside(Version),
}

/// Whether a pack holds this version of a grant.
pub type IsPacked<'a> = &'a (dyn Fn(&GrantId, &str) -> bool + Send + Sync);

/// The packs of one page.
#[derive(Debug, Default)]
pub struct PacksPage {
    /// Those that could be read.
    pub packs: Vec<(PackId, StoredPack)>,
    /// Those that could not be read.
    pub unreadable: Vec<Unreadable>,
}

/// A store in which each grant has a secret of its own, and which also keeps packs.
pub trait PackStore: Store {
    /// The pack; `None` if there is none.
    fn load_pack(&self, id: &PackId) -> impl Future<Output = Result<Option<StoredPack>, StoreError>> + Send;

    /// Whether the store takes a pack of this size.
    fn has_room_for(&self, pack: &Pack) -> bool;

    /// Writes a pack over exactly the version that was `read`, or a new one. [`StoreError::Conflict`] if another writer was
    /// faster.
    fn save_pack(
        &self,
        id: &PackId,
        pack: &Pack,
        read: Option<&Version>,
        deadline: Deadline,
    ) -> impl Future<Output = Result<Version, StoreError>> + Send;

    /// Gives the packs that may hold grants of `part` to `see`, page by page. Returns why the listing ended early, if it
    /// did.
    fn list_packs(
        &self,
        part: &GrantsPart,
        see: &mut (dyn FnMut(PacksPage) + Send),
        deadline: Deadline,
    ) -> impl Future<Output = Result<Option<StoreError>, StoreError>> + Send;

    /// The reason why the own secret of a grant could not be read.
    fn retired_secret(&self, id: &GrantId) -> impl Future<Output = Result<RetiredSecret, StoreError>> + Send;

    /// Schedules the own secret of a grant for deletion if it holds exactly this version, which a pack holds as well.
    /// `false` if it holds another one.
    fn set_aside(
        &self,
        id: &GrantId,
        version: &Version,
        deadline: Deadline,
    ) -> impl Future<Output = Result<bool, StoreError>> + Send;

    /// Like [`Store::scheduled_in_error`], without the records whose version `is_packed`.
    fn scheduled_in_error_unless(
        &self,
        part: &GrantsPart,
        is_packed: IsPacked<'_>,
        deadline: Deadline,
    ) -> impl Future<Output = Result<Vec<Scheduled>, StoreError>> + Send;

    /// Those of the grants, all of one app, whose own secret can be read.
    fn with_own_secret(
        &self,
        app: &AppName,
        ids: &[GrantId],
        deadline: Deadline,
    ) -> impl Future<Output = Result<BTreeSet<GrantId>, StoreError>> + Send;
}
