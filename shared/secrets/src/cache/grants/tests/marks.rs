//! Records that the mark of their app vouches for.

use broker_core::mark::LEASE;

use super::*;
use crate::testing::StubMark;

const TOKEN: StubRead = StubRead::Vends("first");
const SECOND: SignedDuration = SignedDuration::from_secs(1);

/// A cache that has read the grant, looked at the mark, and read again when the lease was over.
async fn settled_cache() -> (CachedGrants<StubStore, SteppedClock>, StubStore, SteppedClock) {
    let (cache, store, clock) = cache_of(TOKEN);
    store.set_mark(StubMark::Is("1"));
    is_hit(&cache, "a").await;
    clock.advance(TTL);
    assert!(!is_hit(&cache, "a").await, "the first mark may have moved a moment ago");
    clock.advance(LEASE.max(TTL));
    assert!(!is_hit(&cache, "a").await, "the record was read before the lease was over");
    assert_eq!((store.reads(), store.looks()), (3, 2));
    (cache, store, clock)
}

#[tokio::test]
async fn unmoved_mark_saves_reads_for_one_look_a_ttl() {
    let (cache, store, clock) = settled_cache().await;
    for _ in 0..60 {
        clock.advance(TTL / 2);
        assert!(is_hit(&cache, "a").await);
    }
    assert_eq!((store.reads(), store.looks()), (0, 30));
}

#[tokio::test]
async fn look_at_a_mark_serves_all_grants_of_the_app() {
    let (cache, store, clock) = settled_cache().await;
    for subject in ["b", "c"] {
        assert!(!is_hit(&cache, subject).await);
    }
    clock.advance(TTL);
    for subject in ["a", "b", "c"] {
        assert!(is_hit(&cache, subject).await);
    }
    assert_eq!((store.reads(), store.looks()), (2, 1));
}

#[tokio::test]
async fn moved_mark_has_records_read_until_its_lease_is_over() {
    let (cache, store, clock) = settled_cache().await;
    clock.advance(TTL);
    store.set_mark(StubMark::Is("2"));
    // The fence that the mark announces is written at the end of the lease.
    assert!(!is_hit(&cache, "a").await);
    clock.advance(LEASE - SECOND);
    store.now_returns(FENCED);
    clock.advance(SECOND);
    assert_eq!(look_up(&cache, "a").await.0, Some(State::Fenced));
}

#[tokio::test]
async fn lease_counts_from_the_end_of_the_look() {
    let (cache, store, clock) = settled_cache().await;
    clock.advance(TTL);
    // The mark moves while the look is under way, and the look takes ten seconds.
    let slow_clock = clock.clone();
    store.set_mark(StubMark::Is("2"));
    store.during_next_look(move || slow_clock.advance(SECOND * 10));
    assert!(!is_hit(&cache, "a").await);
    // Read later than a lease after the begin of the look, and sooner than a lease after its end.
    clock.advance(LEASE - SECOND * 5);
    assert!(!is_hit(&cache, "b").await);
    clock.advance(TTL);
    assert!(!is_hit(&cache, "b").await);
}

#[tokio::test]
async fn without_a_mark_records_are_read_each_ttl() {
    for mark in [StubMark::Absent, StubMark::Denied] {
        let (cache, store, clock) = cache_of(TOKEN);
        store.set_mark(mark);
        for _ in 0..5 {
            assert!(!is_hit(&cache, "a").await);
            clock.advance(TTL);
        }
        assert_eq!((store.reads(), store.looks()), (5, 1), "the absence is remembered for ten minutes");
        clock.advance(SignedDuration::from_mins(10));
        assert!(!is_hit(&cache, "a").await);
        assert_eq!(store.looks(), 1);
    }
}

#[tokio::test]
async fn mark_that_was_gone_for_a_while_counts_as_moved() {
    let (cache, store, clock) = settled_cache().await;
    clock.advance(TTL);
    store.set_mark(StubMark::Absent);
    assert!(!is_hit(&cache, "a").await);
    clock.advance(SignedDuration::from_mins(10));
    store.set_mark(StubMark::Is("1"));
    assert!(!is_hit(&cache, "a").await);
    assert_eq!(store.looks(), 2);
}

#[tokio::test]
async fn failed_look_is_an_outage_of_the_store() {
    let (cache, store, clock) = settled_cache().await;
    clock.advance(TTL);
    store.set_mark(StubMark::Down);
    assert!(matches!(cache.get(&id("a")).await.unwrap(), CacheLookup::Outage(..)));
    assert_eq!((store.reads(), store.looks()), (0, 1), "the caller waits for one time-out, not for two");
    // The outage is remembered, then the store is asked for the record.
    assert!(matches!(cache.get(&id("a")).await.unwrap(), CacheLookup::Outage(..)));
    clock.advance(OUTAGE_MEMORY);
    assert!(!is_hit(&cache, "a").await);
    // The mark did not move during the outage.
    store.set_mark(StubMark::Is("1"));
    clock.advance(TTL);
    assert!(is_hit(&cache, "a").await);
}

#[tokio::test]
async fn last_quarter_of_a_tokens_life_is_read_each_ttl() {
    let (cache, store, clock) = settled_cache().await;
    clock.advance(SignedDuration::from_hours(71));
    assert!(is_hit(&cache, "a").await);
    clock.advance(SignedDuration::from_hours(1));
    assert!(!is_hit(&cache, "a").await);
    clock.advance(TTL);
    assert!(!is_hit(&cache, "a").await);
    assert_eq!(store.reads(), 2);
}

#[tokio::test]
async fn clock_set_back_has_the_record_read() {
    let (cache, _, clock) = settled_cache().await;
    clock.advance(SignedDuration::from_hours(-1));
    assert!(!is_hit(&cache, "a").await);
}

#[tokio::test]
async fn record_without_a_token_is_read_each_ttl() {
    let (cache, store, clock) = cache_of(StubRead::Holds(State::Pending, "1"));
    store.set_mark(StubMark::Is("1"));
    for _ in 0..4 {
        assert!(!is_hit(&cache, "a").await);
        clock.advance(TTL.max(LEASE));
    }
    assert_eq!(store.looks(), 0);
}
