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

fn state(found: &Found) -> Option<State> {
    match found {
        Found::Live(stored) => Some(stored.grant.state),
        Found::Nothing | Found::Retired => None,
    }
}

#[tokio::test]
async fn a_warm_door_makes_no_calls() {
    let (cache, shelf, clock) = cached(ACTIVE);
    assert!(!cache.get(&id("a")).await.unwrap().hit);
    clock.advance(SignedDuration::from_secs(59));
    assert!(cache.get(&id("a")).await.unwrap().hit);
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
    assert_eq!(state(&cache.get(&id("a")).await.unwrap().found), Some(State::Active));
    clock.advance(SignedDuration::from_secs(50));
    assert_eq!(state(&cache.get(&id("a")).await.unwrap().found), Some(State::Fenced));
}

#[tokio::test]
async fn a_fresh_read_takes_the_place_of_the_old() {
    let (cache, shelf, _) = cached(ACTIVE);
    cache.get(&id("a")).await.unwrap();
    shelf.now_holds(FENCED);
    assert_eq!(state(&cache.fresh(&id("a")).await.unwrap()), Some(State::Fenced));
    let again = cache.get(&id("a")).await.unwrap();
    assert_eq!((state(&again.found), again.hit), (Some(State::Fenced), true));
}

#[tokio::test]
async fn a_read_that_was_overtaken_changes_nothing() {
    let (cache, _, clock) = cached(ACTIVE);
    let began = clock.now();
    clock.advance(SignedDuration::from_secs(1));
    cache.get(&id("a")).await.unwrap();
    cache.keep(&id("a"), &Found::Nothing, began).await;
    assert!(cache.get(&id("a")).await.unwrap().hit);
}

#[tokio::test]
async fn absence_is_not_remembered() {
    for gone in [Answer::Nothing, Answer::Retired] {
        let (cache, shelf, _) = cached(gone.clone());
        assert_eq!(state(&cache.get(&id("a")).await.unwrap().found), None);
        shelf.now_holds(ACTIVE);
        assert_eq!(state(&cache.get(&id("a")).await.unwrap().found), Some(State::Active));
        shelf.now_holds(gone);
        cache.fresh(&id("a")).await.unwrap();
        assert_eq!(state(&cache.get(&id("a")).await.unwrap().found), None);
    }
}

#[tokio::test]
async fn a_store_that_is_down_does_not_stretch_the_ttl() {
    let (cache, shelf, clock) = cached(ACTIVE);
    cache.get(&id("a")).await.unwrap();
    shelf.now_holds(Answer::Down);
    cache.fresh(&id("a")).await.unwrap_err();
    assert!(cache.get(&id("a")).await.unwrap().hit);
    clock.advance(TTL);
    cache.get(&id("a")).await.unwrap_err();
}

#[tokio::test]
async fn a_clock_that_is_set_back_does_not_stretch_it_either() {
    let (cache, _, clock) = cached(ACTIVE);
    cache.get(&id("a")).await.unwrap();
    clock.advance(SignedDuration::from_hours(-1));
    assert!(!cache.get(&id("a")).await.unwrap().hit);
}

#[tokio::test]
async fn the_one_read_longest_ago_makes_room() {
    let (mut cache, _, clock) = cached(ACTIVE);
    cache.capacity = 2;
    for subject in ["a", "b", "a", "c"] {
        cache.fresh(&id(subject)).await.unwrap();
        clock.advance(SignedDuration::from_secs(1));
    }
    let hits = [id("a"), id("c")].map(|id| async { cache.get(&{ id }).await.unwrap().hit });
    for hit in hits {
        assert!(hit.await);
    }
    assert!(!cache.get(&id("b")).await.unwrap().hit);
}
