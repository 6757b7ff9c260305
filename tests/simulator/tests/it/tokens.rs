//! Sections 1 and 3: refresh and code exchange.

use jiff::SignedDuration;
use simulator::webex::{Challenge, OAuthErrors, Rotation, TokenShape};

use crate::harness::{REDIRECT, Reply, Stage};

const VERIFIER: &str = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";

#[tokio::test]
async fn a_refresh_is_stable_by_default_and_expires_nothing() {
    let stage = Stage::authorized().await;
    let first = stage.mint().await;
    let second = stage.refresh(first.text_of("refresh_token")).await;
    assert_eq!(second.status, 200);
    assert_eq!(second.body["token_type"], "Bearer");
    assert_eq!(second.body["scope"], "guest-issuer:write spark:kms");
    assert_eq!(second.body["refresh_token"], first.body["refresh_token"]);
    assert_ne!(second.body["access_token"], first.body["access_token"]);
    assert!(stage.simulator.webex.is_alive(first.text_of("access_token")));
}

#[tokio::test]
async fn a_rotated_refresh_token_is_dead() {
    let stage = Stage::authorized().await;
    stage.simulator.webex.rotation(Rotation::Rotating);
    let first = stage.mint().await;
    let second = stage.refresh(first.text_of("refresh_token")).await;
    assert_ne!(second.body["refresh_token"], first.body["refresh_token"]);
    let replay = stage.refresh(first.text_of("refresh_token")).await;
    assert_eq!(replay.status, 400);
    assert!(replay.text.contains("invalid_grant"));
    assert_eq!(stage.refresh(second.text_of("refresh_token")).await.status, 200);
}

#[tokio::test]
async fn of_two_racing_refreshes_one_wins_if_tokens_rotate() {
    let stage = Stage::authorized().await;
    stage.simulator.webex.rotation(Rotation::Rotating);
    let pair = stage.mint().await;
    let token = pair.text_of("refresh_token");
    let (one, other) = tokio::join!(stage.refresh(token), stage.refresh(token));
    let mut statuses = [one.status, other.status];
    statuses.sort_unstable();
    assert_eq!(statuses, [200, 400]);
}

#[tokio::test]
async fn a_refresh_token_may_be_left_out_of_either_answer() {
    let stage = Stage::authorized().await;
    let webex = &stage.simulator.webex;
    webex.rotation(Rotation::Omitted);
    let first = stage.mint().await;
    let second = stage.refresh(first.text_of("refresh_token")).await;
    assert!(second.body.get("refresh_token").is_none());
    assert_eq!(stage.refresh(first.text_of("refresh_token")).await.status, 200);
    webex.configure(|settings| settings.mint_gives_refresh_token = false);
    assert!(stage.mint().await.body.get("refresh_token").is_none());
}

#[tokio::test]
async fn a_refresh_renews_the_refresh_token_or_not() {
    let stage = Stage::authorized().await;
    let pair = stage.mint().await;
    let token = pair.text_of("refresh_token");
    stage.simulator.clock.advance(SignedDuration::from_hours(24));
    let renewed = stage.refresh(token).await;
    assert_eq!(renewed.body["refresh_token_expires_in"], 7_775_999);
    stage.simulator.webex.configure(|settings| settings.refresh_renews = false);
    stage.simulator.clock.advance(SignedDuration::from_hours(24));
    let kept = stage.refresh(token).await;
    assert_eq!(kept.body["refresh_token_expires_in"], 7_775_999 - 86_400);
}

#[tokio::test]
async fn an_idle_refresh_token_dies_after_90_days() {
    let stage = Stage::authorized().await;
    let pair = stage.mint().await;
    stage.simulator.clock.advance(SignedDuration::from_hours(24 * 90));
    let reply = stage.refresh(pair.text_of("refresh_token")).await;
    assert_eq!(reply.status, 400);
    assert!(reply.text.contains("invalid_grant"));
}

#[tokio::test]
async fn asked_again_soon_webex_may_give_the_same_token() {
    let stage = Stage::authorized().await;
    let day = SignedDuration::from_hours(24);
    stage.simulator.webex.configure(|settings| settings.reuse_within = Some(day));
    let first = stage.mint().await;
    stage.simulator.clock.advance(SignedDuration::from_hours(1));
    let same = stage.refresh(first.text_of("refresh_token")).await;
    assert_eq!(same.body["access_token"], first.body["access_token"]);
    assert_eq!(same.body["expires_in"], 1_209_599 - 3600);
    stage.simulator.clock.advance(day);
    let new = stage.refresh(first.text_of("refresh_token")).await;
    assert_ne!(new.body["access_token"], first.body["access_token"]);
}

#[tokio::test]
async fn errors_come_in_the_configured_spelling_and_status() {
    let stage = Stage::authorized().await;
    let webex = &stage.simulator.webex;
    let envelope = stage.refresh("nonsense").await;
    assert_eq!(envelope.status, 400);
    let description = envelope.body["errors"][0]["description"].as_str().unwrap();
    assert!(description.starts_with("invalid_grant"));
    webex.configure(|settings| {
        settings.oauth_errors = OAuthErrors::Rfc6749;
        settings.dead_refresh_status = 401;
    });
    let rfc = stage.refresh("nonsense").await;
    assert_eq!((rfc.status, rfc.text_of("error")), (401, "invalid_grant"));
    assert!(rfc.body["error_description"].is_string());
    assert!(rfc.header("trackingid").is_some());
    webex.configure(|settings| settings.oauth_errors = OAuthErrors::BareEnvelope);
    let bare = stage.refresh("nonsense").await;
    assert!(bare.body.get("errors").is_none() && bare.body.get("error").is_none());
    assert!(bare.body["trackingId"].is_string());
}

#[tokio::test]
async fn the_token_endpoint_takes_forms_only() {
    let stage = Stage::authorized().await;
    let url = stage.url("/access_token");
    let json = serde_json::json!({"grant_type": "refresh_token"});
    let reply = stage.send(stage.http.post(url).json(&json)).await;
    assert_eq!(reply.status, 400);
    assert!(reply.text.contains("invalid_request"));
}

#[tokio::test]
async fn client_credentials_may_come_as_basic() {
    let stage = Stage::authorized().await;
    let pair = stage.mint().await;
    let request = stage.http.post(stage.url("/access_token"));
    let request = request.basic_auth(&stage.app.client_id, Some(&stage.app.client_secret));
    let form = [("grant_type", "refresh_token"), ("refresh_token", pair.text_of("refresh_token"))];
    assert_eq!(stage.send(request.form(&form)).await.status, 200);
}

#[tokio::test]
async fn wrong_clients_and_grant_types_are_refused_by_name() {
    let stage = Stage::authorized().await;
    let pair = stage.mint().await;
    let token = pair.text_of("refresh_token");
    let id = stage.app.client_id.as_str();
    let secret = stage.app.client_secret.as_str();
    let other = (&stage.integration.client_id, &stage.integration.client_secret);
    let cases = [
        ("refresh_token", id, "wrong", 401, "invalid_client"),
        ("refresh_token", "Cunknown", secret, 401, "invalid_client"),
        ("refresh_token", other.0, other.1, 400, "invalid_grant"),
        ("password", id, secret, 400, "unsupported_grant_type"),
        ("refresh_token", "", secret, 400, "invalid_request"),
    ];
    for (grant_type, client_id, client_secret, status, code) in cases {
        let reply = stage
            .form(&[
                ("grant_type", grant_type),
                ("client_id", client_id),
                ("client_secret", client_secret),
                ("refresh_token", token),
            ])
            .await;
        assert_eq!(reply.status, status, "{code}");
        assert!(reply.text.contains(code), "{}", reply.text);
    }
}

#[tokio::test]
async fn tokens_may_be_long_and_without_a_suffix() {
    let stage = Stage::authorized().await;
    stage.simulator.webex.configure(|settings| settings.token_shape = TokenShape::Long);
    let pair = stage.mint().await;
    assert!(pair.text_of("access_token").len() > 2000);
    assert!(!pair.text_of("access_token").contains(&stage.org));
}

async fn exchange(stage: &Stage, code: &str, redirect: &str, verifier: Option<&str>) -> Reply {
    let mut form = vec![
        ("grant_type", "authorization_code"),
        ("client_id", &stage.integration.client_id),
        ("client_secret", &stage.integration.client_secret),
        ("code", code),
        ("redirect_uri", redirect),
    ];
    form.extend(verifier.map(|verifier| ("code_verifier", verifier)));
    stage.form(&form).await
}

fn code(stage: &Stage, challenge: Option<Challenge>) -> String {
    let scopes = ["spark:applications_token"];
    let webex = &stage.simulator.webex;
    webex.authorization_code(&stage.integration, "ada", &scopes, REDIRECT, challenge)
}

#[tokio::test]
async fn a_code_is_exchanged_once() {
    let stage = Stage::set().await;
    let code = code(&stage, None);
    let pair = exchange(&stage, &code, REDIRECT, None).await;
    assert_eq!(pair.status, 200);
    assert_eq!(pair.text_of("scope"), "spark:applications_token");
    let again = exchange(&stage, &code, REDIRECT, None).await;
    assert_eq!(again.status, 400);
    assert!(again.text.contains("invalid_grant"));
}

#[tokio::test]
async fn pkce_is_checked_for_s256_and_plain() {
    let stage = Stage::set().await;
    // The vector of RFC 7636, appendix B.
    let s256 = Challenge::S256("E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM".to_owned());
    assert_eq!(Challenge::s256(VERIFIER), s256);
    for challenge in [s256, Challenge::Plain(VERIFIER.to_owned())] {
        for (verifier, status) in [(Some(VERIFIER), 200), (Some("wrong"), 400), (None, 400)] {
            let code = code(&stage, Some(challenge.clone()));
            let reply = exchange(&stage, &code, REDIRECT, verifier).await;
            assert_eq!(reply.status, status, "{challenge:?} {verifier:?}");
        }
    }
}

#[tokio::test]
async fn a_code_is_bound_to_its_redirect_uri_and_expires() {
    let stage = Stage::set().await;
    let elsewhere = exchange(&stage, &code(&stage, None), "http://evil/callback", None).await;
    assert_eq!(elsewhere.status, 400);
    let late = code(&stage, None);
    stage.simulator.clock.advance(SignedDuration::from_mins(11));
    assert_eq!(exchange(&stage, &late, REDIRECT, None).await.status, 400);
}
