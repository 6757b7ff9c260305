//! Sections 1, 6 and 8: whose token, until when, and guests.

use jiff::{SignedDuration, Timestamp};
use serde_json::json;

use crate::fixture::Fixture;

#[tokio::test]
async fn token_expiry_is_in_epoch_milliseconds() {
    let fixture = Fixture::new().await;
    let reply = fixture.get("/authorizations/tokenExpiry", &fixture.owner.access_token).await;
    let expected: Timestamp = "2026-01-29T11:59:59Z".parse().unwrap();
    assert_eq!(reply.body, json!({"exp": expected.as_millisecond()}));
    let dead = fixture.get("/authorizations/tokenExpiry", "dead").await;
    assert_eq!(dead.status, 401);
}

#[tokio::test]
async fn people_me_answers_401_dead_403_not_entitled_200_entitled() {
    let fixture = Fixture::new().await;
    assert_eq!(fixture.get("/people/me", "dead").await.status, 401);
    assert_eq!(fixture.get("/people/me", &fixture.owner.access_token).await.status, 403);
    let personal = fixture.simulator.webex.personal_access_token("ada");
    let me = fixture.get("/people/me", &personal).await;
    assert_eq!((me.status, me.text_of("displayName")), (200, "ada"));
}

#[tokio::test]
async fn personal_access_token_lives_for_12_hours() {
    let fixture = Fixture::new().await;
    let webex = &fixture.simulator.webex;
    let token = webex.personal_access_token("ada");
    fixture.simulator.clock.advance(SignedDuration::from_hours(12) - SignedDuration::from_secs(1));
    assert!(webex.is_alive(&token));
    fixture.simulator.clock.advance(SignedDuration::from_secs(1));
    assert!(!webex.is_alive(&token));
}

#[tokio::test]
async fn guest_token_repeated_leaves_the_first_alive() {
    let fixture = Fixture::authorized().await;
    let pair = fixture.mint().await;
    let bearer = pair.text_of("access_token");
    let body = json!({"subject": "visitor-7", "displayName": "Visitor"});
    let first = fixture.post("/guests/token", bearer, &body).await;
    assert_eq!(first.status, 200);
    assert_eq!(first.body["expiresIn"], 64_799);
    assert_eq!(first.text_of("subject"), "visitor-7");
    assert!(first.text_of("email").contains('@'));
    let second = fixture.post("/guests/token", bearer, &body).await;
    assert_eq!(second.body["id"], first.body["id"]);
    assert!(fixture.simulator.webex.is_alive(first.text_of("accessToken")));
    assert!(first.body.get("refreshToken").is_none());
}

#[tokio::test]
async fn guest_token_needs_service_app_scope_and_fields() {
    let fixture = Fixture::authorized().await;
    let pair = fixture.mint().await;
    let body = json!({"subject": "visitor-7", "displayName": "Visitor"});
    let person = fixture.post("/guests/token", &fixture.owner.access_token, &body).await;
    assert_eq!(person.status, 403);
    let partial = json!({"subject": "visitor-7"});
    let reply = fixture.post("/guests/token", pair.text_of("access_token"), &partial).await;
    assert_eq!(reply.status, 400);
    assert_eq!(fixture.post("/guests/token", "dead", &body).await.status, 401);
}

#[tokio::test]
async fn killed_token_is_401() {
    let fixture = Fixture::authorized().await;
    let pair = fixture.mint().await;
    assert!(fixture.simulator.webex.kill(pair.text_of("access_token")));
    let reply = fixture.get("/people/me", pair.text_of("access_token")).await;
    assert_eq!(reply.status, 401);
}

#[tokio::test]
async fn unknown_path_is_404_in_the_envelope() {
    let fixture = Fixture::new().await;
    let reply = fixture.get("/rooms", &fixture.owner.access_token).await;
    assert_eq!(reply.status, 404);
    assert!(reply.body["trackingId"].is_string());
    let unversioned = fixture.url("/people/me").replace("/v1", "");
    assert_eq!(fixture.send(fixture.http.get(unversioned)).await.status, 404);
}
