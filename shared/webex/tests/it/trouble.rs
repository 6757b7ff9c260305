//! Servers that are slow, gone, or rude. Time-outs are real time here, hence the short deadlines.

use broker_core::port::{Webex as _, WebexErrorKind};
use broker_core::token::AccessToken;
use jiff::SignedDuration;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpListener;
use webex::WebexApi;

use crate::support::*;

/// Long enough for one attempt and a short wait.
const BRIEF: SignedDuration = SignedDuration::from_millis(700);

/// A server that reads a request, writes `answer` and hangs up, for as many requests as come; and a client of it.
async fn raw(answer: &'static str) -> (WebexApi<LeapingClock>, LeapingClock) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let base = format!("http://{}/v1", listener.local_addr().unwrap());
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            let _ = stream.read(&mut [0; 4096]).await;
            let _ = stream.write_all(answer.as_bytes()).await;
        }
    });
    let clock = LeapingClock::new();
    (WebexApi::new(base.parse().unwrap(), clock.clone()), clock)
}

/// A client of a port that only root could open.
fn nobody() -> (WebexApi<LeapingClock>, LeapingClock) {
    let clock = LeapingClock::new();
    (WebexApi::new("http://127.0.0.1:1/v1".parse().unwrap(), clock.clone()), clock)
}

#[tokio::test]
async fn no_answer_in_time_is_a_time_out_that_names_our_tracking_id() {
    let world = World::saying(late(a_pair())).await;
    let error = world.refresh_until(world.clock.deadline_in(BRIEF)).await.unwrap_err();
    assert_eq!((error.kind, error.code()), (WebexErrorKind::TimedOut, "timed_out".to_owned()));
    assert!(error.tracking_id.unwrap().starts_with("WTB_"));
}

#[tokio::test]
async fn after_a_time_out_a_refresh_is_asked_again_with_the_same_token_and_an_exchange_is_not() {
    let world = World::saying_once(late(a_pair())).await;
    // The clock stands still while the attempt runs into its time-out, so there is time left for another.
    let deadline = world.clock.deadline_in(SignedDuration::from_millis(1500));
    world.refresh_until(deadline).await.unwrap();
    let requests = world.requests().await;
    assert_eq!(requests.len(), 2);
    assert_eq!(requests[0].body, requests[1].body);

    let world = World::saying_once(late(a_pair())).await;
    let deadline = world.clock.deadline_in(SignedDuration::from_millis(1500));
    let error = world.exchange_until(deadline).await.unwrap_err();
    assert_eq!(error.kind, WebexErrorKind::TimedOut);
    assert_eq!(world.requests().await.len(), 1);
}

#[tokio::test]
async fn an_exchange_is_asked_again_if_there_was_no_connection() {
    let (api, clock) = nobody();
    let deadline = clock.deadline_in(seconds(60));
    let error = api.exchange(&client(), &code_exchange(), deadline).await.unwrap_err();
    assert_eq!((error.kind, error.tracking_id), (WebexErrorKind::Unreachable, None));
    assert_eq!(clock.sleeps().len(), 4);
}

#[tokio::test]
async fn an_error_about_the_way_names_the_cause_and_no_address() {
    let (api, clock) = nobody();
    let deadline = clock.deadline_in(seconds(60));
    let error = api.token_expiry(&bearer(), deadline).await.unwrap_err();
    assert_eq!(error.code(), "unreachable");
    let description = error.description.unwrap();
    assert!(description.contains("refused"), "{description}");
    assert!(!description.contains("127.0.0.1") && !description.contains("/v1"), "{description}");
}

#[tokio::test]
async fn a_connection_that_breaks_is_unreachable_and_an_exchange_stops_there() {
    for answer in ["", "HTTP/1.1 200 OK\r\ncontent-length: 500\r\n\r\n{\"access_token\":", "rubbish\r\n\r\n"] {
        let (api, clock) = raw(answer).await;
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
async fn of_a_refusal_that_breaks_off_the_status_counts() {
    let (api, clock) = raw("HTTP/1.1 401 No\r\ncontent-length: 500\r\n\r\n{\"mess").await;
    let error = api.token_expiry(&bearer(), clock.deadline_in(seconds(60))).await.unwrap_err();
    assert_eq!(error.kind, WebexErrorKind::Answered(401));
    assert_eq!(error.description.as_deref(), Some("{\"mess"));
}

#[tokio::test]
async fn a_body_without_end_is_read_to_a_limit() {
    let world = World::saying(status(403).set_body_string("no ".repeat(1_000_000))).await;
    let error = world.mint().await.unwrap_err();
    assert_eq!(error.kind, WebexErrorKind::Answered(403));
    assert_eq!(error.description.unwrap().chars().count(), 200);
    let world = World::saying(status(200).set_body_string(" ".repeat(3_000_000) + "{}")).await;
    assert_eq!(world.mint().await.unwrap_err().kind, WebexErrorKind::Unintelligible);
}

#[tokio::test]
async fn a_token_that_no_header_can_hold_is_not_sent_and_not_tried_again() {
    let world = World::saying(a_pair()).await;
    let token = AccessToken::new("canary\nwith a line break");
    let error = world.api.token_expiry(&token, world.ample()).await.unwrap_err();
    assert_eq!((error.kind, error.code()), (WebexErrorKind::Unreachable, "unsendable_request".to_owned()));
    assert!(!format!("{error:?}").contains("canary"));
    assert_eq!((world.requests().await.len(), world.clock.sleeps().len()), (0, 0));
}

#[tokio::test]
async fn a_base_that_can_have_no_path_fails_when_it_is_called() {
    let clock = LeapingClock::new();
    let api = WebexApi::new("mailto:webex@example.com".parse().unwrap(), clock.clone());
    let error = api.token_expiry(&bearer(), clock.deadline_in(seconds(60))).await.unwrap_err();
    assert_eq!(error.code(), "unsendable_request");
}
