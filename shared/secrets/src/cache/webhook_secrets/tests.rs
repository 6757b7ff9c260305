use broker_core::grant::State;
use broker_core::token::WebhookSecret;

use super::*;
use crate::testing::{SteppedClock, StubRead, StubStore};

const TTL: SignedDuration = SignedDuration::from_secs(60);
const OLD: StubRead = StubRead::Holds(State::Active, "old");
const NEW: StubRead = StubRead::Holds(State::Active, "new");

fn app(name: &str) -> AppName {
    AppName::parse(name).unwrap()
}

fn cache_of(result: StubRead) -> (CachedWebhookSecrets<StubStore, SteppedClock>, StubStore, SteppedClock) {
    let store = StubStore::returning(result);
    let clock = SteppedClock::default();
    (CachedWebhookSecrets::new(store.clone(), TTL, clock.clone()), store, clock)
}

/// The value of the first secret, `old` or `new`.
fn first(secrets: Option<Arc<WebhookSecrets>>) -> Option<&'static str> {
    let found = secrets?.secrets[0].fingerprint();
    ["old", "new"].into_iter().find(|value| WebhookSecret::new(*value).fingerprint() == found)
}

#[tokio::test]
async fn get_reads_once_within_the_ttl() {
    let (cache, store, clock) = cache_of(OLD);
    for _ in 0..3 {
        assert_eq!(first(cache.get(&app("a")).await.unwrap()), Some("old"));
    }
    assert_eq!(store.reads(), 1);
    store.now_returns(NEW);
    clock.advance(TTL);
    assert_eq!(first(cache.get(&app("a")).await.unwrap()), Some("new"));
}

#[tokio::test]
async fn reread_is_limited_to_once_in_five_seconds() {
    let (cache, store, clock) = cache_of(OLD);
    cache.get(&app("a")).await.unwrap();
    store.now_returns(NEW);
    assert_eq!(first(cache.reread(&app("a")).await), Some("new"));
    assert_eq!(store.reads(), 2);
    for _ in 0..10 {
        assert!(cache.reread(&app("a")).await.is_none());
    }
    clock.advance(SignedDuration::from_secs(5));
    assert!(cache.reread(&app("a")).await.is_some());
    assert_eq!(store.reads(), 1);
    assert_eq!(first(cache.get(&app("a")).await.unwrap()), Some("new"));
}

#[tokio::test]
async fn reread_limit_is_per_app() {
    let (cache, _, _) = cache_of(OLD);
    for name in ["a", "b"] {
        cache.get(&app(name)).await.unwrap();
        assert!(cache.reread(&app(name)).await.is_some(), "{name}");
    }
}

#[tokio::test]
async fn outage_serves_the_last_known_secrets() {
    let (cache, store, clock) = cache_of(OLD);
    cache.get(&app("a")).await.unwrap();
    store.now_returns(StubRead::Down);
    clock.advance(TTL * 100);
    assert_eq!(store.reads(), 1);
    for _ in 0..3 {
        assert_eq!(first(cache.get(&app("a")).await.unwrap()), Some("old"));
    }
    assert!(cache.reread(&app("a")).await.is_none());
    assert_eq!(store.reads(), 2, "one by the first of the three, one by the reread");
    store.now_returns(NEW);
    clock.advance(REREAD_INTERVAL);
    assert_eq!(first(cache.get(&app("a")).await.unwrap()), Some("new"));
}

#[tokio::test]
async fn outage_without_known_secrets_is_an_error() {
    let (cache, store, _) = cache_of(StubRead::Down);
    cache.get(&app("a")).await.unwrap_err();
    store.now_returns(OLD);
    assert!(cache.get(&app("a")).await.unwrap().is_some());
}

#[tokio::test]
async fn absent_app_is_read_once_in_five_seconds() {
    let (cache, store, clock) = cache_of(StubRead::Absent);
    for _ in 0..10 {
        assert!(cache.get(&app("a")).await.unwrap().is_none());
        assert!(cache.reread(&app("a")).await.is_none());
    }
    assert_eq!(store.reads(), 1);
    clock.advance(REREAD_INTERVAL);
    store.now_returns(NEW);
    assert!(cache.get(&app("a")).await.unwrap().is_some());
}

#[tokio::test]
async fn made_up_names_are_absent_and_limited_to_a_budget_a_second() {
    let (cache, store, clock) = cache_of(OLD);
    cache.get(&app("known")).await.unwrap();
    store.now_returns(StubRead::Absent);
    store.reads();
    let start = clock.now();
    for n in 0..1000 {
        assert!(cache.get(&app(&format!("made-up-{n}"))).await.unwrap().is_none());
    }
    let seconds = clock.now().duration_since(start).as_secs_f64();
    assert_eq!(store.reads(), 1000);
    assert!((9.9..10.1).contains(&seconds), "{seconds}");
}

#[tokio::test]
async fn genuine_first_delivery_is_read_during_a_flood() {
    let (cache, store, clock) = cache_of(StubRead::Absent);
    for n in 0..1000 {
        cache.get(&app(&format!("made-up-{n}"))).await.unwrap();
    }
    store.now_returns(NEW);
    let start = clock.now();
    assert_eq!(first(cache.get(&app("genuine")).await.unwrap()), Some("new"));
    assert!(clock.now().duration_since(start) <= SignedDuration::from_millis(10));
}

#[tokio::test]
async fn known_app_is_served_without_a_slot_of_the_budget() {
    let (cache, store, clock) = cache_of(OLD);
    cache.get(&app("known")).await.unwrap();
    for age in [SignedDuration::ZERO, TTL] {
        clock.advance(age);
        while cache.unknown_names.wait_at_most(SignedDuration::ZERO).await {}
        let start = clock.now();
        assert_eq!(first(cache.get(&app("known")).await.unwrap()), Some("old"));
        assert_eq!(clock.now(), start, "{age:?}");
    }
    assert_eq!(store.reads(), 2);
}

#[tokio::test]
async fn remembered_absent_names_are_bounded() {
    let (cache, _, clock) = cache_of(StubRead::Absent);
    for n in 0..=MOST_ABSENT {
        lock(&cache.apps).insert_absent(&app(&format!("made-up-{n}")), clock.now());
    }
    assert_eq!(lock(&cache.apps).absent.len(), MOST_ABSENT);
    clock.advance(REREAD_INTERVAL);
    lock(&cache.apps).insert_absent(&app("made-up-again"), clock.now());
    assert_eq!(lock(&cache.apps).absent.len(), 1);
}

#[tokio::test]
async fn clock_set_back_prolongs_no_limit() {
    let back = SignedDuration::from_hours(-1);
    let (cache, store, clock) = cache_of(StubRead::Absent);
    cache.get(&app("a")).await.unwrap();
    clock.advance(back);
    store.now_returns(OLD);
    assert_eq!(first(cache.get(&app("a")).await.unwrap()), Some("old"));
    cache.reread(&app("a")).await.unwrap();
    clock.advance(back);
    store.now_returns(NEW);
    assert_eq!(first(cache.reread(&app("a")).await), Some("new"));
    clock.advance(back);
    store.now_returns(OLD);
    assert_eq!(first(cache.get(&app("a")).await.unwrap()), Some("old"));
}

#[tokio::test]
async fn removed_app_is_absent_after_the_ttl() {
    let (cache, store, clock) = cache_of(OLD);
    cache.get(&app("a")).await.unwrap();
    store.now_returns(StubRead::Absent);
    clock.advance(TTL);
    assert!(cache.get(&app("a")).await.unwrap().is_none());
    assert!(cache.reread(&app("a")).await.is_none());
}
