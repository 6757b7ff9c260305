use broker_core::grant::State;

use super::*;
use crate::testing::{Answer, Hands, Shelf};

const TTL: SignedDuration = SignedDuration::from_secs(60);
const ACTIVE: Answer = Answer::Holds(State::Active, "1");
const FENCED: Answer = Answer::Holds(State::Fenced, "2");

fn id(subject: &str) -> GrantId {
    GrantId::parse(&format!("reports/{subject}")).unwrap()
}

fn cached(answer: Answer) -> (CachedGrants<Shelf, Hands>, Shelf, Hands) {
    let (shelf, clock) = (Shelf::holding(answer), Hands::default());
    (CachedGrants::new(shelf.clone(), TTL, clock.clone()), shelf, clock)
}

fn state(standing: &Standing) -> Option<State> {
    match standing {
        Standing::Live(record) => Some(record.state),
        Standing::Nothing | Standing::Retired => None,
    }
}

/// How the grant stands, wherever that was found, and whether it was in memory.
async fn got(cache: &CachedGrants<Shelf, Hands>, subject: &str) -> (Option<State>, bool) {
    match cache.get(&id(subject)).await.unwrap() {
        Lookup::Memory(record) => (Some(record.state), true),
        Lookup::Store(standing) => (state(&standing), false),
        Lookup::Outage(..) => panic!("the store is there"),
    }
}

async fn hit(cache: &CachedGrants<Shelf, Hands>, subject: &str) -> bool {
    got(cache, subject).await.1
}

#[tokio::test]
async fn a_warm_door_makes_no_calls() {
    let (cache, shelf, clock) = cached(ACTIVE);
    assert!(!hit(&cache, "a").await);
    clock.advance(SignedDuration::from_secs(59));
    assert!(hit(&cache, "a").await);
    assert_eq!(shelf.reads(), 1);
}

#[tokio::test]
async fn a_fence_is_seen_within_the_ttl_of_the_start_of_the_read() {
    let (cache, shelf, clock) = cached(ACTIVE);
    // The read takes ten seconds, and the fence is set just after it began.
    let (hands, store) = (clock.clone(), shelf.clone());
    shelf.during_the_next_read(move || {
        store.now_holds(FENCED);
        hands.advance(SignedDuration::from_secs(10));
    });
    assert_eq!(got(&cache, "a").await.0, Some(State::Active));
    clock.advance(SignedDuration::from_secs(50));
    assert_eq!(got(&cache, "a").await.0, Some(State::Fenced));
}

#[tokio::test]
async fn a_fresh_read_takes_the_place_of_the_old() {
    let (cache, shelf, _) = cached(ACTIVE);
    cache.get(&id("a")).await.unwrap();
    shelf.now_holds(FENCED);
    assert_eq!(state(&cache.fresh(&id("a")).await.unwrap()), Some(State::Fenced));
    assert_eq!(got(&cache, "a").await, (Some(State::Fenced), true));
}

#[tokio::test]
async fn a_read_that_was_overtaken_changes_nothing() {
    let (cache, _, clock) = cached(ACTIVE);
    let began = clock.now();
    clock.advance(SignedDuration::from_secs(1));
    cache.get(&id("a")).await.unwrap();
    cache.keep(&id("a"), &Standing::Nothing, began);
    assert!(hit(&cache, "a").await);
}

#[tokio::test]
async fn absence_is_not_remembered() {
    for gone in [Answer::Nothing, Answer::Retired] {
        let (cache, shelf, _) = cached(gone.clone());
        assert_eq!(got(&cache, "a").await.0, None);
        shelf.now_holds(ACTIVE);
        assert_eq!(got(&cache, "a").await.0, Some(State::Active));
        shelf.now_holds(gone);
        cache.fresh(&id("a")).await.unwrap();
        assert_eq!(got(&cache, "a").await.0, None);
    }
}

/// What an outage leaves of a grant, and how many reads it took to see.
async fn made_do(cache: &CachedGrants<Shelf, Hands>, shelf: &Shelf) -> (State, usize) {
    shelf.reads();
    match cache.get(&id("a")).await.unwrap() {
        Lookup::Outage(record, StoreError::Unavailable { .. }) => (record.state, shelf.reads()),
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn while_the_store_is_away_the_last_record_is_given_and_the_store_is_asked_now_and_then() {
    let (cache, shelf, clock) = cached(ACTIVE);
    cache.get(&id("a")).await.unwrap();
    shelf.now_holds(Answer::Down);
    cache.fresh(&id("a")).await.unwrap_err();
    assert!(hit(&cache, "a").await, "it is fresh");
    clock.advance(TTL);
    for _ in 0..3 {
        assert_eq!(made_do(&cache, &shelf).await, (State::Active, 1));
        clock.advance(AWAY - SignedDuration::from_millis(1));
        assert_eq!(made_do(&cache, &shelf).await, (State::Active, 0));
        clock.advance(SignedDuration::from_hours(24));
    }
    shelf.now_holds(FENCED);
    assert_eq!(got(&cache, "a").await, (Some(State::Fenced), false), "the first read that works is what counts");
}

#[tokio::test]
async fn a_short_ttl_bounds_the_memory_of_an_outage_too() {
    let ttl = SignedDuration::from_secs(1);
    let (shelf, clock) = (Shelf::holding(Answer::Holds(State::Active, "a")), Hands::default());
    let cache = CachedGrants::new(shelf.clone(), ttl, clock.clone());
    got(&cache, "a").await;
    clock.advance(ttl);
    shelf.now_holds(Answer::Down);
    assert_eq!(made_do(&cache, &shelf).await.0, State::Active);
    shelf.now_holds(Answer::Holds(State::Fenced, "a"));
    clock.advance(ttl);
    assert_eq!(got(&cache, "a").await, (Some(State::Fenced), false));
}

#[tokio::test]
async fn an_outage_helps_nobody_who_has_no_record() {
    let (cache, shelf, _) = cached(Answer::Down);
    for _ in 0..2 {
        cache.get(&id("a")).await.unwrap_err();
    }
    assert_eq!(shelf.reads(), 2);
}

#[tokio::test]
async fn what_the_store_refuses_is_no_outage_and_ends_what_was_known() {
    let (cache, shelf, clock) = cached(ACTIVE);
    cache.get(&id("a")).await.unwrap();
    clock.advance(TTL);
    shelf.now_holds(Answer::Denied);
    assert!(matches!(cache.get(&id("a")).await, Err(StoreError::Refused { .. })));
    shelf.now_holds(Answer::Down);
    assert!(matches!(cache.get(&id("a")).await, Err(StoreError::Unavailable { .. })));
}

#[tokio::test]
async fn with_a_ttl_of_zero_nothing_is_kept_for_an_outage_either() {
    let (mut cache, shelf, _) = cached(ACTIVE);
    cache.ttl = SignedDuration::ZERO;
    cache.get(&id("a")).await.unwrap();
    shelf.now_holds(Answer::Down);
    cache.get(&id("a")).await.unwrap_err();
}

#[tokio::test]
async fn a_clock_that_is_set_back_does_not_stretch_it_either() {
    let (cache, _, clock) = cached(ACTIVE);
    cache.get(&id("a")).await.unwrap();
    clock.advance(SignedDuration::from_hours(-1));
    assert!(!hit(&cache, "a").await);
}

#[tokio::test]
async fn the_one_read_longest_ago_makes_room() {
    let (mut cache, _, clock) = cached(ACTIVE);
    cache.capacity = 2;
    for subject in ["a", "b", "a", "c"] {
        cache.fresh(&id(subject)).await.unwrap();
        clock.advance(SignedDuration::from_secs(1));
    }
    assert!(hit(&cache, "a").await && hit(&cache, "c").await);
    assert!(!hit(&cache, "b").await);
}
