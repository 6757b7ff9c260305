//! Packs: secrets that hold the records of many quiet grants of an app.
//!
//! A grant has a [`PackKey`]. A pack holds the grants whose keys end with the bits of its [`PackNumber`], as many bits as
//! its depth says. A pack that is full is split: its depth grows, and the grants that no longer belong to it move to the
//! packs with the longer numbers. Each pack lists its depths so far, so readers find every grant from the first pack on,
//! even if the depths that they remember are old.

mod key;
mod port;

use std::collections::BTreeMap;

use broker_core::id::OrgId;
use broker_core::port::{Stored, Version};
use jiff::{SignedDuration, Timestamp};

pub use key::{PackId, PackKey, PackNumber};
pub use port::{IsPacked, PackStore, PacksPage, RetiredSecret};

/// Merges into one pack in a day at most. A secret takes about 100 versions a day, and grants that end need some of them.
const MERGES_IN_A_DAY: usize = 4;

/// A day of merges, less the time by which one sweep may be earlier than another.
const DAY: SignedDuration = SignedDuration::from_hours(23);

/// Time between two merges. The grants of a pack are renewed together every eight hours, and a sweep may be late: newcomers wait
/// for them, so that they take none of their merges.
const BETWEEN_MERGES: SignedDuration = SignedDuration::from_hours(7);

/// Records that are merged without regard to [`BETWEEN_MERGES`].
const MANY: usize = 10;

/// The records of some quiet grants of one app.
#[derive(Debug, Clone, Default)]
pub struct Pack {
    /// The depths that the pack had, in order: the one that it was made with, and one for each split.
    pub(crate) depths: Vec<u8>,
    /// The pack from which a split has copied the records. Until that pack lists the split, nobody is led here.
    pub(crate) copied_from: Option<PackNumber>,
    /// The merges of the last day.
    pub(crate) merged_at: Vec<Timestamp>,
    /// The records, each with the version of its own secret that it was read from.
    pub records: BTreeMap<OrgId, Stored>,
}

/// A pack and the version that it was read from.
#[derive(Debug, Clone)]
pub struct StoredPack {
    /// The pack.
    pub pack: Pack,
    /// Its version.
    pub version: Version,
}

impl Pack {
    /// A pack without records. Its number has `depth` bits.
    pub(crate) fn empty(depth: u8) -> Self {
        Self { depths: vec![depth], ..Self::default() }
    }

    /// How many records it holds.
    pub fn len(&self) -> usize {
        self.records.len()
    }

    /// Whether it holds no record.
    pub fn is_empty(&self) -> bool {
        self.records.is_empty()
    }

    /// How many bits of a key decide that the grant belongs here.
    pub(crate) fn depth(&self) -> u8 {
        self.depths.last().copied().unwrap_or_default()
    }

    /// Whether `waiting` more records may be merged now.
    pub(crate) fn takes(&self, waiting: usize, now: Timestamp) -> bool {
        let merges = self.merges_in_the_last_day(now);
        match merges.last() {
            None => true,
            Some(last) => {
                merges.len() < MERGES_IN_A_DAY && (waiting >= MANY || now.duration_since(*last).abs() >= BETWEEN_MERGES)
            }
        }
    }

    /// The pack with these records as well, merged `now`.
    pub(crate) fn merged(&self, records: impl IntoIterator<Item = (OrgId, Stored)>, now: Timestamp) -> Self {
        let mut pack = self.clone();
        pack.copied_from = None;
        pack.merged_at = self.merges_in_the_last_day(now);
        pack.merged_at.push(now);
        pack.records.extend(records);
        pack
    }

    /// The pack without the record of `org`.
    pub(crate) fn without(&self, org: &OrgId) -> Self {
        let mut pack = Self { copied_from: None, ..self.clone() };
        pack.records.remove(org);
        pack
    }

    fn merges_in_the_last_day(&self, now: Timestamp) -> Vec<Timestamp> {
        self.merged_at.iter().copied().filter(|at| now.duration_since(*at).abs() < DAY).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(hour: i64) -> Timestamp {
        Timestamp::UNIX_EPOCH + SignedDuration::from_hours(hour)
    }

    fn merged_at(hours: &[i64]) -> Pack {
        Pack { merged_at: hours.iter().map(|hour| at(*hour)).collect(), ..Pack::empty(0) }
    }

    #[test]
    fn pack_takes_few_records_every_seven_hours_and_many_at_any_time() {
        for (merges, waiting, now, takes) in [
            (&[] as &[i64], 1, 0, true),
            (&[0], 1, 6, false),
            (&[0], 1, 7, true),
            (&[0], MANY, 1, true),
            (&[0, 1, 2, 3], MANY, 22, false),
            (&[0, 1, 2, 3], 1, 23, true),
            (&[30], 1, 10, true),
        ] {
            assert_eq!(merged_at(merges).takes(waiting, at(now)), takes, "{merges:?}, {waiting} waiting at {now}");
        }
    }

    #[test]
    fn merge_forgets_the_merges_of_the_day_before() {
        let pack = merged_at(&[0, 10, 20]).merged([], at(30));
        assert_eq!(pack.merged_at, [at(10), at(20), at(30)]);
    }
}
