//! `GET …/token`: the answer, the ways to write the subject, the bounds of `min_ttl`.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use broker_core::clock::Clock as _;
use jiff::{SignedDuration, Timestamp};
use serde_json::json;
use simulator::webex::ids;

use super::{DAY, Desk, path};
use crate::harness::Knock;

#[tokio::test]
async fn a_token_comes_in_the_shape_of_the_contract() {
    let desk = Desk::new().await;
    let minted = desk.token(&desk.org, "").await;
    assert_eq!(minted.status, 200);
    let record = desk.world.document(&desk.app, &desk.org).unwrap();
    let expected = json!({"access_token": record["access_token"], "token_type": "Bearer",
        "expires_in": desk.left(&minted), "expires_at": record["access_token_expires_at"], "app": "reports",
        "subject": "ce861fba-6e2f-49f9-9a84-b354008fac9e"});
    assert_eq!(minted.json(), expected);
    assert!(desk.world.sim.webex.is_alive(&desk.stored()));

    desk.world.wait(DAY * 8);
    assert_eq!(desk.world.sweep().await["renewed"], 2);
    let refreshed = desk.token(&desk.org, "").await.json();
    assert_eq!(refreshed["scope"], "spark:people_read guest-issuer:write", "which minting did not say");
}

#[tokio::test]
async fn what_is_left_of_a_token_is_counted_in_whole_seconds() {
    let desk = Desk::new().await;
    for _ in 0..5 {
        desk.world.wait(SignedDuration::from_millis(10_250));
        let answer = desk.token(&desk.org, "").await;
        assert_eq!(answer.json()["expires_in"], desk.left(&answer), "rounded down: never more than there is");
    }
}

#[tokio::test]
async fn an_org_may_be_written_in_any_of_webexs_ways() {
    let desk = Desk::new().await;
    let padded = ids::padded_org_id(&desk.org);
    let urn = format!("ciscospark://urn:TEAM:eu-central-1_k/ORGANIZATION/{}", desk.org);
    for written in [
        desk.org.clone(),
        desk.org.to_uppercase(),
        ids::org_id(&desk.org),
        padded.replace('=', "%3D"),
        padded.clone(),
        ids::bare_org_id(&desk.org),
        STANDARD.encode(urn).replace('/', "%2F").replace('+', "%2B"),
    ] {
        let answer = desk.token(&written, "").await;
        assert_eq!(answer.status, 200, "{written}");
        assert_eq!(answer.json()["subject"], desk.org.as_str(), "{written}");
    }
}

#[tokio::test]
async fn a_subject_that_cannot_be_one_is_400() {
    let desk = Desk::new().await;
    let person = ids::encode("PEOPLE", &desk.org);
    let long = "a".repeat(65);
    for written in ["A_B", "-a", "%20", "a%2Fb", "%C3%A4", "..", person.as_str(), long.as_str()] {
        let answer = desk.token(written, "").await;
        assert_eq!((answer.status, answer.problem()), (400, "bad-request".to_owned()), "{written}");
    }
    assert_eq!(desk.token("default", "").await.status, 404, "a name that could be one");
}

#[tokio::test]
async fn min_ttl_is_a_whole_number_from_0_to_604800() {
    let desk = Desk::new().await;
    let table = [
        ("", 200),
        ("?min_ttl=0", 200),
        ("?min_ttl=300", 200),
        ("?min_ttl=604800", 200),
        ("?other=1", 200),
        ("?min_ttl=604801", 400),
        ("?min_ttl=-1", 400),
        ("?min_ttl=abc", 400),
        ("?min_ttl=", 400),
        ("?min_ttl=1.5", 400),
        ("?min_ttl=1e3", 400),
        ("?min_ttl=%2B5", 400),
        ("?min_ttl=99999999999999999999", 400),
        ("?min_ttl=300&min_ttl=300", 400),
    ];
    for (query, status) in table {
        let answer = desk.token(&desk.org, query).await;
        assert_eq!(answer.status, status, "{query}: {}", answer.text);
        assert_eq!(status == 400, answer.text.contains("min_ttl"), "{query}: the problem names the parameter");
    }
}

#[tokio::test]
async fn five_minutes_are_asked_for_by_default() {
    let desk = Desk::new().await;
    let ends: Timestamp = desk.token(&desk.org, "").await.json()["expires_at"].as_str().unwrap().parse().unwrap();
    desk.world.sim.webex.faults().outage(true);
    desk.world.wait(ends.duration_since(desk.world.clock.now()) - SignedDuration::from_secs(300));
    assert_eq!(desk.token(&desk.org, "").await.status, 200, "300 seconds are left");
    desk.world.wait(SignedDuration::from_millis(1));
    assert_eq!(desk.token(&desk.org, "").await.status, 503, "not quite, and Webex is down");
}

#[tokio::test]
async fn an_api_gateway_may_put_its_stage_before_the_path() {
    let desk = Desk::new().await;
    let staged = Knock::get(&path(&desk.org, "token")).stage("prod");
    assert_eq!(desk.world.at(&desk.world.vend, &staged).await.status, 200);
}

#[tokio::test]
async fn the_moment_between_an_event_and_the_refreshers_first_write_is_404_then_409_then_200() {
    let desk = Desk::new().await;
    let org = "00000000-0000-4000-8000-000000000001";
    let event = desk.world.sim.webex.authorize(&desk.app, org);
    assert_eq!(desk.token(org, "").await.status, 404);
    assert_eq!(desk.world.deliver(&desk.app, &event).await.status, 202);
    assert_eq!(desk.token(org, "").await.status, 404);
    desk.world.sim.webex.faults().outage(true);
    desk.world.lambda.drain().await;
    let pending = desk.token(org, "").await;
    assert_eq!((pending.status, pending.retry_after() > 0), (409, true));
    desk.world.sim.webex.faults().outage(false);
    desk.world.sweep().await;
    assert_eq!(desk.token(org, "").await.status, 200, "no cache holds an org back");
}
