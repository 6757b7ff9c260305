//! Grants, for vend.

use std::collections::HashMap;

use broker_core::clock::Clock;
use broker_core::id::GrantId;
use broker_core::port::{Found, StoreError, Stored, Vault};
use jiff::{SignedDuration, Timestamp};
use tokio::sync::Mutex;

/// Most grants kept. A record is two or three kilobytes in memory, so that all of them fit into a tenth of the smallest
/// Lambda (128 MB); one environment seldom serves more.
const CAPACITY: usize = 4096;

/// Grants read through a cache.
///
/// Only records are kept, not their absence: an org that has just authorised the app is not refused because of it, and
/// one that is retired costs a read, which its callers soon stop asking for. A failed read is never answered from an
/// entry that is too old: how long a fence can go unseen is a promise.
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
    stored: Box<Stored>,
}

/// A grant, and whether it cost a call.
#[derive(Debug)]
pub struct Lookup {
    /// What stands there.
    pub found: Found,
    /// Whether it was in memory.
    pub hit: bool,
}

impl<V: Vault, C: Clock> CachedGrants<V, C> {
    /// Keeps what `vault` says for `ttl` (`CACHE_TTL`) by `clock`.
    pub fn new(vault: V, ttl: SignedDuration, clock: C) -> Self {
        Self { vault, clock, ttl, capacity: CAPACITY, entries: Mutex::default() }
    }

    /// The grant, from memory if it was read less than the TTL ago.
    pub async fn get(&self, id: &GrantId) -> Result<Lookup, StoreError> {
        if let Some(stored) = self.kept(id).await {
            let found = Found::Live(stored);
            return Ok(Lookup { found, hit: true });
        }
        let found = self.fresh(id).await?;
        Ok(Lookup { found, hit: false })
    }

    /// The grant as it stands now; it takes the place of the one in memory.
    pub async fn fresh(&self, id: &GrantId) -> Result<Found, StoreError> {
        // The lock is not held over the read: one slow answer would stop callers of all other grants.
        let read_at = self.clock.now();
        let found = self.vault.load(id).await?;
        self.keep(id, &found, read_at).await;
        Ok(found)
    }

    async fn kept(&self, id: &GrantId) -> Option<Box<Stored>> {
        let now = self.clock.now();
        let entries = self.entries.lock().await;
        let entry = entries.get(id).filter(|entry| entry.is_fresh(now, self.ttl))?;
        Some(entry.stored.clone())
    }

    /// Reads can overtake each other; the one that began last is right.
    async fn keep(&self, id: &GrantId, found: &Found, read_at: Timestamp) {
        let mut entries = self.entries.lock().await;
        if entries.get(id).is_some_and(|entry| entry.read_at > read_at) {
            return;
        }
        let Found::Live(stored) = found else {
            entries.remove(id);
            return;
        };
        if entries.len() >= self.capacity && !entries.contains_key(id) {
            forget_oldest(&mut entries);
        }
        let stored = stored.clone();
        entries.insert(id.clone(), Entry { read_at, stored });
    }
}

impl Entry {
    /// An entry from the future comes from a clock that was set back, and is as good as none.
    fn is_fresh(&self, now: Timestamp, ttl: SignedDuration) -> bool {
        let age = now.duration_since(self.read_at);
        age >= SignedDuration::ZERO && age < ttl
    }
}

fn forget_oldest(entries: &mut HashMap<GrantId, Entry>) {
    let oldest = entries.iter().min_by_key(|(_, entry)| entry.read_at);
    if let Some(id) = oldest.map(|(id, _)| id.clone()) {
        entries.remove(&id);
    }
}

#[cfg(test)]
mod tests;
