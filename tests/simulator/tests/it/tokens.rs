//! Sections 1 and 3: refresh and code exchange.

use jiff::SignedDuration;
use simulator::webex::{Challenge, Endpoint, Fault, OAuthErrors, Rotation, TokenShape};

use crate::fixture::{Fixture, REDIRECT, Reply};

const VERIFIER: &str = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";

#[tokio::test]
async fn refresh_keeps_the_refresh_token_by_default() {
    let fixture = Fixture::authorized().await;
    let first = fixture.mint().await;
    let second = fixture.refresh(first.text_of("refresh_token")).await;
    assert_eq!(second.status, 200);
    assert_eq!(second.body["token_type"], "Bearer");
    assert_eq!(second.body["scope"], "guest-issuer:write spark:kms");
    assert_eq!(second.body["refresh_token"], first.body["refresh_token"]);
    assert_ne!(second.body["access_token"], first.body["access_token"]);
    assert!(fixture.simulator.webex.is_alive(first.text_of("access_token")));
}

#[tokio::test]
async fn refresh_rotating_kills_the_old_refresh_token() {
    let fixture = Fixture::authorized().await;
    fixture.simulator.webex.rotation(Rotation::Rotating);
    let first = fixture.mint().await;
    let second = fixture.refresh(first.text_of("refresh_token")).await;
    assert_ne!(second.body["refresh_token"], first.body["refresh_token"]);
    let replay = fixture.refresh(first.text_of("refresh_token")).await;
    assert_eq!(replay.status, 400);
    assert!(replay.text.contains("invalid_grant"));
    assert_eq!(fixture.refresh(second.text_of("refresh_token")).await.status, 200);
}

#[tokio::test]
async fn refresh_raced_while_rotating_has_one_winner() {
    let fixture = Fixture::authorized().await;
    fixture.simulator.webex.rotation(Rotation::Rotating);
    let pair = fixture.mint().await;
    let token = pair.text_of("refresh_token");
    let (one, other) = tokio::join!(fixture.refresh(token), fixture.refresh(token));
    let mut statuses = [one.status, other.status];
    statuses.sort_unstable();
    assert_eq!(statuses, [200, 400]);
}

#[tokio::test]
async fn refresh_token_can_be_omitted_from_responses() {
    let fixture = Fixture::authorized().await;
    let webex = &fixture.simulator.webex;
    webex.rotation(Rotation::Omitted);
    let first = fixture.mint().await;
    let second = fixture.refresh(first.text_of("refresh_token")).await;
    assert!(second.body.get("refresh_token").is_none());
    assert_eq!(fixture.refresh(first.text_of("refresh_token")).await.status, 200);
    webex.configure(|settings| settings.mint_gives_refresh_token = false);
    assert!(fixture.mint().await.body.get("refresh_token").is_none());
}

#[tokio::test]
async fn refresh_renews_the_refresh_token_if_configured() {
    let fixture = Fixture::authorized().await;
    let pair = fixture.mint().await;
    let token = pair.text_of("refresh_token");
    fixture.simulator.clock.advance(SignedDuration::from_hours(24));
    let renewed = fixture.refresh(token).await;
    assert_eq!(renewed.body["refresh_token_expires_in"], 7_775_999);
    fixture.simulator.webex.configure(|settings| settings.refresh_renews = false);
    fixture.simulator.clock.advance(SignedDuration::from_hours(24));
    let kept = fixture.refresh(token).await;
    assert_eq!(kept.body["refresh_token_expires_in"], 7_775_999 - 86_400);
}

#[tokio::test]
async fn refresh_token_unused_for_90_days_is_dead() {
    let fixture = Fixture::authorized().await;
    let pair = fixture.mint().await;
    fixture.simulator.clock.advance(SignedDuration::from_hours(24 * 90));
    let reply = fixture.refresh(pair.text_of("refresh_token")).await;
    assert_eq!(reply.status, 400);
    assert!(reply.text.contains("invalid_grant"));
}

#[tokio::test]
async fn refresh_within_reuse_window_returns_the_same_token() {
    let fixture = Fixture::authorized().await;
    let day = SignedDuration::from_hours(24);
    fixture.simulator.webex.configure(|settings| settings.reuse_within = Some(day));
    let first = fixture.mint().await;
    fixture.simulator.clock.advance(SignedDuration::from_hours(1));
    let same = fixture.refresh(first.text_of("refresh_token")).await;
    assert_eq!(same.body["access_token"], first.body["access_token"]);
    assert_eq!(same.body["expires_in"], 1_209_599 - 3600);
    fixture.simulator.clock.advance(day);
    let new = fixture.refresh(first.text_of("refresh_token")).await;
    assert_ne!(new.body["access_token"], first.body["access_token"]);
}

#[tokio::test]
async fn token_errors_have_the_configured_format_and_status() {
    let fixture = Fixture::authorized().await;
    let webex = &fixture.simulator.webex;
    let envelope = fixture.refresh("nonsense").await;
    assert_eq!(envelope.status, 400);
    let description = envelope.body["errors"][0]["description"].as_str().unwrap();
    assert!(description.starts_with("invalid_grant"));
    webex.configure(|settings| {
        settings.oauth_errors = OAuthErrors::Rfc6749;
        settings.dead_refresh_status = 401;
    });
    let rfc = fixture.refresh("nonsense").await;
    assert_eq!((rfc.status, rfc.text_of("error")), (401, "invalid_grant"));
    assert!(rfc.body["error_description"].is_string());
    assert!(rfc.header("trackingid").is_some());
    webex.configure(|settings| settings.oauth_errors = OAuthErrors::BareEnvelope);
    let bare = fixture.refresh("nonsense").await;
    assert!(bare.body.get("errors").is_none() && bare.body.get("error").is_none());
    assert!(bare.body["trackingId"].is_string());
}

#[tokio::test]
async fn token_errors_of_the_identity_broker_have_the_id_in_the_body() {
    let fixture = Fixture::authorized().await;
    let webex = &fixture.simulator.webex;
    webex.configure(|settings| settings.oauth_errors = OAuthErrors::IdentityBroker);
    let refresh = fixture.refresh("nonsense").await;
    let exchange = exchange(&fixture, "nonsense", REDIRECT, None).await;
    webex.configure(|settings| settings.oauth_errors = OAuthErrors::Envelope);
    let fault = Fault::IdentityBrokerError { status: 400, code: "invalid_grant" };
    webex.faults().fail_next(Endpoint::Refresh, 1, fault);
    let planned = fixture.refresh("nonsense").await;
    let entries = webex.journal().entries();
    for (reply, entry) in [refresh, exchange, planned].iter().zip(entries) {
        assert_eq!((reply.status, reply.text_of("error")), (400, "invalid_grant"));
        assert!(reply.body["error_description"].is_string());
        assert_eq!(reply.text_of("trackingID"), entry.tracking_id.replace("ROUTERGW", "CLIENT"));
        assert_eq!(reply.header("trackingid"), None);
    }
}

#[tokio::test]
async fn access_token_accepts_forms_only() {
    let fixture = Fixture::authorized().await;
    let url = fixture.url("/access_token");
    let json = serde_json::json!({"grant_type": "refresh_token"});
    let reply = fixture.send(fixture.http.post(url).json(&json)).await;
    assert_eq!(reply.status, 400);
    assert!(reply.text.contains("invalid_request"));
}

#[tokio::test]
async fn access_token_accepts_basic_authentication() {
    let fixture = Fixture::authorized().await;
    let pair = fixture.mint().await;
    let request = fixture.http.post(fixture.url("/access_token"));
    let request = request.basic_auth(&fixture.app.client_id, Some(&fixture.app.client_secret));
    let form = [("grant_type", "refresh_token"), ("refresh_token", pair.text_of("refresh_token"))];
    assert_eq!(fixture.send(request.form(&form)).await.status, 200);
}

#[tokio::test]
async fn access_token_names_wrong_clients_and_grant_types() {
    let fixture = Fixture::authorized().await;
    let pair = fixture.mint().await;
    let token = pair.text_of("refresh_token");
    let id = fixture.app.client_id.as_str();
    let secret = fixture.app.client_secret.as_str();
    let other = (&fixture.integration.client_id, &fixture.integration.client_secret);
    let cases = [
        ("refresh_token", id, "wrong", 401, "invalid_client"),
        ("refresh_token", "Cunknown", secret, 401, "invalid_client"),
        ("refresh_token", other.0, other.1, 400, "invalid_grant"),
        ("password", id, secret, 400, "unsupported_grant_type"),
        ("refresh_token", "", secret, 400, "invalid_request"),
    ];
    for (grant_type, client_id, client_secret, status, code) in cases {
        let reply = fixture
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
async fn long_tokens_have_no_org_suffix() {
    let fixture = Fixture::authorized().await;
    fixture.simulator.webex.configure(|settings| settings.token_shape = TokenShape::Long);
    let pair = fixture.mint().await;
    assert!(pair.text_of("access_token").len() > 2000);
    assert!(!pair.text_of("access_token").contains(&fixture.org));
}

async fn exchange(fixture: &Fixture, code: &str, redirect: &str, verifier: Option<&str>) -> Reply {
    let mut form = vec![
        ("grant_type", "authorization_code"),
        ("client_id", &fixture.integration.client_id),
        ("client_secret", &fixture.integration.client_secret),
        ("code", code),
        ("redirect_uri", redirect),
    ];
    form.extend(verifier.map(|verifier| ("code_verifier", verifier)));
    fixture.form(&form).await
}

fn code(fixture: &Fixture, challenge: Option<Challenge>) -> String {
    let scopes = ["spark:applications_token"];
    let webex = &fixture.simulator.webex;
    webex.authorization_code(&fixture.integration, "ada", &scopes, REDIRECT, challenge)
}

#[tokio::test]
async fn exchange_accepts_a_code_once() {
    let fixture = Fixture::new().await;
    let code = code(&fixture, None);
    let pair = exchange(&fixture, &code, REDIRECT, None).await;
    assert_eq!((pair.status, pair.text_of("scope")), (200, "spark:applications_token"));
    let again = exchange(&fixture, &code, REDIRECT, None).await;
    assert_eq!((again.status, again.text.contains("invalid_grant")), (400, true));
}

#[tokio::test]
async fn exchange_checks_pkce_for_s256_and_plain() {
    let fixture = Fixture::new().await;
    // The vector of RFC 7636, appendix B.
    let s256 = Challenge::S256("E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM".to_owned());
    assert_eq!(Challenge::s256(VERIFIER), s256);
    for challenge in [s256, Challenge::Plain(VERIFIER.to_owned())] {
        for (verifier, status) in [(Some(VERIFIER), 200), (Some("wrong"), 400), (None, 400)] {
            let code = code(&fixture, Some(challenge.clone()));
            let reply = exchange(&fixture, &code, REDIRECT, verifier).await;
            assert_eq!(reply.status, status, "{challenge:?} {verifier:?}");
        }
    }
}

#[tokio::test]
async fn exchange_checks_redirect_uri_and_expiry() {
    let fixture = Fixture::new().await;
    assert_eq!(exchange(&fixture, &code(&fixture, None), "http://evil/callback", None).await.status, 400);
    let late = code(&fixture, None);
    fixture.simulator.clock.advance(SignedDuration::from_mins(11));
    assert_eq!(exchange(&fixture, &late, REDIRECT, None).await.status, 400);
}
