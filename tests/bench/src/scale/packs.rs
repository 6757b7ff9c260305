//! Packs in little memory: of each record the place of its grant, its version and its age.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Bound;

use broker_core::clock::{Clock as _, Deadline};
use broker_core::id::{AppName, GrantId};
use broker_core::port::{GrantsPart, Scheduled, StoreError, Stored, Version};
use jiff::Timestamp;
use secrets::{IsPacked, Pack, PackId, PackStore, PacksPage, RetiredSecret, StoredPack, walk};

use super::made_up::APP;
use super::pages::{BATCH, WaitingPages, stopped};
use super::quota::Operation;
use super::rows::{GrantRows, OwnSecret};
use super::store::{ScaleStore, StoreState};

/// Records that fit into a pack: 360 characters each (`records_of_half_a_year_take_360_characters` in the crate `secrets`).
const ROOM: usize = LARGEST / 360;
/// The most characters of a pack's document.
const LARGEST: usize = 49_152;

/// The packs by name.
#[derive(Default)]
pub(super) struct PackRows(BTreeMap<String, PackRow>);

struct PackRow {
    id: PackId,
    version: u64,
    /// The pack without its records.
    pack: Pack,
    records: Vec<PackedRow>,
}

struct PackedRow {
    n: usize,
    version: Version,
    renewed_at: Timestamp,
}

impl PackRows {
    /// How many there are.
    pub(super) fn len(&self) -> usize {
        self.0.len()
    }

    fn get(&self, name: &str, rows: &GrantRows) -> Option<StoredPack> {
        let row = self.0.get(name)?;
        let mut pack = row.pack.clone();
        for record in &row.records {
            let grant = rows.made_up(record.n, record.renewed_at);
            let Some(org) = grant.id.subject.org().cloned() else { continue };
            pack.records.insert(org, Stored { grant, version: record.version.clone() });
        }
        Some(StoredPack { pack, version: Version(row.version.to_string()) })
    }

    fn save(
        &mut self,
        id: &PackId,
        pack: &Pack,
        read: Option<&Version>,
        rows: &GrantRows,
    ) -> Result<Version, StoreError> {
        let name = id.number.to_string();
        let version = self.0.get(&name).map(|row| row.version);
        if version.map(|version| version.to_string()) != read.map(|read| read.0.clone()) {
            return Err(StoreError::Conflict);
        }
        let records = pack.records.values().filter_map(|stored| {
            let n = rows.find(&stored.grant.id)?;
            Some(PackedRow { n, version: stored.version.clone(), renewed_at: stored.grant.renewed_at? })
        });
        let version = version.unwrap_or_default() + 1;
        let records = records.collect();
        let mut empty = pack.clone();
        empty.records.clear();
        let row = PackRow { id: id.clone(), version, pack: empty, records };
        self.0.insert(name, row);
        Ok(Version(version.to_string()))
    }

    /// The names of the next packs that begin with `prefix`, a page of them.
    fn page(&self, prefix: &str, after: Option<&str>) -> Vec<String> {
        let start = match after {
            Some(after) => Bound::Excluded(after),
            None => Bound::Included(prefix),
        };
        let names = self.0.range::<str, _>((start, Bound::Unbounded)).map(|(name, _)| name);
        names.take_while(|name| name.starts_with(prefix)).take(BATCH).cloned().collect()
    }
}

impl ScaleStore {
    /// One page of packs, with the memory that its documents take until they are read.
    async fn read_packs(&self, names: &[String]) -> PacksPage {
        let answer: Vec<u8> = Vec::with_capacity(names.len() * LARGEST);
        self.call(Operation::Batch).await;
        drop(answer);
        let state = self.state();
        let packs = names.iter().filter_map(|name| {
            let id = state.packs.0.get(name)?.id.clone();
            Some((id, state.packs.get(name, &state.rows)?))
        });
        PacksPage { packs: packs.collect(), unreadable: Vec::new() }
    }
}

impl PackStore for ScaleStore {
    async fn load_pack(&self, id: &PackId) -> Result<Option<StoredPack>, StoreError> {
        self.call(Operation::Get).await;
        let state = self.state();
        Ok(state.packs.get(&id.number.to_string(), &state.rows))
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
        if read.is_some() {
            self.call(Operation::Put).await;
            self.call(Operation::Move).await;
        } else {
            self.call(Operation::Create).await;
        }
        let mut state = self.state();
        let StoreState { packs, rows, .. } = &mut *state;
        packs.save(id, pack, read, rows)
    }

    async fn list_packs(
        &self,
        part: &GrantsPart,
        see: &mut (dyn FnMut(PacksPage) + Send),
        deadline: Deadline,
    ) -> Result<Option<StoreError>, StoreError> {
        let prefix = match part {
            GrantsPart::Initial { initial, .. } if !initial.is_ascii_hexdigit() => return Ok(None),
            GrantsPart::Initial { initial, .. } => initial.to_string(),
            GrantsPart::App(app) if app.as_str() != APP => return Ok(None),
            GrantsPart::All | GrantsPart::App(_) => String::new(),
        };
        let shared = shared_packs(&prefix);
        if !shared.is_empty() {
            see(self.read_packs(&shared).await);
        }
        let mut last: Option<String> = None;
        loop {
            let names = self.state().packs.page(&prefix, last.as_deref());
            see(self.read_packs(&names).await);
            if names.len() < BATCH {
                return Ok(None);
            }
            last = names.last().cloned();
            if let Some(stopped) = stopped(deadline, self.clock.now()) {
                return Ok(Some(stopped));
            }
        }
    }

    async fn retired_secret(&self, id: &GrantId) -> Result<RetiredSecret, StoreError> {
        self.call(Operation::Describe).await;
        let (n, secret) = self.own_secret(id);
        let state = self.state();
        Ok(match secret {
            OwnSecret::Absent | OwnSecret::Live => RetiredSecret::Changed,
            OwnSecret::Waiting(_) if state.rows.has_ended(n) => RetiredSecret::Ended,
            OwnSecret::Waiting(_) => RetiredSecret::SetAside(state.rows.version(n)),
        })
    }

    async fn set_aside(&self, id: &GrantId, version: &Version, _: Deadline) -> Result<bool, StoreError> {
        self.call(Operation::Describe).await;
        let (n, secret) = self.own_secret(id);
        if secret != OwnSecret::Live || self.state().rows.version(n) != *version {
            return Ok(false);
        }
        match self.delete(id, version).await {
            Ok(()) => Ok(true),
            Err(StoreError::Conflict) => Ok(false),
            Err(error) => Err(error),
        }
    }

    async fn scheduled_in_error_unless(
        &self,
        part: &GrantsPart,
        is_packed: IsPacked<'_>,
        deadline: Deadline,
    ) -> Result<Vec<Scheduled>, StoreError> {
        let pages = WaitingPages::new(self, is_packed, deadline);
        // The adapter returns what it has found when time is up.
        let _ = walk(&pages, &part.to_string()).await;
        Ok(pages.into_found())
    }

    async fn with_own_secret(&self, _: &AppName, _: &[GrantId], _: Deadline) -> Result<BTreeSet<GrantId>, StoreError> {
        Err(StoreError::Unavailable { operation: "BatchGetSecretValue", code: "unused".to_owned() })
    }
}

/// The names of the packs with fewer than four bits that hold grants with this initial, as the adapter reads them.
fn shared_packs(initial: &str) -> Vec<String> {
    let Ok(digit) = u32::from_str_radix(initial, 16) else { return Vec::new() };
    let shared: BTreeSet<u32> =
        (0..4).map(|bits| digit & ((1 << bits) - 1)).filter(|number| *number != digit).collect();
    shared.into_iter().map(|number| format!("{number:x}")).collect()
}
