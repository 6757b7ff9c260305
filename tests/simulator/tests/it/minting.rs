//! Section 2: `POST /applications/{applicationId}/token`.

use jiff::SignedDuration;
use serde_json::json;
use simulator::webex::ids;

use crate::harness::Stage;

#[tokio::test]
async fn a_mint_answers_with_a_pair_and_no_scope() {
    let stage = Stage::authorized().await;
    let reply = stage.mint().await;
    assert_eq!(reply.status, 200);
    assert_eq!(reply.body["token_type"], "Bearer");
    assert_eq!(reply.body["expires_in"], 1_209_599);
    assert_eq!(reply.body["refresh_token_expires_in"], 7_775_999);
    assert!(reply.body.get("scope").is_none());
    assert!(reply.header("trackingid").is_some());
}

#[tokio::test]
async fn a_token_is_64_characters_a_cluster_and_the_org() {
    let stage = Stage::authorized().await;
    let reply = stage.mint().await;
    let parts: Vec<&str> = reply.text_of("access_token").split('_').collect();
    assert_eq!(parts.len(), 3);
    assert_eq!(parts[0].len(), 64);
    assert_eq!(parts[2], stage.org);
}

#[tokio::test]
async fn an_application_id_is_the_client_ids_urn_in_base64() {
    let stage = Stage::set().await;
    assert_eq!(stage.app.client_id.len(), 65);
    assert!(stage.app.client_id.starts_with('C'));
    let org = "ce861fba-6e2f-49f9-9a84-b354008fac9e";
    let id = "Y2lzY29zcGFyazovL3VzL09SR0FOSVpBVElPTi9jZTg2MWZiYS02ZTJmLTQ5ZjktOWE4NC1iMzU0MDA4ZmFjOWU";
    assert_eq!(ids::org_id(org), id);
    assert!(stage.app.application_id.starts_with("Y2lzY29zcGFyazovL3VzL0FQUExJQ0FUSU9OL0"));
}

#[tokio::test]
async fn the_org_may_come_in_every_form_that_webex_uses() {
    let stage = Stage::authorized().await;
    let org = &stage.org;
    let upper = org.to_uppercase();
    for id in [org, &upper, &ids::org_id(org), &ids::padded_org_id(org), &ids::bare_org_id(org)] {
        let bearer = &stage.owner.access_token;
        let reply = stage.post(&stage.mint_path(), bearer, &stage.mint_body(id)).await;
        assert_eq!(reply.status, 200, "{id}");
    }
    assert_eq!(stage.simulator.webex.journal().mints(org), 5);
}

#[tokio::test]
async fn each_of_the_three_fields_is_required() {
    let stage = Stage::authorized().await;
    for field in ["clientId", "clientSecret", "targetOrgId"] {
        let mut body = stage.mint_body(&stage.org);
        body[field] = json!(null);
        let reply = stage.post(&stage.mint_path(), &stage.owner.access_token, &body).await;
        assert_eq!(reply.status, 400, "{field}");
    }
    let body = stage.mint_body("not-an-org");
    let reply = stage.post(&stage.mint_path(), &stage.owner.access_token, &body).await;
    assert_eq!(reply.status, 400);
}

#[tokio::test]
async fn an_org_that_has_not_authorised_is_403_in_the_envelope() {
    let stage = Stage::set().await;
    let reply = stage.mint().await;
    assert_eq!(reply.status, 403);
    assert!(reply.body["message"].is_string());
    assert!(reply.body["errors"][0]["description"].is_string());
    assert_eq!(reply.text_of("trackingId"), reply.header("trackingid").unwrap());
}

#[tokio::test]
async fn only_the_apps_owner_may_mint() {
    let stage = Stage::authorized().await;
    let webex = &stage.simulator.webex;
    let body = stage.mint_body(&stage.org);
    let theirs = webex.register_integration("eve", &["spark:applications_token"], "http://x/y");
    let stranger = webex.grant_integration(&theirs, "eve").unwrap();
    let narrow = webex.register_integration("ada", &["spark:people_read"], "http://x/y");
    let unscoped = webex.grant_integration(&narrow, "ada").unwrap();
    let cases = [
        (webex.personal_access_token("ada"), 200),
        (stage.owner.access_token.clone(), 200),
        (unscoped.access_token, 403),
        (stranger.access_token, 403),
        (webex.personal_access_token("eve"), 403),
        ("nonsense".to_owned(), 401),
    ];
    for (bearer, status) in cases {
        let reply = stage.post(&stage.mint_path(), &bearer, &body).await;
        assert_eq!(reply.status, status, "{}", reply.text);
    }
}

#[tokio::test]
async fn an_expired_bearer_is_401() {
    let stage = Stage::authorized().await;
    stage.simulator.clock.advance(SignedDuration::from_hours(24 * 15));
    assert_eq!(stage.mint().await.status, 401);
}

#[tokio::test]
async fn an_unknown_app_is_404_and_so_is_an_integration() {
    let stage = Stage::authorized().await;
    let body = stage.mint_body(&stage.org);
    let integration = stage.integration.application_id.clone();
    for id in [ids::application_id("C0"), integration] {
        let path = format!("/applications/{id}/token");
        let reply = stage.post(&path, &stage.owner.access_token, &body).await;
        assert_eq!(reply.status, 404);
    }
}

#[tokio::test]
async fn a_wrong_client_secret_is_401_or_as_configured() {
    let stage = Stage::authorized().await;
    let old = stage.mint_body(&stage.org);
    let new = stage.simulator.webex.regenerate_secret(&stage.app).unwrap();
    assert_ne!(old["clientSecret"], json!(new));
    let bearer = &stage.owner.access_token;
    assert_eq!(stage.post(&stage.mint_path(), bearer, &old).await.status, 401);
    stage.simulator.webex.configure(|settings| settings.wrong_secret_status = 400);
    assert_eq!(stage.post(&stage.mint_path(), bearer, &old).await.status, 400);
}

#[tokio::test]
async fn a_second_mint_leaves_the_first_pair_alive() {
    let stage = Stage::authorized().await;
    let first = stage.mint().await;
    stage.mint().await;
    let webex = &stage.simulator.webex;
    assert!(webex.is_alive(first.text_of("access_token")));
    assert!(webex.is_refresh_alive(first.text_of("refresh_token")));
    assert_eq!(webex.live_tokens(&stage.app, &stage.org), 2);
}

#[tokio::test]
async fn the_751st_live_token_is_refused_by_name() {
    let stage = Stage::authorized().await;
    stage.simulator.webex.configure(|settings| settings.token_limit = 3);
    for _ in 0..3 {
        assert_eq!(stage.mint().await.status, 200);
    }
    let reply = stage.mint().await;
    assert_eq!(reply.status, 403);
    assert!(reply.text.contains("tokenlimit_reached"));
    stage.simulator.clock.advance(SignedDuration::from_hours(24 * 14));
    let bearer = stage.simulator.webex.personal_access_token("ada");
    let body = stage.mint_body(&stage.org);
    let reply = stage.post(&stage.mint_path(), &bearer, &body).await;
    assert_eq!(reply.status, 200, "expired tokens no longer count");
}

#[tokio::test]
async fn a_deauthorisation_kills_the_machine_accounts_tokens() {
    let stage = Stage::authorized().await;
    let webex = &stage.simulator.webex;
    let pair = stage.mint().await;
    webex.deauthorize(&stage.app, &stage.org);
    assert!(!webex.is_authorized(&stage.app, &stage.org));
    assert!(!webex.is_alive(pair.text_of("access_token")));
    assert_eq!(stage.refresh(pair.text_of("refresh_token")).await.status, 400);
    assert_eq!(stage.mint().await.status, 403);
    webex.authorize(&stage.app, &ids::org_id(&stage.org));
    assert_eq!(stage.mint().await.status, 200);
    assert_eq!(webex.live_tokens(&stage.app, &stage.org), 1, "a new machine account");
}
