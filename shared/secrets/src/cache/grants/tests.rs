mod marks;

use broker_core::grant::State;

use super::*;
use crate::testing::{SteppedClock, StubRead, StubStore};

const TTL: SignedDuration = SignedDuration::from_secs(60);
const ACTIVE: StubRead = StubRead::Holds(State::Active, "1");
const FENCED: StubRead = StubRead::Holds(State::Fenced, "2");

fn id(subject: &str) -> GrantId {
    GrantId::parse(&format!("reports/{subject}")).unwrap()
}

fn cache_of(result: StubRead) -> (CachedGrants<StubStore, SteppedClock>, StubStore, SteppedClock) {
    let store = StubStore::returning(result);
    let clock = SteppedClock::default();
    (CachedGrants::new(store.clone(), TTL, clock.clone()), store, clock)
}

fn state(found: &Found<CachedGrant>) -> Option<State> {
    match found {
        Found::Live(grant) => Some(grant.state),
        Found::Absent | Found::Retired => None,
    }
}

/// The grant's state, and whether it was in memory.
async fn look_up(cache: &CachedGrants<StubStore, SteppedClock>, subject: &str) -> (Option<State>, bool) {
    match cache.get(&id(subject)).await.unwrap() {
        CacheLookup::Memory(grant) => (Some(grant.state), true),
        CacheLookup::Store(found) => (state(&found), false),
        CacheLookup::Outage(..) => panic!("the store is available"),
    }
}

async fn is_hit(cache: &CachedGrants<StubStore, SteppedClock>, subject: &str) -> bool {
    look_up(cache, subject).await.1
}

#[tokio::test]
async fn get_reads_once_within_the_ttl() {
    let (cache, store, clock) = cache_of(ACTIVE);
    assert!(!is_hit(&cache, "a").await);
    clock.advance(SignedDuration::from_secs(59));
    assert!(is_hit(&cache, "a").await);
    assert_eq!(store.reads(), 1);
}

#[tokio::test]
async fn fence_is_seen_within_the_ttl_of_the_start_of_a_read() {
    let (cache, store, clock) = cache_of(ACTIVE);
    // The read takes ten seconds, and the fence is set just after it began.
    let slow_clock = clock.clone();
    let fenced_store = store.clone();
    store.during_next_read(move || {
        fenced_store.now_returns(FENCED);
        slow_clock.advance(SignedDuration::from_secs(10));
    });
    assert_eq!(look_up(&cache, "a").await.0, Some(State::Active));
    clock.advance(SignedDuration::from_secs(50));
    assert_eq!(look_up(&cache, "a").await.0, Some(State::Fenced));
}

#[tokio::test]
async fn fresh_replaces_the_record_in_memory() {
    let (cache, store, _) = cache_of(ACTIVE);
    cache.get(&id("a")).await.unwrap();
    store.now_returns(FENCED);
    assert_eq!(state(&cache.fresh(&id("a")).await.unwrap()), Some(State::Fenced));
    assert_eq!(look_up(&cache, "a").await, (Some(State::Fenced), true));
}

#[tokio::test]
async fn overtaken_read_changes_nothing() {
    let (cache, _, clock) = cache_of(ACTIVE);
    let began = clock.now();
    clock.advance(SignedDuration::from_secs(1));
    cache.get(&id("a")).await.unwrap();
    cache.record_found(&id("a"), &Found::Absent, began);
    assert!(is_hit(&cache, "a").await);
}

#[tokio::test]
async fn absence_is_not_cached() {
    for gone in [StubRead::Absent, StubRead::Retired] {
        let (cache, store, _) = cache_of(gone.clone());
        assert_eq!(look_up(&cache, "a").await.0, None);
        store.now_returns(ACTIVE);
        assert_eq!(look_up(&cache, "a").await.0, Some(State::Active));
        store.now_returns(gone);
        cache.fresh(&id("a")).await.unwrap();
        assert_eq!(look_up(&cache, "a").await.0, None);
    }
}

/// The state that is served during an outage, and the number of reads.
async fn during_outage(cache: &CachedGrants<StubStore, SteppedClock>, store: &StubStore) -> (State, usize) {
    store.reads();
    match cache.get(&id("a")).await.unwrap() {
        CacheLookup::Outage(grant, StoreError::Unavailable { .. }) => (grant.state, store.reads()),
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn outage_serves_the_last_record_and_retries_the_store() {
    let (cache, store, clock) = cache_of(ACTIVE);
    cache.get(&id("a")).await.unwrap();
    store.now_returns(StubRead::Down);
    cache.fresh(&id("a")).await.unwrap_err();
    assert!(is_hit(&cache, "a").await, "the record is younger than the TTL");
    clock.advance(TTL);
    for _ in 0..3 {
        assert_eq!(during_outage(&cache, &store).await, (State::Active, 1));
        clock.advance(OUTAGE_MEMORY - SignedDuration::from_millis(1));
        assert_eq!(during_outage(&cache, &store).await, (State::Active, 0));
        clock.advance(SignedDuration::from_hours(24));
    }
    store.now_returns(FENCED);
    assert_eq!(look_up(&cache, "a").await, (Some(State::Fenced), false), "the first successful read is served");
}

#[tokio::test]
async fn outage_memory_is_no_longer_than_the_ttl() {
    let ttl = SignedDuration::from_secs(1);
    let store = StubStore::returning(StubRead::Holds(State::Active, "a"));
    let clock = SteppedClock::default();
    let cache = CachedGrants::new(store.clone(), ttl, clock.clone());
    look_up(&cache, "a").await;
    clock.advance(ttl);
    store.now_returns(StubRead::Down);
    assert_eq!(during_outage(&cache, &store).await.0, State::Active);
    store.now_returns(StubRead::Holds(State::Fenced, "a"));
    clock.advance(ttl);
    assert_eq!(look_up(&cache, "a").await, (Some(State::Fenced), false));
}

#[tokio::test]
async fn outage_without_a_record_is_an_error() {
    let (cache, store, _) = cache_of(StubRead::Down);
    for _ in 0..2 {
        cache.get(&id("a")).await.unwrap_err();
    }
    assert_eq!(store.reads(), 2);
}

#[tokio::test]
async fn refused_read_ends_the_last_known_record() {
    let (cache, store, clock) = cache_of(ACTIVE);
    cache.get(&id("a")).await.unwrap();
    clock.advance(TTL);
    store.now_returns(StubRead::Denied);
    assert!(matches!(cache.get(&id("a")).await, Err(StoreError::Refused { .. })));
    store.now_returns(StubRead::Down);
    assert!(matches!(cache.get(&id("a")).await, Err(StoreError::Unavailable { .. })));
}

#[tokio::test]
async fn ttl_of_zero_caches_nothing_for_an_outage() {
    let (mut cache, store, _) = cache_of(ACTIVE);
    cache.ttl = SignedDuration::ZERO;
    cache.get(&id("a")).await.unwrap();
    store.now_returns(StubRead::Down);
    cache.get(&id("a")).await.unwrap_err();
}

#[tokio::test]
async fn clock_set_back_does_not_extend_the_ttl() {
    let (cache, _, clock) = cache_of(ACTIVE);
    cache.get(&id("a")).await.unwrap();
    clock.advance(SignedDuration::from_hours(-1));
    assert!(!is_hit(&cache, "a").await);
}

#[tokio::test]
async fn full_cache_drops_the_oldest_record() {
    let (mut cache, _, clock) = cache_of(ACTIVE);
    cache.capacity = 2;
    for subject in ["a", "b", "a", "c"] {
        cache.fresh(&id(subject)).await.unwrap();
        clock.advance(SignedDuration::from_secs(1));
    }
    assert!(is_hit(&cache, "a").await && is_hit(&cache, "c").await);
    assert!(!is_hit(&cache, "b").await);
}
