//! What is known of the marks of apps.

use std::collections::HashMap;
use std::sync::Mutex;

use broker_core::id::AppName;
use broker_core::mark::{LEASE, Mark};
use broker_core::port::StoreError;
use broker_core::sync::lock;
use jiff::{SignedDuration, Timestamp};

use crate::cache::is_within;

/// How long it is remembered that an app has no mark: a deployment without marks makes few calls more than one that never
/// looks.
const ABSENCE_MEMORY: SignedDuration = SignedDuration::from_mins(10);

/// The marks that were looked at, by app.
#[derive(Debug, Default)]
pub(super) struct KnownMarks(Mutex<HashMap<AppName, KnownMark>>);

#[derive(Debug)]
struct KnownMark {
    /// When the newest look began, whatever came of it.
    looked_at: Timestamp,
    /// The mark, and when the look began that saw it.
    seen: Option<(Mark, Timestamp)>,
    /// What was read from then on was read after everything that the mark announced.
    settled_at: Timestamp,
}

impl KnownMarks {
    /// Whether nothing was taken back from the app between `read_at` and the last look, which is younger than `ttl`.
    pub(super) fn vouch_for(&self, app: &AppName, read_at: Timestamp, ttl: SignedDuration, now: Timestamp) -> bool {
        match lock(&self.0).get(app) {
            Some(KnownMark { seen: Some((_, seen_at)), settled_at, .. }) => {
                is_within(ttl, *seen_at, now) && *settled_at <= read_at && read_at <= now
            }
            _ => false,
        }
    }

    /// Whether the last look at the mark of the app is older than `ttl`, or than [`ABSENCE_MEMORY`] if there was none.
    pub(super) fn need_look(&self, app: &AppName, ttl: SignedDuration, now: Timestamp) -> bool {
        match lock(&self.0).get(app) {
            Some(known) if known.seen.is_some() => !is_within(ttl, known.looked_at, now),
            Some(known) => !is_within(ABSENCE_MEMORY.max(ttl), known.looked_at, now),
            None => true,
        }
    }

    /// Keeps the result of a look that began at `looked_at` and ended at `now`.
    pub(super) fn record(
        &self,
        app: &AppName,
        looked_at: Timestamp,
        now: Timestamp,
        result: &Result<Option<Mark>, StoreError>,
    ) {
        let mut marks = lock(&self.0);
        let unknown = KnownMark { looked_at, seen: None, settled_at: Timestamp::MAX };
        let known = marks.entry(app.clone()).or_insert(unknown);
        known.looked_at = looked_at;
        let Ok(found) = result else { return };
        let is_unchanged = match (&known.seen, found) {
            (Some((before, _)), Some(mark)) => before == mark,
            _ => false,
        };
        if !is_unchanged {
            known.settled_at = now + LEASE;
        }
        known.seen = found.clone().map(|mark| (mark, looked_at));
    }
}
