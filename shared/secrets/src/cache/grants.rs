//! Grants, for vend.

mod standing;

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use broker_core::clock::Clock;
use broker_core::id::GrantId;
use broker_core::port::{Store, StoreError};
use jiff::{SignedDuration, Timestamp};

pub use standing::{Held, Record, Standing};

/// Most grants kept. A record is one or two kilobytes in memory, so that all of them fit into a tenth of the smallest
/// Lambda (128 MB); one environment seldom serves more.
const CAPACITY: usize = 4096;

/// How long a store that was away counts as away, if `CACHE_TTL` is not shorter: each read of it costs its caller the SDK's
/// retries and time-outs.
const AWAY: SignedDuration = SignedDuration::from_secs(5);

/// Grants read through a cache.
///
/// Only records are kept, not their absence: an org that has just authorised the app is not refused because of it, and
/// one that is retired costs a read, which its callers soon stop asking for.
///
/// While the store answers, nothing older than the TTL is given: how long a fence can go unseen is a promise. While it
/// does not ([`StoreError::Unavailable`]), the last record is given as [`Lookup::Outage`], however old. That does not
/// weaken the fence: it stands in the same store, and while nobody reaches that, none can be set; the first read that
/// works again shows it, at most `AWAY` later. Where the store is away for this reader alone, what bounds a fence is
/// the token's own end. A store that refuses us, or a record that cannot be read, is no outage, and with a TTL of zero
/// nothing is kept at all.
#[derive(Debug)]
pub struct CachedGrants<V, C> {
    vault: V,
    clock: C,
    ttl: SignedDuration,
    capacity: usize,
    entries: Mutex<HashMap<GrantId, Entry>>,
}

#[derive(Debug)]
struct Entry {
    /// When the read began: a fence set while it was under way may not be in it.
    read_at: Timestamp,
    record: Record,
    /// The last read, if it found the store away.
    outage: Option<Outage>,
}

#[derive(Debug)]
struct Outage {
    seen_at: Timestamp,
    operation: &'static str,
    code: String,
}

/// A grant, and where it was found.
#[derive(Debug)]
pub enum Lookup {
    /// In memory, where it has been for less than the TTL.
    Memory(Record),
    /// In the store.
    Store(Standing),
    /// In memory, for longer than that, and the store does not answer.
    Outage(Record, StoreError),
}

impl<V: Store, C: Clock> CachedGrants<V, C> {
    /// Keeps what `vault` says for `ttl` (`CACHE_TTL`) by `clock`.
    pub fn new(vault: V, ttl: SignedDuration, clock: C) -> Self {
        Self { vault, clock, ttl, capacity: CAPACITY, entries: Mutex::default() }
    }

    /// The grant, from memory if it was read less than the TTL ago, or if the store is away.
    pub async fn get(&self, id: &GrantId) -> Result<Lookup, StoreError> {
        if let Some(kept) = self.kept(id) {
            return Ok(kept);
        }
        match self.fresh(id).await {
            Ok(standing) => Ok(Lookup::Store(standing)),
            Err(error) => self.make_do(id, error),
        }
    }

    /// The grant as it stands now; it takes the place of the one in memory.
    pub async fn fresh(&self, id: &GrantId) -> Result<Standing, StoreError> {
        // The lock is not held over the read: one slow answer would stop callers of all other grants.
        let read_at = self.clock.now();
        let read = self.vault.load(id).await.map(Standing::from);
        match &read {
            Ok(standing) => self.keep(id, standing, read_at),
            Err(error) => self.note(id, error),
        }
        read
    }

    /// What needs no read: a record that is fresh, or one that was looked for in vain a moment ago.
    fn kept(&self, id: &GrantId) -> Option<Lookup> {
        let now = self.clock.now();
        let entries = self.entries();
        let entry = entries.get(id)?;
        if is_within(self.ttl, entry.read_at, now) {
            return Some(Lookup::Memory(entry.record.clone()));
        }
        let outage = entry.outage.as_ref().filter(|outage| is_within(AWAY.min(self.ttl), outage.seen_at, now))?;
        let error = StoreError::Unavailable { operation: outage.operation, code: outage.code.clone() };
        Some(Lookup::Outage(entry.record.clone(), error))
    }

    /// The record of before, if there is one and the store is away.
    fn make_do(&self, id: &GrantId, error: StoreError) -> Result<Lookup, StoreError> {
        let record = self.entries().get(id).map(|entry| entry.record.clone());
        match (record, &error) {
            (Some(record), StoreError::Unavailable { .. }) => {
                tracing::warn!(app = id.app.as_str(), subject = id.subject.as_str(), error = %error, "using the record of before");
                Ok(Lookup::Outage(record, error))
            }
            _ => Err(error),
        }
    }

    /// A store that is away is remembered for a moment; whatever else goes wrong ends what was known before.
    fn note(&self, id: &GrantId, error: &StoreError) {
        let seen_at = self.clock.now();
        let mut entries = self.entries();
        let StoreError::Unavailable { operation, code } = error else {
            entries.remove(id);
            return;
        };
        if let Some(entry) = entries.get_mut(id) {
            entry.outage = Some(Outage { seen_at, operation, code: code.clone() });
        }
    }

    /// Reads can overtake each other; the one that began last is right.
    fn keep(&self, id: &GrantId, standing: &Standing, read_at: Timestamp) {
        let mut entries = self.entries();
        if self.ttl.is_zero() || entries.get(id).is_some_and(|entry| entry.read_at > read_at) {
            return;
        }
        let Standing::Live(record) = standing else {
            entries.remove(id);
            return;
        };
        if entries.len() >= self.capacity && !entries.contains_key(id) {
            forget_oldest(&mut entries);
        }
        entries.insert(id.clone(), Entry { read_at, record: record.clone(), outage: None });
    }

    fn entries(&self) -> MutexGuard<'_, HashMap<GrantId, Entry>> {
        self.entries.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Whether less than `span` has passed since `then`. What lies in the future comes from a clock that was set back.
fn is_within(span: SignedDuration, then: Timestamp, now: Timestamp) -> bool {
    let age = now.duration_since(then);
    age >= SignedDuration::ZERO && age < span
}

fn forget_oldest(entries: &mut HashMap<GrantId, Entry>) {
    let oldest = entries.iter().min_by_key(|(_, entry)| entry.read_at);
    if let Some(id) = oldest.map(|(id, _)| id.clone()) {
        entries.remove(&id);
    }
}

#[cfg(test)]
mod tests;
