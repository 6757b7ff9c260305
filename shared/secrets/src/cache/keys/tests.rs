use broker_core::grant::State;
use broker_core::token::WebhookSecret;

use super::*;
use crate::testing::{Answer, Hands, Shelf};

const TTL: SignedDuration = SignedDuration::from_secs(60);
const OLD: Answer = Answer::Holds(State::Active, "old");
const NEW: Answer = Answer::Holds(State::Active, "new");

fn app(name: &str) -> AppName {
    AppName::parse(name).unwrap()
}

fn cached(answer: Answer) -> (CachedKeys<Shelf, Hands>, Shelf, Hands) {
    let (shelf, clock) = (Shelf::holding(answer), Hands::default());
    (CachedKeys::new(shelf.clone(), TTL, clock.clone()), shelf, clock)
}

/// Which of the two keys it is that comes first.
fn first(keys: Option<Arc<WebhookSecrets>>) -> Option<&'static str> {
    let found = keys?.secrets[0].fingerprint();
    let is = |key: &&str| WebhookSecret::new(*key).fingerprint() == found;
    ["old", "new"].into_iter().find(is)
}

#[tokio::test]
async fn keys_are_read_once_a_ttl() {
    let (cache, shelf, clock) = cached(OLD);
    for _ in 0..3 {
        assert_eq!(first(cache.keys(&app("a")).await.unwrap()), Some("old"));
    }
    assert_eq!(shelf.reads(), 1);
    shelf.now_holds(NEW);
    clock.advance(TTL);
    assert_eq!(first(cache.keys(&app("a")).await.unwrap()), Some("new"));
}

#[tokio::test]
async fn an_unexplained_signature_costs_one_read_in_five_seconds() {
    let (cache, shelf, clock) = cached(OLD);
    cache.keys(&app("a")).await.unwrap();
    shelf.now_holds(NEW);
    assert_eq!(first(cache.reread(&app("a")).await), Some("new"));
    assert_eq!(shelf.reads(), 2);
    for _ in 0..10 {
        assert!(cache.reread(&app("a")).await.is_none());
    }
    clock.advance(SignedDuration::from_secs(5));
    assert!(cache.reread(&app("a")).await.is_some());
    assert_eq!(shelf.reads(), 1);
    assert_eq!(first(cache.keys(&app("a")).await.unwrap()), Some("new"));
}

#[tokio::test]
async fn each_app_has_its_own_five_seconds() {
    let (cache, _, _) = cached(OLD);
    for name in ["a", "b"] {
        cache.keys(&app(name)).await.unwrap();
        assert!(cache.reread(&app(name)).await.is_some(), "{name}");
    }
}

#[tokio::test]
async fn keys_read_before_outlive_a_store_that_is_down() {
    let (cache, shelf, clock) = cached(OLD);
    cache.keys(&app("a")).await.unwrap();
    shelf.now_holds(Answer::Down);
    clock.advance(TTL * 100);
    assert_eq!(shelf.reads(), 1);
    for _ in 0..3 {
        assert_eq!(first(cache.keys(&app("a")).await.unwrap()), Some("old"));
    }
    assert!(cache.reread(&app("a")).await.is_none());
    assert_eq!(shelf.reads(), 2, "one by the first of the three, one by the reread");
    shelf.now_holds(NEW);
    clock.advance(STRANGERS_WAIT);
    assert_eq!(first(cache.keys(&app("a")).await.unwrap()), Some("new"));
}

#[tokio::test]
async fn without_any_keys_a_store_that_is_down_is_an_error_and_no_absence() {
    let (cache, shelf, _) = cached(Answer::Down);
    cache.keys(&app("a")).await.unwrap_err();
    shelf.now_holds(OLD);
    assert!(cache.keys(&app("a")).await.unwrap().is_some());
}

#[tokio::test]
async fn an_app_that_is_not_there_is_looked_for_once_in_five_seconds() {
    let (cache, shelf, clock) = cached(Answer::Nothing);
    for _ in 0..10 {
        assert!(cache.keys(&app("a")).await.unwrap().is_none());
        assert!(cache.reread(&app("a")).await.is_none());
    }
    assert_eq!(shelf.reads(), 1);
    clock.advance(STRANGERS_WAIT);
    shelf.now_holds(NEW);
    assert!(cache.keys(&app("a")).await.unwrap().is_some());
}

#[tokio::test]
async fn made_up_names_cause_a_bounded_number_of_reads_and_do_not_displace_what_is_known() {
    let (cache, shelf, clock) = cached(OLD);
    cache.keys(&app("real")).await.unwrap();
    shelf.now_holds(Answer::Nothing);
    shelf.reads();
    let mut refused = 0;
    for n in 0..1000 {
        refused += usize::from(cache.keys(&app(&format!("made-up-{n}"))).await.is_err());
    }
    assert_eq!((shelf.reads(), refused), (MOST_ABSENT, 1000 - MOST_ABSENT));
    assert!(cache.keys(&app("real")).await.unwrap().is_some());
    clock.advance(STRANGERS_WAIT);
    assert!(cache.keys(&app("made-up-again")).await.unwrap().is_none());
}

#[tokio::test]
async fn an_app_that_was_taken_away_is_gone_after_the_ttl() {
    let (cache, shelf, clock) = cached(OLD);
    cache.keys(&app("a")).await.unwrap();
    shelf.now_holds(Answer::Nothing);
    clock.advance(TTL);
    assert!(cache.keys(&app("a")).await.unwrap().is_none());
    assert!(cache.reread(&app("a")).await.is_none());
}
