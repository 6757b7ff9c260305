//! What an issuer is asked, and what happens while it does not answer.

use jiff::SignedDuration;
use serde_json::json;

use super::{Hall, Key, by};

const MINUTE: SignedDuration = SignedDuration::from_mins(1);
const HOUR: SignedDuration = SignedDuration::from_hours(1);

impl Hall {
    async fn good(&self) -> bool {
        self.is_let_in(&self.key.token(&self.claims())).await
    }
}

#[tokio::test]
async fn keys_are_fetched_once_an_hour() {
    let hall = Hall::new().await;
    assert_eq!(hall.issuer.asked(), [0, 0], "nothing before the first token");
    for _ in 0..20 {
        assert!(hall.good().await);
    }
    assert_eq!(hall.issuer.asked(), [1, 1]);
    hall.world.wait(HOUR);
    assert!(hall.good().await);
    assert_eq!(hall.issuer.asked(), [2, 2]);
}

#[tokio::test]
async fn unknown_keys_cannot_be_used_to_hammer_the_issuer() {
    let hall = Hall::new().await;
    assert!(hall.good().await);
    for minutes in 1..4 {
        hall.world.wait(MINUTE);
        for n in 0..20 {
            let made_up = Key::new(&format!("made-up-{n}"), "ES256").token(&hall.claims());
            assert_eq!(hall.ask(&made_up).await.status, 401);
        }
        assert_eq!(hall.issuer.asked(), [1 + minutes, 1 + minutes]);
    }
    assert!(hall.good().await);
}

#[tokio::test]
async fn a_new_key_is_found_within_a_minute_and_an_old_one_ends_within_the_hour() {
    let hall = Hall::new().await;
    assert!(hall.good().await);
    let next = Key::new("k2", "ES256");
    hall.issuer.publish(&[&next]);
    assert!(!hall.is_let_in(&next.token(&hall.claims())).await, "fetched a moment ago");
    hall.world.wait(MINUTE);
    assert!(hall.is_let_in(&next.token(&hall.claims())).await);
    assert!(!hall.good().await, "the issuer has withdrawn it");
}

#[tokio::test]
async fn known_keys_work_for_as_long_as_the_issuer_is_down() {
    let hall = Hall::new().await;
    assert!(hall.good().await);
    hall.issuer.outage(true);
    for hours in 1..5 {
        hall.world.wait(HOUR);
        for _ in 0..5 {
            assert!(hall.good().await, "{hours} hours down");
        }
    }
    assert_eq!(hall.issuer.asked(), [5, 1], "asked again, but not by everybody");
    assert_eq!(hall.ask(&Key::new("k2", "ES256").token(&hall.claims())).await.status, 401);
}

#[tokio::test]
async fn an_issuer_that_was_never_reached_is_503_and_not_the_callers_fault() {
    let hall = Hall::new().await;
    hall.issuer.outage(true);
    for _ in 0..5 {
        let answer = hall.ask(&hall.key.token(&hall.claims())).await;
        assert_eq!((answer.status, answer.retry_after()), (503, 5), "{}", answer.text);
    }
    assert_eq!(hall.issuer.asked(), [1, 0]);
    hall.issuer.outage(false);
    hall.world.wait(SignedDuration::from_secs(5));
    assert!(hall.good().await);
}

#[tokio::test]
async fn an_issuer_that_describes_another_or_points_elsewhere_has_no_keys() {
    let hall = Hall::new().await;
    let keys = format!("{}/keys", hall.issuer.url);
    for discovery in [
        json!({"issuer": "https://other.example", "jwks_uri": keys}),
        json!({"issuer": hall.issuer.url, "jwks_uri": "http://keys.example/keys"}),
        json!({"issuer": hall.issuer.url, "jwks_uri": "file:///etc/passwd"}),
        json!({"issuer": hall.issuer.url}),
        json!([]),
    ] {
        hall.issuer.describe(discovery.clone());
        hall.world.wait(SignedDuration::from_secs(5));
        assert_eq!(hall.ask(&hall.key.token(&hall.claims())).await.status, 503, "{discovery}");
    }
    assert_eq!(hall.issuer.asked()[1], 0);
}

#[tokio::test]
async fn callers_who_come_at_once_wait_for_one_fetch() {
    let hall = Hall::new().await;
    let token = hall.key.token(&hall.claims());
    let request = by(&token);
    let asking = (0..20).map(|_| hall.world.at(&hall.world.vend, &request));
    let answers = futures_util::future::join_all(asking).await;
    assert!(answers.iter().all(|answer| answer.status == 404));
    assert_eq!(hall.issuer.asked(), [1, 1]);
}

#[tokio::test]
async fn a_key_set_that_would_let_nobody_in_takes_no_known_key_away() {
    let hall = Hall::new().await;
    hall.issuer.publish(&[]);
    assert_eq!(hall.ask(&hall.key.token(&hall.claims())).await.status, 401, "the issuer has answered");
    hall.issuer.publish(&[&hall.key]);
    hall.world.wait(SignedDuration::from_secs(5));
    assert!(hall.good().await, "asked again soon");
    hall.issuer.publish(&[]);
    hall.world.wait(HOUR);
    assert!(hall.good().await);
    assert_eq!(hall.issuer.asked(), [3, 3]);
}
