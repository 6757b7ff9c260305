//! When a request is sent again.

use broker_core::app::Client;
use broker_core::port::Webex as _;
use broker_core::port::WebexErrorKind::{Answered, Foreign, TimedOut};
use broker_core::token::ClientSecret;
use jiff::SignedDuration;

use crate::support::*;

/// The first attempt and four retries.
const ALL: usize = 5;

/// Status, attempts of a refresh or a mint, attempts of an exchange.
const TABLE: [(u16, usize, usize); 36] = [
    (300, 1, 1),
    (301, 1, 1),
    (302, 1, 1),
    (304, 1, 1),
    (307, 1, 1),
    (308, 1, 1),
    (400, 1, 1),
    (401, 1, 1),
    (402, 1, 1),
    (403, 1, 1),
    (404, 1, 1),
    (405, 1, 1),
    (406, 1, 1),
    (408, 1, 1),
    (409, 1, 1),
    (410, 1, 1),
    (411, 1, 1),
    (413, 1, 1),
    (415, 1, 1),
    (422, 1, 1),
    (423, ALL, ALL),
    (424, 1, 1),
    (425, 1, 1),
    (428, 1, 1),
    (429, ALL, ALL),
    (431, 1, 1),
    (451, 1, 1),
    (499, 1, 1),
    (500, ALL, 1),
    (501, ALL, 1),
    (502, ALL, 1),
    (503, ALL, 1),
    (504, ALL, 1),
    (507, ALL, 1),
    (520, ALL, 1),
    (599, ALL, 1),
];

#[tokio::test]
async fn each_status_has_its_number_of_attempts() {
    let mock = MockWebex::new().await;
    for (code, attempts, exchanges) in TABLE {
        mock.server.reset().await;
        mock.answer_with(status(code)).await;
        let error = mock.refresh().await.unwrap_err();
        assert_eq!((error.operation, error.kind), ("refresh", Foreign(code)));
        assert_eq!(error.code(), "foreign_answer");
        assert_eq!(mock.requests().await.len(), attempts, "refresh {code}");
        assert_eq!(mock.mint().await.unwrap_err().kind, Foreign(code));
        assert_eq!(mock.requests().await.len(), 2 * attempts, "mint {code}");
        assert_eq!(mock.exchange().await.unwrap_err().kind, Foreign(code));
        assert_eq!(mock.requests().await.len(), 2 * attempts + exchanges, "exchange {code}");
    }
}

#[tokio::test]
async fn each_2xx_status_is_a_success() {
    for code in [200, 201, 202, 203, 299] {
        let mock = MockWebex::new().await;
        let body = serde_json::json!({"access_token": "a", "expires_in": 1});
        mock.answer_with(status(code).set_body_json(body)).await;
        mock.refresh().await.unwrap();
        assert_eq!(mock.requests().await.len(), 1, "{code}");
    }
}

#[tokio::test]
async fn retry_after_is_waited_for_exactly() {
    for (code, asked, waited) in
        [(429, "17", 17), (423, "3", 3), (503, "2", 2), (429, " 5 ", 5), (429, "Sat, 21 Nov 2026 12:00:42 GMT", 42)]
    {
        let mock = MockWebex::answering_once(status(code).insert_header("retry-after", asked)).await;
        mock.refresh().await.unwrap();
        assert_eq!(mock.clock.sleeps(), [seconds(waited)], "{code} {asked}");
    }
}

#[tokio::test]
async fn unusable_retry_after_falls_back_to_back_off() {
    for asked in ["", "soon", "-5", "0", "1.5", "Sat, 21 Nov 2020 12:00:00 GMT", "99999999999"] {
        for code in [423, 429] {
            let mock = MockWebex::answering_once(status(code).insert_header("retry-after", asked)).await;
            mock.refresh().await.unwrap();
            let sleeps = mock.clock.sleeps();
            assert!(matches!(sleeps[..], [wait] if wait <= SignedDuration::from_millis(500)), "{asked}: {sleeps:?}");
        }
    }
}

#[tokio::test]
async fn back_off_grows_within_its_bounds() {
    let mock = MockWebex::answering(status(500)).await;
    mock.refresh().await.unwrap_err();
    let sleeps = mock.clock.sleeps();
    assert_eq!(sleeps.len(), 4);
    for (wait, most) in sleeps.iter().zip([500, 1000, 2000, 4000]) {
        assert!(*wait <= SignedDuration::from_millis(most), "{sleeps:?}");
    }
}

#[tokio::test]
async fn wait_beyond_the_deadline_is_not_started() {
    for code in [429, 423, 503] {
        let mock = MockWebex::answering(webex_error(code).insert_header("retry-after", "60")).await;
        let error = mock.refresh_until(mock.clock.deadline_in(seconds(60))).await.unwrap_err();
        assert_eq!((error.kind, error.retry_after), (Answered(code), Some(seconds(60))));
        assert_eq!(mock.clock.sleeps(), []);
        assert_eq!(mock.requests().await.len(), 1);
    }
}

#[tokio::test]
async fn attempt_too_close_to_the_deadline_is_not_started() {
    let mock = MockWebex::answering(token_pair()).await;
    for left in [0, 1, 500] {
        let deadline = mock.clock.deadline_in(SignedDuration::from_millis(left));
        let error = mock.refresh_until(deadline).await.unwrap_err();
        assert_eq!((error.kind, error.tracking_id), (TimedOut, None));
    }
    assert_eq!(mock.requests().await.len(), 0);
}

#[tokio::test]
async fn deadline_ends_the_attempts() {
    let mock = MockWebex::answering(webex_error(423).insert_header("retry-after", "4")).await;
    let error = mock.refresh_until(mock.clock.deadline_in(seconds(10))).await.unwrap_err();
    assert_eq!(error.kind, Answered(423));
    assert_eq!(mock.clock.sleeps(), [seconds(4), seconds(4)]);
    assert_eq!(mock.requests().await.len(), 3);
}

#[tokio::test]
async fn a_429_holds_back_error_of_every_call_of_its_sender() {
    let mock = MockWebex::new().await;
    let refusal = webex_error(429).insert_header("retry-after", "30").insert_header("trackingid", "ROUTER_1");
    mock.answer_once(refusal).await;
    mock.answer_with(token_pair()).await;
    let short = mock.clock.deadline_in(seconds(20));
    assert_eq!(mock.refresh_until(short).await.unwrap_err().kind, Answered(429));

    let error = mock.exchange_until(short).await.unwrap_err();
    assert_eq!((error.operation, error.kind, error.retry_after), ("exchange", Answered(429), Some(seconds(30))));
    assert_eq!(error.tracking_id.as_deref(), Some("ROUTER_1"));
    assert_eq!(mock.requests().await.len(), 1, "the exchange must not be sent");

    let (one, two) = tokio::join!(mock.mint(), mock.refresh());
    assert!(one.is_ok() && two.is_ok());
    assert!(mock.clock.sleeps().contains(&seconds(30)));
    assert_eq!(mock.requests().await.len(), 3);
}

#[tokio::test]
async fn hold_after_429_covers_the_client_of_one_app_alone() {
    let mock = MockWebex::new().await;
    mock.answer_once(webex_error(429).insert_header("retry-after", "3600")).await;
    mock.answer_with(token_pair()).await;
    let short = mock.clock.deadline_in(seconds(20));
    assert_eq!(mock.refresh_until(short).await.unwrap_err().kind, Answered(429));
    let other = Client { id: "Cother".to_owned(), secret: ClientSecret::new("canary-other") };
    mock.api.refresh(&other, &refresh_token(), short).await.unwrap();
    mock.mint().await.unwrap();
    assert_eq!(mock.clock.sleeps(), []);
    assert_eq!(mock.refresh_until(short).await.unwrap_err().kind, Answered(429));
    assert_eq!(mock.requests().await.len(), 3, "the held refresh must not be sent");
}

#[tokio::test]
async fn status_423_holds_back_no_other_request() {
    let mock = MockWebex::answering_once(status(423).insert_header("retry-after", "30")).await;
    mock.refresh_until(mock.clock.deadline_in(seconds(20))).await.unwrap_err();
    mock.refresh().await.unwrap();
    assert_eq!(mock.clock.sleeps(), []);
}

#[tokio::test]
async fn last_response_is_the_error_when_time_runs_out() {
    let mock = MockWebex::answering(webex_error(423).insert_header("retry-after", "4")).await;
    mock.clock.oversleep_by(seconds(10));
    let error = mock.refresh_until(mock.clock.deadline_in(seconds(10))).await.unwrap_err();
    assert_eq!((error.kind, error.retry_after), (Answered(423), Some(seconds(4))));
    assert_eq!(mock.requests().await.len(), 1);
}
