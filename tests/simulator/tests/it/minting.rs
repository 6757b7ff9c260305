//! Section 2: `POST /applications/{applicationId}/token`.

use jiff::SignedDuration;
use serde_json::json;
use simulator::webex::{Endpoint, Fault, ids};

use crate::fixture::Fixture;

#[tokio::test]
async fn mint_returns_a_pair_without_scope() {
    let fixture = Fixture::authorized().await;
    let reply = fixture.mint().await;
    assert_eq!(reply.status, 200);
    assert_eq!(reply.body["token_type"], "Bearer");
    assert_eq!(reply.body["expires_in"], 1_209_599);
    assert_eq!(reply.body["refresh_token_expires_in"], 7_775_999);
    assert!(reply.body.get("scope").is_none());
    assert!(reply.header("trackingid").is_some());
}

#[tokio::test]
async fn access_token_has_64_characters_cluster_and_org() {
    let fixture = Fixture::authorized().await;
    let reply = fixture.mint().await;
    let parts: Vec<&str> = reply.text_of("access_token").split('_').collect();
    assert_eq!(parts.len(), 3);
    assert_eq!(parts[0].len(), 64);
    assert_eq!(parts[2], fixture.org);
    let refreshed = fixture.refresh(reply.text_of("refresh_token")).await;
    assert!(refreshed.text_of("access_token").ends_with(&format!("_{}", fixture.org)));
    let developer = fixture.simulator.webex.add_developer("ada");
    assert!(fixture.owner.access_token.ends_with(&format!("_{}", developer.org)));
}

#[tokio::test]
async fn application_id_is_the_client_id_urn_in_base64() {
    let fixture = Fixture::new().await;
    assert_eq!(fixture.app.client_id.len(), 65);
    assert!(fixture.app.client_id.starts_with('C'));
    let org = "ce861fba-6e2f-49f9-9a84-b354008fac9e";
    let id = "Y2lzY29zcGFyazovL3VzL09SR0FOSVpBVElPTi9jZTg2MWZiYS02ZTJmLTQ5ZjktOWE4NC1iMzU0MDA4ZmFjOWU";
    assert_eq!(ids::org_id(org), id);
    assert!(fixture.app.application_id.starts_with("Y2lzY29zcGFyazovL3VzL0FQUExJQ0FUSU9OL0"));
}

#[tokio::test]
async fn mint_accepts_every_form_of_org_id() {
    let fixture = Fixture::authorized().await;
    let org = &fixture.org;
    let upper = org.to_uppercase();
    for id in [org, &upper, &ids::org_id(org), &ids::padded_org_id(org), &ids::bare_org_id(org)] {
        let bearer = &fixture.owner.access_token;
        let reply = fixture.post(&fixture.mint_path(), bearer, &fixture.mint_body(id)).await;
        assert_eq!(reply.status, 200, "{id}");
    }
    assert_eq!(fixture.simulator.webex.journal().mints(org), 5);
}

#[tokio::test]
async fn mint_without_a_required_field_is_400() {
    let fixture = Fixture::authorized().await;
    for field in ["clientId", "clientSecret", "targetOrgId"] {
        let mut body = fixture.mint_body(&fixture.org);
        body[field] = json!(null);
        let reply = fixture.post(&fixture.mint_path(), &fixture.owner.access_token, &body).await;
        assert_eq!(reply.status, 400, "{field}");
    }
    let body = fixture.mint_body("not-an-org");
    let reply = fixture.post(&fixture.mint_path(), &fixture.owner.access_token, &body).await;
    assert_eq!(reply.status, 400);
}

#[tokio::test]
async fn mint_for_an_unauthorised_org_is_403_in_the_envelope() {
    let fixture = Fixture::new().await;
    let reply = fixture.mint().await;
    assert_eq!(reply.status, 403);
    assert!(reply.body["message"].is_string());
    assert!(reply.body["errors"][0]["description"].is_string());
    assert_eq!(reply.text_of("trackingId"), reply.header("trackingid").unwrap());
}

#[tokio::test]
async fn mint_by_another_user_or_without_scope_is_403() {
    let fixture = Fixture::authorized().await;
    let webex = &fixture.simulator.webex;
    let body = fixture.mint_body(&fixture.org);
    let theirs = webex.register_integration("eve", &["spark:applications_token"], "http://x/y");
    let stranger = webex.grant_integration(&theirs, "eve").unwrap();
    let narrow = webex.register_integration("ada", &["spark:people_read"], "http://x/y");
    let unscoped = webex.grant_integration(&narrow, "ada").unwrap();
    let cases = [
        (webex.personal_access_token("ada"), 200),
        (fixture.owner.access_token.clone(), 200),
        (unscoped.access_token, 403),
        (stranger.access_token, 403),
        (webex.personal_access_token("eve"), 403),
        ("nonsense".to_owned(), 401),
    ];
    for (bearer, status) in cases {
        let reply = fixture.post(&fixture.mint_path(), &bearer, &body).await;
        assert_eq!(reply.status, status, "{}", reply.text);
    }
}

#[tokio::test]
async fn mint_without_the_scope_names_scopes_roles_and_licenses() {
    let fixture = Fixture::authorized().await;
    let webex = &fixture.simulator.webex;
    let narrow = webex.register_integration("ada", &["spark:people_read"], "http://x/y");
    let unscoped = webex.grant_integration(&narrow, "ada").unwrap();
    let body = fixture.mint_body(&fixture.org);
    let by_rule = fixture.post(&fixture.mint_path(), &unscoped.access_token, &body).await;
    webex.faults().fail_next(Endpoint::Mint, 1, Fault::MissingRights);
    let by_fault = fixture.mint().await;
    for reply in [by_rule, by_fault] {
        assert_eq!(reply.status, 403);
        let message = "The server understood the request, but refused to fulfill it because the access token is \
                       missing required scopes or the user is missing required roles or licenses.";
        assert_eq!(reply.text_of("message"), message);
        assert_eq!(reply.body["errors"], json!([{"description": message}]));
        assert!(reply.text_of("trackingId").starts_with("ROUTERGW_"));
    }
    assert_eq!(fixture.mint().await.status, 200);
}

#[tokio::test]
async fn mint_with_an_expired_token_is_401() {
    let fixture = Fixture::authorized().await;
    fixture.simulator.clock.advance(SignedDuration::from_hours(24 * 15));
    assert_eq!(fixture.mint().await.status, 401);
}

#[tokio::test]
async fn mint_for_an_unknown_app_or_integration_is_404() {
    let fixture = Fixture::authorized().await;
    let body = fixture.mint_body(&fixture.org);
    let integration = fixture.integration.application_id.clone();
    for id in [ids::application_id("C0"), integration] {
        let path = format!("/applications/{id}/token");
        let reply = fixture.post(&path, &fixture.owner.access_token, &body).await;
        assert_eq!(reply.status, 404);
    }
}

#[tokio::test]
async fn mint_with_a_wrong_secret_has_the_configured_status() {
    let fixture = Fixture::authorized().await;
    let old = fixture.mint_body(&fixture.org);
    let new = fixture.simulator.webex.regenerate_secret(&fixture.app).unwrap();
    assert_ne!(old["clientSecret"], json!(new));
    let bearer = &fixture.owner.access_token;
    assert_eq!(fixture.post(&fixture.mint_path(), bearer, &old).await.status, 401);
    fixture.simulator.webex.configure(|settings| settings.wrong_secret_status = 400);
    assert_eq!(fixture.post(&fixture.mint_path(), bearer, &old).await.status, 400);
}

#[tokio::test]
async fn mint_repeated_leaves_the_first_pair_alive() {
    let fixture = Fixture::authorized().await;
    let first = fixture.mint().await;
    fixture.mint().await;
    let webex = &fixture.simulator.webex;
    assert!(webex.is_alive(first.text_of("access_token")));
    assert!(webex.is_refresh_alive(first.text_of("refresh_token")));
    assert_eq!(webex.live_tokens(&fixture.app, &fixture.org), 2);
}

#[tokio::test]
async fn mint_over_the_token_limit_is_refused() {
    let fixture = Fixture::authorized().await;
    fixture.simulator.webex.configure(|settings| settings.token_limit = 3);
    for _ in 0..3 {
        assert_eq!(fixture.mint().await.status, 200);
    }
    let reply = fixture.mint().await;
    assert_eq!(reply.status, 403);
    assert!(reply.text.contains("tokenlimit_reached"));
    fixture.simulator.clock.advance(SignedDuration::from_hours(24 * 14));
    let bearer = fixture.simulator.webex.personal_access_token("ada");
    let body = fixture.mint_body(&fixture.org);
    let reply = fixture.post(&fixture.mint_path(), &bearer, &body).await;
    assert_eq!(reply.status, 200, "expired tokens no longer count");
}

#[tokio::test]
async fn deauthorize_kills_the_machine_accounts_tokens() {
    let fixture = Fixture::authorized().await;
    let webex = &fixture.simulator.webex;
    let pair = fixture.mint().await;
    webex.deauthorize(&fixture.app, &fixture.org);
    assert!(!webex.is_authorized(&fixture.app, &fixture.org));
    assert!(!webex.is_alive(pair.text_of("access_token")));
    assert_eq!(fixture.refresh(pair.text_of("refresh_token")).await.status, 400);
    assert_eq!(fixture.mint().await.status, 403);
    webex.authorize(&fixture.app, &ids::org_id(&fixture.org));
    assert_eq!(fixture.mint().await.status, 200);
    assert_eq!(webex.live_tokens(&fixture.app, &fixture.org), 1, "a new machine account");
}
