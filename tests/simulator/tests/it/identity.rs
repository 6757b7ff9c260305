//! Sections 1, 6 and 8: whose token, until when, and guests.

use jiff::{SignedDuration, Timestamp};
use serde_json::json;

use crate::harness::Stage;

#[tokio::test]
async fn token_expiry_is_in_epoch_milliseconds() {
    let stage = Stage::set().await;
    let reply = stage.get("/authorizations/tokenExpiry", &stage.owner.access_token).await;
    let expected: Timestamp = "2026-01-29T11:59:59Z".parse().unwrap();
    assert_eq!(reply.body, json!({"exp": expected.as_millisecond()}));
    let dead = stage.get("/authorizations/tokenExpiry", "dead").await;
    assert_eq!(dead.status, 401);
}

#[tokio::test]
async fn people_me_tells_dead_from_not_entitled() {
    let stage = Stage::set().await;
    assert_eq!(stage.get("/people/me", "dead").await.status, 401);
    assert_eq!(stage.get("/people/me", &stage.owner.access_token).await.status, 403);
    let personal = stage.simulator.webex.personal_access_token("ada");
    let me = stage.get("/people/me", &personal).await;
    assert_eq!((me.status, me.text_of("displayName")), (200, "ada"));
}

#[tokio::test]
async fn a_personal_access_token_lives_for_12_hours() {
    let stage = Stage::set().await;
    let webex = &stage.simulator.webex;
    let token = webex.personal_access_token("ada");
    stage.simulator.clock.advance(SignedDuration::from_hours(12) - SignedDuration::from_secs(1));
    assert!(webex.is_alive(&token));
    stage.simulator.clock.advance(SignedDuration::from_secs(1));
    assert!(!webex.is_alive(&token));
}

#[tokio::test]
async fn a_guest_gets_a_token_and_another_beside_it() {
    let stage = Stage::authorized().await;
    let pair = stage.mint().await;
    let bearer = pair.text_of("access_token");
    let body = json!({"subject": "visitor-7", "displayName": "Visitor"});
    let first = stage.post("/guests/token", bearer, &body).await;
    assert_eq!(first.status, 200);
    assert_eq!(first.body["expiresIn"], 64_799);
    assert_eq!(first.text_of("subject"), "visitor-7");
    assert!(first.text_of("email").contains('@'));
    let second = stage.post("/guests/token", bearer, &body).await;
    assert_eq!(second.body["id"], first.body["id"]);
    assert!(stage.simulator.webex.is_alive(first.text_of("accessToken")));
    assert!(first.body.get("refreshToken").is_none());
}

#[tokio::test]
async fn guests_need_a_service_app_its_scope_and_both_fields() {
    let stage = Stage::authorized().await;
    let pair = stage.mint().await;
    let body = json!({"subject": "visitor-7", "displayName": "Visitor"});
    let person = stage.post("/guests/token", &stage.owner.access_token, &body).await;
    assert_eq!(person.status, 403);
    let partial = json!({"subject": "visitor-7"});
    let reply = stage.post("/guests/token", pair.text_of("access_token"), &partial).await;
    assert_eq!(reply.status, 400);
    assert_eq!(stage.post("/guests/token", "dead", &body).await.status, 401);
}

#[tokio::test]
async fn a_token_can_be_killed_before_its_time() {
    let stage = Stage::authorized().await;
    let pair = stage.mint().await;
    assert!(stage.simulator.webex.kill(pair.text_of("access_token")));
    let reply = stage.get("/people/me", pair.text_of("access_token")).await;
    assert_eq!(reply.status, 401);
}

#[tokio::test]
async fn what_does_not_exist_is_404_in_the_envelope() {
    let stage = Stage::set().await;
    let reply = stage.get("/rooms", &stage.owner.access_token).await;
    assert_eq!(reply.status, 404);
    assert!(reply.body["trackingId"].is_string());
    let unversioned = stage.url("/people/me").replace("/v1", "");
    assert_eq!(stage.send(stage.http.get(unversioned)).await.status, 404);
}
