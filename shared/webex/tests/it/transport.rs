//! Servers that are slow, unreachable or broken. Time-outs take real time here, so the deadlines are short.

use broker_core::port::{Webex as _, WebexErrorKind};
use broker_core::token::AccessToken;
use jiff::SignedDuration;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpListener;
use webex::WebexApi;

use crate::support::*;

/// Enough for one attempt and a short wait.
const SHORT: SignedDuration = SignedDuration::from_millis(700);

/// A server that reads each request, writes `answer` and closes the connection, and a client of it.
async fn raw_server(answer: &'static str) -> (WebexApi<TestClock>, TestClock) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let base = format!("http://{}/v1", listener.local_addr().unwrap());
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            let _ = stream.read(&mut [0; 4096]).await;
            let _ = stream.write_all(answer.as_bytes()).await;
        }
    });
    let clock = TestClock::new();
    (WebexApi::new(base.parse().unwrap(), clock.clone()), clock)
}

/// A client of a port that nothing listens on.
fn unreachable_api() -> (WebexApi<TestClock>, TestClock) {
    let clock = TestClock::new();
    (WebexApi::new("http://127.0.0.1:1/v1".parse().unwrap(), clock.clone()), clock)
}

#[tokio::test]
async fn time_out_error_has_the_tracking_id_of_the_request() {
    let mock = MockWebex::answering(late(token_pair())).await;
    let error = mock.refresh_until(mock.clock.deadline_in(SHORT)).await.unwrap_err();
    assert_eq!((error.kind, error.code()), (WebexErrorKind::TimedOut, "timed_out".to_owned()));
    assert!(error.tracking_id.unwrap().starts_with("WTB_"));
}

#[tokio::test]
async fn time_out_resends_a_refresh_but_not_an_exchange() {
    let mock = MockWebex::answering_once(late(token_pair())).await;
    // The clock does not move while the attempt times out, so there is time left for another.
    let deadline = mock.clock.deadline_in(SignedDuration::from_millis(1500));
    mock.refresh_until(deadline).await.unwrap();
    let requests = mock.requests().await;
    assert_eq!(requests.len(), 2);
    assert_eq!(requests[0].body, requests[1].body);

    let mock = MockWebex::answering_once(late(token_pair())).await;
    let deadline = mock.clock.deadline_in(SignedDuration::from_millis(1500));
    let error = mock.exchange_until(deadline).await.unwrap_err();
    assert_eq!(error.kind, WebexErrorKind::TimedOut);
    assert_eq!(mock.requests().await.len(), 1);
}

#[tokio::test]
async fn exchange_is_resent_if_no_connection_was_made() {
    let (api, clock) = unreachable_api();
    let deadline = clock.deadline_in(seconds(60));
    let error = api.exchange(&client(), &code_exchange(), deadline).await.unwrap_err();
    assert_eq!((error.kind, error.tracking_id), (WebexErrorKind::Unreachable, None));
    assert_eq!(clock.sleeps().len(), 4);
}

#[tokio::test]
async fn transport_error_names_the_cause_and_no_address() {
    let (api, clock) = unreachable_api();
    let deadline = clock.deadline_in(seconds(60));
    let error = api.token_expiry(&bearer(), deadline).await.unwrap_err();
    assert_eq!(error.code(), "unreachable");
    let description = error.description.unwrap();
    assert!(description.contains("refused"), "{description}");
    assert!(!description.contains("127.0.0.1") && !description.contains("/v1"), "{description}");
}

#[tokio::test]
async fn lost_connection_resends_a_refresh_but_not_an_exchange() {
    for answer in ["", "HTTP/1.1 200 OK\r\ncontent-length: 500\r\n\r\n{\"access_token\":", "rubbish\r\n\r\n"] {
        let (api, clock) = raw_server(answer).await;
        let deadline = clock.deadline_in(seconds(60));
        let error = api.exchange(&client(), &code_exchange(), deadline).await.unwrap_err();
        assert_eq!(error.kind, WebexErrorKind::Unreachable, "{answer}");
        assert_eq!(clock.sleeps().len(), 0);
        let error = api.refresh(&client(), &refresh_token(), deadline).await.unwrap_err();
        assert_eq!(error.kind, WebexErrorKind::Unreachable, "{answer}");
        assert_eq!(clock.sleeps().len(), 4);
    }
}

#[tokio::test]
async fn truncated_error_response_is_a_foreign_answer() {
    let (api, clock) = raw_server("HTTP/1.1 401 No\r\ncontent-length: 500\r\n\r\n{\"mess").await;
    let error = api.token_expiry(&bearer(), clock.deadline_in(seconds(60))).await.unwrap_err();
    assert_eq!(error.kind, WebexErrorKind::Foreign(401));
    assert_eq!(error.description.as_deref(), Some("HTTP 401, no content type: not an error of Webex"));
}

#[tokio::test]
async fn long_body_is_read_up_to_a_limit() {
    let mock = MockWebex::answering(status(403).set_body_string("no ".repeat(1_000_000))).await;
    let error = mock.mint().await.unwrap_err();
    assert_eq!(error.kind, WebexErrorKind::Foreign(403));
    let mock = MockWebex::answering(status(200).set_body_string(" ".repeat(3_000_000) + "{}")).await;
    assert_eq!(mock.mint().await.unwrap_err().kind, WebexErrorKind::Foreign(200));
}

#[tokio::test]
async fn token_that_no_header_can_hold_is_never_sent() {
    let mock = MockWebex::answering(token_pair()).await;
    let token = AccessToken::new("canary\nwith a line break");
    let error = mock.api.token_expiry(&token, mock.long_deadline()).await.unwrap_err();
    assert_eq!((error.kind, error.code()), (WebexErrorKind::Unreachable, "unsendable_request".to_owned()));
    assert!(!format!("{error:?}").contains("canary"));
    assert_eq!((mock.requests().await.len(), mock.clock.sleeps().len()), (0, 0));
}

#[tokio::test]
async fn base_url_that_cannot_have_a_path_fails_the_request() {
    let clock = TestClock::new();
    let api = WebexApi::new("mailto:webex@example.com".parse().unwrap(), clock.clone());
    let error = api.token_expiry(&bearer(), clock.deadline_in(seconds(60))).await.unwrap_err();
    assert_eq!(error.code(), "unsendable_request");
}
