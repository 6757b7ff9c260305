//! Grants, for vend.

mod cached;
mod marks;

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard};

use broker_core::clock::Clock;
use broker_core::id::{AppName, GrantId};
use broker_core::port::{Found, Store, StoreError};
use broker_core::sync::lock;
use jiff::{SignedDuration, Timestamp};

use self::cached::cached;
pub use self::cached::{CachedGrant, CachedPair};
use self::marks::KnownMarks;
use super::is_within;

/// Most grants in memory. One takes one or two kilobytes, so all of them fit into a tenth of the smallest Lambda
/// (128 MB); an environment seldom serves more.
const CAPACITY: usize = 4096;

/// How long an outage of the store is remembered, unless `CACHE_TTL` is shorter. Without this each caller would wait for
/// the SDK's retries and time-outs.
const OUTAGE_MEMORY: SignedDuration = SignedDuration::from_secs(5);

/// Grants read through a cache.
///
/// Only live records are cached, not their absence: an org that has just authorised the app is vended at once, and for a
/// retired grant callers soon stop asking.
///
/// A record older than the TTL is served only if the mark of its app, looked at within the TTL, says that nothing was taken
/// back since: so no fence goes unseen for longer than the TTL. In the last quarter of its token's life, and where there
/// is no mark, a record is read again after each TTL. During an outage ([`StoreError::Unavailable`]) the last known record is served as [`CacheLookup::Outage`], however old. That
/// does not weaken the fence: it is set in the same store, so none can be set while the store is unreachable, and the
/// first read that works again shows it, at most `OUTAGE_MEMORY` later. If the store is unreachable for this
/// environment alone, the token's own end is the bound. A store that refuses the read, or a record that cannot be
/// read, is no outage. With a TTL of zero nothing is cached at all.
#[derive(Debug)]
pub struct CachedGrants<S, C> {
    store: S,
    clock: C,
    ttl: SignedDuration,
    capacity: usize,
    entries: Mutex<HashMap<GrantId, GrantEntry>>,
    marks: KnownMarks,
}

#[derive(Debug)]
struct GrantEntry {
    /// When the read began: a fence that is set during the read may be missing from its result.
    read_at: Timestamp,
    grant: CachedGrant,
    /// The outage that the newest read met, if it met one.
    outage: Option<StoreOutage>,
}

impl GrantEntry {
    /// Whether its token is not in the last quarter of its life.
    fn lasts(&self, now: Timestamp) -> bool {
        self.grant.lasts_until.is_some_and(|until| now < until)
    }
}

#[derive(Debug)]
struct StoreOutage {
    seen_at: Timestamp,
    operation: &'static str,
    code: String,
}

/// A grant, and where it was found.
#[derive(Debug)]
pub enum CacheLookup {
    /// In memory, younger than the TTL or vouched for by the mark of its app.
    Memory(CachedGrant),
    /// In the store.
    Store(Found<CachedGrant>),
    /// In memory, older than the TTL, and the store does not answer.
    Outage(CachedGrant, StoreError),
}

impl<S: Store, C: Clock> CachedGrants<S, C> {
    /// Caches the records of `store` for `ttl` (`CACHE_TTL`).
    pub fn new(store: S, ttl: SignedDuration, clock: C) -> Self {
        Self { store, clock, ttl, capacity: CAPACITY, entries: Mutex::default(), marks: KnownMarks::default() }
    }

    /// The grant, from memory if that is young enough, nothing was taken back, or the store is unavailable.
    pub async fn get(&self, id: &GrantId) -> Result<CacheLookup, StoreError> {
        if let Some(lookup) = self.lookup_in_memory(id) {
            return Ok(lookup);
        }
        if self.mark_may_vouch(id) {
            if let Err(error @ StoreError::Unavailable { .. }) = self.look_at_mark(&id.app).await {
                self.record_error(id, &error);
                return self.last_known(id, error);
            }
            if let Some(lookup) = self.lookup_in_memory(id) {
                return Ok(lookup);
            }
        }
        match self.fresh(id).await {
            Ok(found) => Ok(CacheLookup::Store(found)),
            Err(error) => self.last_known(id, error),
        }
    }

    /// The grant as the store has it now. The result replaces the one in memory.
    pub async fn fresh(&self, id: &GrantId) -> Result<Found<CachedGrant>, StoreError> {
        // The lock is not held during the read: one slow answer would stop callers of all other grants.
        let read_at = self.clock.now();
        let read = self.store.load(id).await.map(cached);
        match &read {
            Ok(found) => self.record_found(id, found, read_at),
            Err(error) => self.record_error(id, error),
        }
        read
    }

    /// Whether a look at the mark of the grant's app may save reading the record.
    fn mark_may_vouch(&self, id: &GrantId) -> bool {
        let now = self.clock.now();
        let lasts = match self.entries().get(id) {
            Some(entry) => entry.lasts(now),
            None => false,
        };
        lasts && self.marks.need_look(&id.app, self.ttl, now)
    }

    async fn look_at_mark(&self, app: &AppName) -> Result<(), StoreError> {
        let looked_at = self.clock.now();
        let result = self.store.mark(app).await;
        self.marks.record(app, looked_at, self.clock.now(), &result);
        result.map(drop)
    }

    /// The answer that needs no read: a record younger than the TTL or vouched for, or an older one during a remembered
    /// outage.
    fn lookup_in_memory(&self, id: &GrantId) -> Option<CacheLookup> {
        let now = self.clock.now();
        let entries = self.entries();
        let entry = entries.get(id)?;
        let is_vouched_for = || entry.lasts(now) && self.marks.vouch_for(&id.app, entry.read_at, self.ttl, now);
        if is_within(self.ttl, entry.read_at, now) || is_vouched_for() {
            return Some(CacheLookup::Memory(entry.grant.clone()));
        }
        let outage = entry.outage.as_ref()?;
        if !is_within(OUTAGE_MEMORY.min(self.ttl), outage.seen_at, now) {
            return None;
        }
        let error = StoreError::Unavailable { operation: outage.operation, code: outage.code.clone() };
        Some(CacheLookup::Outage(entry.grant.clone(), error))
    }

    /// The last known record after a failed read, if the store is unavailable. Otherwise `error` itself.
    fn last_known(&self, id: &GrantId, error: StoreError) -> Result<CacheLookup, StoreError> {
        let grant = self.entries().get(id).map(|entry| entry.grant.clone());
        match (grant, &error) {
            (Some(grant), StoreError::Unavailable { .. }) => {
                tracing::warn!(
                    app = id.app.as_str(),
                    subject = id.subject.as_str(),
                    error = %error,
                    "serving the last known record; Secrets Manager is unavailable"
                );
                Ok(CacheLookup::Outage(grant, error))
            }
            _ => Err(error),
        }
    }

    /// Remembers an outage. After any other error the last known record is not served any more.
    fn record_error(&self, id: &GrantId, error: &StoreError) {
        let seen_at = self.clock.now();
        let mut entries = self.entries();
        let StoreError::Unavailable { operation, code } = error else {
            entries.remove(id);
            return;
        };
        if let Some(entry) = entries.get_mut(id) {
            entry.outage = Some(StoreOutage { seen_at, operation, code: code.clone() });
        }
    }

    /// Caches the result of a read, unless a read that began later has finished before.
    fn record_found(&self, id: &GrantId, found: &Found<CachedGrant>, read_at: Timestamp) {
        if self.ttl.is_zero() {
            return;
        }
        let mut entries = self.entries();
        if let Some(entry) = entries.get(id)
            && entry.read_at > read_at
            && entry.read_at <= self.clock.now()
        {
            return;
        }
        let Found::Live(grant) = found else {
            entries.remove(id);
            return;
        };
        if entries.len() >= self.capacity && !entries.contains_key(id) {
            remove_oldest(&mut entries);
        }
        entries.insert(id.clone(), GrantEntry { read_at, grant: CachedGrant::clone(grant), outage: None });
    }

    fn entries(&self) -> MutexGuard<'_, HashMap<GrantId, GrantEntry>> {
        lock(&self.entries)
    }
}

fn remove_oldest(entries: &mut HashMap<GrantId, GrantEntry>) {
    let oldest = entries.iter().min_by_key(|(_, entry)| entry.read_at);
    if let Some(id) = oldest.map(|(id, _)| id.clone()) {
        entries.remove(&id);
    }
}

#[cfg(test)]
mod tests;
