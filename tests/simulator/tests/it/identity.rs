//! Sections 1, 6 and 8: tokenExpiry, people/me, organizations, authorizations and guests.

use jiff::{SignedDuration, Timestamp};
use serde_json::json;

use simulator::webex::{Role, ids};

use crate::fixture::Fixture;

#[tokio::test]
async fn token_expiry_is_in_epoch_milliseconds() {
    let fixture = Fixture::new().await;
    let reply = fixture.get("/authorizations/tokenExpiry", &fixture.owner.access_token).await;
    let expected: Timestamp = "2026-01-29T11:59:59Z".parse().unwrap();
    assert_eq!(reply.body, json!({"exp": expected.as_millisecond()}));
}

#[tokio::test]
async fn token_expiry_is_401_for_unknown_killed_and_expired_tokens() {
    let fixture = Fixture::authorized().await;
    let killed = fixture.mint().await.text_of("access_token").to_owned();
    assert_eq!(fixture.get("/authorizations/tokenExpiry", &killed).await.status, 200);
    fixture.simulator.webex.kill(&killed);
    let expired = fixture.mint().await.text_of("access_token").to_owned();
    fixture.simulator.clock.advance(SignedDuration::from_secs(1_209_599));
    for token in ["unknown", &killed, &expired] {
        let reply = fixture.get("/authorizations/tokenExpiry", token).await;
        assert_eq!(reply.status, 401);
        assert_eq!(reply.text_of("trackingId"), reply.header("trackingid").unwrap());
        assert!(reply.text_of("message").starts_with("The request requires a valid access token"), "{}", reply.text);
    }
}

#[tokio::test]
async fn people_me_answers_401_dead_403_not_entitled_200_entitled() {
    let fixture = Fixture::new().await;
    assert_eq!(fixture.get("/people/me", "dead").await.status, 401);
    assert_eq!(fixture.get("/people/me", &fixture.owner.access_token).await.status, 403);
    let personal = fixture.simulator.webex.personal_access_token("ada");
    let me = fixture.get("/people/me", &personal).await;
    assert_eq!((me.status, me.text_of("displayName")), (200, "ada"));
    let developer = fixture.simulator.webex.add_developer("ada");
    assert_eq!(me.text_of("id"), developer.person_id);
    assert_eq!(me.text_of("orgId"), ids::org_id(&developer.org));
    assert_eq!(me.body["emails"], json!(["ada@users.webex.localhost"]));
}

#[tokio::test]
async fn people_me_of_a_service_app_names_the_customer_org() {
    let fixture = Fixture::new().await;
    let webex = &fixture.simulator.webex;
    let app = webex.register_service_app("ada", &["spark:people_read"]);
    webex.authorize(&app, &fixture.org);
    let body = json!({"clientId": app.client_id, "clientSecret": app.client_secret, "targetOrgId": fixture.org});
    let path = format!("/applications/{}/token", app.application_id);
    let pair = fixture.post(&path, &fixture.owner.access_token, &body).await;
    let me = fixture.get("/people/me", pair.text_of("access_token")).await;
    assert_eq!((me.status, me.text_of("orgId")), (200, ids::org_id(&fixture.org).as_str()));
    assert_eq!(me.body["emails"].as_array().unwrap().len(), 1);
}

#[tokio::test]
async fn organization_is_readable_by_its_own_tokens_only() {
    let fixture = Fixture::new().await;
    let webex = &fixture.simulator.webex;
    webex.add_user_of(&fixture.org, "cleo", Role::FullAdmin);
    let app = webex.register_integration("ada", &["spark-admin:organizations_read"], "http://x/y");
    let insider = webex.grant_integration(&app, "cleo").unwrap();
    let outsider = webex.grant_integration(&app, "ada").unwrap();
    let path = format!("/organizations/{}", ids::org_id(&fixture.org));
    let reply = fixture.get(&path, &insider.access_token).await;
    assert_eq!((reply.status, reply.text_of("displayName")), (200, "customer"));
    assert_eq!(fixture.get(&path, &outsider.access_token).await.status, 404);
    assert_eq!(fixture.get(&path, &fixture.owner.access_token).await.status, 403);
}

#[tokio::test]
async fn delete_authorization_by_the_orgs_admin_withdraws_consent() {
    let fixture = Fixture::authorized().await;
    let webex = &fixture.simulator.webex;
    let pair = fixture.mint().await;
    webex.add_user_of(&fixture.org, "cleo", Role::FullAdmin);
    let app = webex.register_integration("ada", &["identity:tokens_write"], "http://x/y");
    let admin = webex.grant_integration(&app, "cleo").unwrap();
    let stranger = webex.grant_integration(&app, "ada").unwrap();
    let org = ids::org_id(&fixture.org);
    let url = fixture.url(&format!("/authorizations?clientId={}&orgId={org}", fixture.app.client_id));
    let delete = async |bearer: &str| fixture.send(fixture.http.delete(&url).bearer_auth(bearer)).await.status;
    assert_eq!(delete("dead").await, 401);
    assert_eq!(delete(&fixture.owner.access_token).await, 403, "without the scope");
    assert_eq!(delete(&stranger.access_token).await, 403, "of another org");
    assert!(webex.is_alive(pair.text_of("access_token")));
    assert_eq!(delete(&admin.access_token).await, 204);
    assert!(!webex.is_authorized(&fixture.app, &fixture.org));
    assert!(!webex.is_alive(pair.text_of("access_token")));
    assert_eq!(delete(&admin.access_token).await, 404);
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
