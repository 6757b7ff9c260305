//! Warm environments of vend. What one serves from memory was not taken back longer ago than `CACHE_TTL`.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use broker_core::clock::Clock as _;
use broker_core::grant::State;
use broker_core::id::GrantId;
use broker_core::mark::LEASE;
use broker_core::port::Found;
use broker_core::token::{AccessToken, Fingerprint};
use jiff::{SignedDuration, Timestamp};
use secrets::{CacheLookup, CachedGrant, CachedGrants, PackedStore};

use super::clock::ModelClock;
use super::store::ModelStore;
use super::webex::ModelWebex;

pub(super) const ENVIRONMENTS: usize = 2;
const CACHE_TTL: SignedDuration = SignedDuration::from_secs(60);

/// The tokens that readers of the store got, and until when.
#[derive(Clone, Default)]
pub(super) struct ReadableTokens(Arc<Mutex<BTreeMap<GrantId, Vec<Reading>>>>);

/// What readers of one grant get from a moment on.
struct Reading {
    from: Timestamp,
    token: Option<AccessToken>,
    /// Whether the token before was dead by then.
    replaces_dead_token: bool,
}

impl ReadableTokens {
    pub(super) fn log(&self, id: &GrantId, token: Option<AccessToken>, now: Timestamp, webex: &ModelWebex) {
        let mut readings = self.0.lock().unwrap();
        let readings = readings.entry(id.clone()).or_default();
        let before = readings.last().and_then(|reading| reading.token.as_ref());
        if before.map(AccessToken::fingerprint) == token.as_ref().map(AccessToken::fingerprint) {
            return;
        }
        let replaces_dead_token = before.is_some_and(|token| !webex.is_alive(token));
        readings.push(Reading { from: now, token, replaces_dead_token });
    }

    /// Fails if the token had been taken back by `at`. One that a refresh has replaced still works.
    fn check(&self, id: &GrantId, served: Fingerprint, at: Timestamp) {
        let readings = self.0.lock().unwrap();
        let later = readings[id].iter().rev().take_while(|reading| !reading.holds(served));
        for reading in later.filter(|reading| reading.from <= at) {
            let is_taken_back = reading.token.is_none() || reading.replaces_dead_token;
            assert!(!is_taken_back, "a warm vend served at {at} a token that was taken back at {}", reading.from);
        }
    }
}

impl Reading {
    fn holds(&self, token: Fingerprint) -> bool {
        self.token.as_ref().is_some_and(|it| it.fingerprint() == token)
    }
}

/// One environment of vend.
pub(super) struct WarmVend {
    grants: CachedGrants<PackedStore<ModelStore, ModelClock>, ModelClock>,
    clock: ModelClock,
    readable: ReadableTokens,
}

impl WarmVend {
    pub(super) fn new(store: &ModelStore, clock: &ModelClock) -> Self {
        let grants = CachedGrants::new(PackedStore::new(store.clone(), clock.clone()), CACHE_TTL, clock.clone());
        Self { grants, clock: clock.clone(), readable: store.readable.clone() }
    }

    /// Serves requests for all grants until the lease of the mark is over, if nobody moves it.
    pub(super) async fn warm_up(&self, ids: &[GrantId]) {
        for _ in 0..3 {
            for id in ids {
                self.vend(id).await;
            }
            self.clock.advance(CACHE_TTL.max(LEASE));
        }
    }

    /// Serves one request.
    pub(super) async fn vend(&self, id: &GrantId) {
        let began = self.clock.now();
        let grant = match self.grants.get(id).await.unwrap() {
            CacheLookup::Memory(grant) => grant,
            CacheLookup::Store(Found::Live(grant)) => *grant,
            CacheLookup::Store(_) | CacheLookup::Outage(..) => return,
        };
        if let CachedGrant { state: State::Active, pair: Some(pair), .. } = grant {
            self.readable.check(id, pair.fingerprint, began - CACHE_TTL);
        }
    }
}
