//! Faults, gates and outages.

use std::time::Duration;

use simulator::webex::{Endpoint, Fault};
use simulator::{Clock, Options, Point, Simulator};

use crate::harness::Stage;

#[tokio::test]
async fn a_planned_fault_hits_so_many_requests_and_no_more() {
    let stage = Stage::authorized().await;
    let faults = stage.simulator.webex.faults();
    let fault = Fault::RateLimited { status: 429, retry_after: Some(3) };
    faults.fail_next(Endpoint::Mint, 2, fault.clone());
    for remaining in [1, 0] {
        let reply = stage.mint().await;
        assert_eq!(reply.status, 429);
        assert_eq!(reply.header("retry-after"), Some("3"));
        let left: usize = faults.unconsumed().iter().map(|left| left.remaining).sum();
        assert_eq!(left, remaining);
    }
    assert_eq!(stage.mint().await.status, 200);
    assert!(faults.unconsumed().is_empty());
}

#[tokio::test]
async fn every_kind_of_answer_can_be_planned() {
    let stage = Stage::authorized().await;
    let faults = stage.simulator.webex.faults();
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
        let reply = stage.mint().await;
        assert_eq!(reply.status, status);
        assert!(reply.text.contains(text), "{}", reply.text);
    }
    let live = stage.simulator.webex.live_tokens(&stage.app, &stage.org);
    assert_eq!(live, 1, "only the last one took effect");
}

#[tokio::test]
async fn lag_answers_403_for_an_org_that_has_authorised() {
    let stage = Stage::set().await;
    let webex = &stage.simulator.webex;
    webex.faults().lag(&stage.org, 2);
    assert_eq!(stage.mint().await.status, 403);
    assert_eq!(webex.faults().unconsumed()[0].remaining, 2, "refused anyway");
    webex.authorize(&stage.app, &stage.org);
    let mut statuses = Vec::new();
    for _ in 0..3 {
        statuses.push(stage.mint().await.status);
    }
    assert_eq!(statuses, [403, 403, 200]);
}

#[tokio::test]
async fn a_connection_can_close_before_or_after_the_effect() {
    let stage = Stage::authorized().await;
    let webex = &stage.simulator.webex;
    let bearer = stage.owner.access_token.clone();
    let live = || webex.live_tokens(&stage.app, &stage.org);
    for (fault, effect) in [(Fault::Drop, 0), (Fault::DropAfterEffect, 1)] {
        webex.faults().fail_next(Endpoint::Mint, 1, fault);
        let request = stage.http.post(stage.url(&stage.mint_path())).bearer_auth(&bearer);
        let answer = request.json(&stage.mint_body(&stage.org)).send().await;
        assert!(answer.is_err());
        assert_eq!(live(), effect);
    }
    assert_eq!(webex.journal().answered(Endpoint::Mint, 200), 0);
}

#[tokio::test]
async fn a_request_can_hang_with_or_without_effect() {
    let stage = Stage::authorized().await;
    let webex = &stage.simulator.webex;
    for (fault, effect) in [(Fault::HangForever, 0), (Fault::TimeoutAfterEffect, 1)] {
        webex.faults().fail_next(Endpoint::Mint, 1, fault);
        let answer = tokio::time::timeout(Duration::from_millis(200), stage.mint()).await;
        assert!(answer.is_err());
        assert_eq!(webex.live_tokens(&stage.app, &stage.org), effect);
    }
}

#[tokio::test]
async fn an_outage_ends_when_it_is_ended() {
    let stage = Stage::authorized().await;
    let faults = stage.simulator.webex.faults();
    faults.outage(true);
    assert_eq!(stage.mint().await.status, 503);
    faults.outage(false);
    assert_eq!(stage.mint().await.status, 200);
    faults.unreachable(true);
    let request = stage.http.get(stage.url("/people/me"));
    assert!(request.send().await.is_err());
    faults.unreachable(false);
    assert_eq!(stage.mint().await.status, 200);
}

#[tokio::test]
async fn a_gate_holds_requests_before_or_after_their_effect() {
    let stage = Stage::authorized().await;
    let webex = stage.simulator.webex.clone();
    let live = || webex.live_tokens(&stage.app, &stage.org);
    for (point, effect) in [(Point::BeforeEffect, 0), (Point::AfterEffect, 2)] {
        let gate = webex.faults().gate(Endpoint::Mint, point);
        let watch = async {
            gate.wait_reached().await;
            assert_eq!(live(), effect);
            gate.release();
        };
        let (reply, ()) = tokio::join!(stage.mint(), watch);
        assert_eq!(reply.status, 200);
    }
}

#[tokio::test]
async fn a_gate_lets_requests_through_one_by_one() {
    let stage = Stage::authorized().await;
    let webex = &stage.simulator.webex;
    let gate = webex.faults().gate(Endpoint::Mint, Point::BeforeEffect);
    let step = async {
        gate.wait_reached_by(2).await;
        assert_eq!(webex.live_tokens(&stage.app, &stage.org), 0);
        gate.release_one();
        gate.release_one();
    };
    let (one, other, ()) = tokio::join!(stage.mint(), stage.mint(), step);
    assert_eq!((one.status, other.status), (200, 200));
}

#[tokio::test]
async fn a_dropped_gate_is_open() {
    let stage = Stage::authorized().await;
    drop(stage.simulator.webex.faults().gate(Endpoint::Mint, Point::BeforeEffect));
    assert_eq!(stage.mint().await.status, 200);
}

#[tokio::test]
async fn a_client_that_leaves_before_the_effect_causes_none() {
    let stage = Stage::authorized().await;
    let webex = &stage.simulator.webex;
    let gate = webex.faults().gate(Endpoint::Mint, Point::BeforeEffect);
    tokio::select! {
        _ = stage.mint() => unreachable!("the gate is closed"),
        () = gate.wait_reached() => {}
    }
    tokio::time::sleep(Duration::from_millis(50)).await;
    gate.release();
    tokio::time::sleep(Duration::from_millis(50)).await;
    assert_eq!(webex.live_tokens(&stage.app, &stage.org), 0);
}

#[tokio::test]
async fn a_port_that_is_taken_is_named() {
    let first = Simulator::start(Options::new(Clock::system())).await.unwrap();
    let url = first.webex.base_url();
    let port: u16 = url.trim_end_matches("/v1").rsplit(':').next().unwrap().parse().unwrap();
    let options = Options { webex_port: Some(port), ..Options::new(Clock::system()) };
    let error = Simulator::start(options).await.unwrap_err();
    assert!(error.to_string().contains(&port.to_string()), "{error}");
}
