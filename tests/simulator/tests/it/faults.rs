//! Faults, gates and outages.

use std::time::Duration;

use simulator::webex::{Endpoint, Fault};
use simulator::{Clock, Options, Point, Simulator};

use crate::fixture::Fixture;

#[tokio::test]
async fn fail_next_affects_exactly_that_many_requests() {
    let fixture = Fixture::authorized().await;
    let faults = fixture.simulator.webex.faults();
    let fault = Fault::RateLimited { status: 429, retry_after: Some(3) };
    faults.fail_next(Endpoint::Mint, 2, fault.clone());
    for remaining in [1, 0] {
        let reply = fixture.mint().await;
        assert_eq!(reply.status, 429);
        assert_eq!(reply.header("retry-after"), Some("3"));
        let left: usize = faults.unconsumed().iter().map(|left| left.remaining).sum();
        assert_eq!(left, remaining);
    }
    assert_eq!(fixture.mint().await.status, 200);
    assert!(faults.unconsumed().is_empty());
}

#[tokio::test]
async fn fail_next_answers_as_each_fault_says() {
    let fixture = Fixture::authorized().await;
    let faults = fixture.simulator.webex.faults();
    let status = Fault::Status { code: 500, body: "{}".to_owned(), retry_after: None };
    let envelope = Fault::EnvelopeError { status: 502, message: "Bad Gateway".to_owned() };
    let oauth = Fault::OAuthError { status: 400, code: "invalid_grant" };
    let cases = [
        (status, 500, "{}"),
        (Fault::NonJson(502), 502, "<html>"),
        (envelope, 502, "Bad Gateway"),
        (oauth, 400, r#""error":"invalid_grant""#),
        (Fault::Lag, 403, "not authorized"),
        (Fault::StatusAfterEffect(500), 500, "trackingId"),
    ];
    for (fault, status, text) in cases {
        faults.fail_next(Endpoint::Mint, 1, fault);
        let reply = fixture.mint().await;
        assert_eq!(reply.status, status);
        assert!(reply.text.contains(text), "{}", reply.text);
    }
    let live = fixture.simulator.webex.live_tokens(&fixture.app, &fixture.org);
    assert_eq!(live, 1, "only the last one took effect");
}

#[tokio::test]
async fn lag_answers_403_for_an_authorised_org() {
    let fixture = Fixture::new().await;
    let webex = &fixture.simulator.webex;
    webex.faults().lag(&fixture.org, 2);
    assert_eq!(fixture.mint().await.status, 403);
    assert_eq!(webex.faults().unconsumed()[0].remaining, 2, "refused anyway");
    webex.authorize(&fixture.app, &fixture.org);
    let mut statuses = Vec::new();
    for _ in 0..3 {
        statuses.push(fixture.mint().await.status);
    }
    assert_eq!(statuses, [403, 403, 200]);
}

#[tokio::test]
async fn drop_faults_close_before_or_after_the_effect() {
    let fixture = Fixture::authorized().await;
    let webex = &fixture.simulator.webex;
    let bearer = fixture.owner.access_token.clone();
    let live = || webex.live_tokens(&fixture.app, &fixture.org);
    for (fault, effect) in [(Fault::Drop, 0), (Fault::DropAfterEffect, 1)] {
        webex.faults().fail_next(Endpoint::Mint, 1, fault);
        let request = fixture.http.post(fixture.url(&fixture.mint_path())).bearer_auth(&bearer);
        let answer = request.json(&fixture.mint_body(&fixture.org)).send().await;
        assert!(answer.is_err());
        assert_eq!(live(), effect);
    }
    assert_eq!(webex.journal().answered(Endpoint::Mint, 200), 0);
}

#[tokio::test]
async fn hang_faults_never_answer_with_or_without_effect() {
    let fixture = Fixture::authorized().await;
    let webex = &fixture.simulator.webex;
    for (fault, effect) in [(Fault::HangForever, 0), (Fault::TimeoutAfterEffect, 1)] {
        webex.faults().fail_next(Endpoint::Mint, 1, fault);
        let answer = tokio::time::timeout(Duration::from_millis(200), fixture.mint()).await;
        assert!(answer.is_err());
        assert_eq!(webex.live_tokens(&fixture.app, &fixture.org), effect);
    }
}

#[tokio::test]
async fn outage_fails_every_request_until_it_is_ended() {
    let fixture = Fixture::authorized().await;
    let faults = fixture.simulator.webex.faults();
    faults.outage(true);
    assert_eq!(fixture.mint().await.status, 503);
    faults.outage(false);
    assert_eq!(fixture.mint().await.status, 200);
    faults.unreachable(true);
    let request = fixture.http.get(fixture.url("/people/me"));
    assert!(request.send().await.is_err());
    faults.unreachable(false);
    assert_eq!(fixture.mint().await.status, 200);
}

#[tokio::test]
async fn gate_holds_requests_before_or_after_their_effect() {
    let fixture = Fixture::authorized().await;
    let webex = fixture.simulator.webex.clone();
    let live = || webex.live_tokens(&fixture.app, &fixture.org);
    for (point, effect) in [(Point::BeforeEffect, 0), (Point::AfterEffect, 2)] {
        let gate = webex.faults().gate(Endpoint::Mint, point);
        let watch = async {
            gate.wait_reached().await;
            assert_eq!(live(), effect);
            gate.release();
        };
        let (reply, ()) = tokio::join!(fixture.mint(), watch);
        assert_eq!(reply.status, 200);
    }
}

#[tokio::test]
async fn gate_release_one_lets_one_request_through() {
    let fixture = Fixture::authorized().await;
    let webex = &fixture.simulator.webex;
    let gate = webex.faults().gate(Endpoint::Mint, Point::BeforeEffect);
    let step = async {
        gate.wait_reached_by(2).await;
        assert_eq!(webex.live_tokens(&fixture.app, &fixture.org), 0);
        gate.release_one();
        gate.release_one();
    };
    let (one, other, ()) = tokio::join!(fixture.mint(), fixture.mint(), step);
    assert_eq!((one.status, other.status), (200, 200));
}

#[tokio::test]
async fn gate_dropped_holds_nothing() {
    let fixture = Fixture::authorized().await;
    drop(fixture.simulator.webex.faults().gate(Endpoint::Mint, Point::BeforeEffect));
    assert_eq!(fixture.mint().await.status, 200);
}

#[tokio::test]
async fn gate_with_a_disconnected_client_has_no_effect() {
    let fixture = Fixture::authorized().await;
    let webex = &fixture.simulator.webex;
    let gate = webex.faults().gate(Endpoint::Mint, Point::BeforeEffect);
    tokio::select! {
        _ = fixture.mint() => unreachable!("the gate is closed"),
        () = gate.wait_reached() => {}
    }
    tokio::time::sleep(Duration::from_millis(50)).await;
    gate.release();
    tokio::time::sleep(Duration::from_millis(50)).await;
    assert_eq!(webex.live_tokens(&fixture.app, &fixture.org), 0);
}

#[tokio::test]
async fn start_on_a_used_port_names_it() {
    let first = Simulator::start(Options::new(Clock::system())).await.unwrap();
    let url = first.webex.base_url();
    let port: u16 = url.trim_end_matches("/v1").rsplit(':').next().unwrap().parse().unwrap();
    let options = Options { webex_port: Some(port), ..Options::new(Clock::system()) };
    let error = Simulator::start(options).await.unwrap_err();
    assert!(error.to_string().contains(&port.to_string()), "{error}");
}
