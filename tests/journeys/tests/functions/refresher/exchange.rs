//! `exchange`: an authorization code that consent brings.

use jiff::SignedDuration;
use serde_json::{Value, json};
use simulator::webex::{Challenge, Endpoint, Fault, IntegrationCredentials};

use super::{TestDeployment, code};

const VERIFIER: &str = "a-verifier-of-forty-three-characters-or-more-1";
const CALLBACK: &str = "https://broker.example/callback";
const GRANT: &str = "webex-token-broker/grants/mobile/grace";

/// A deployment with an Integration, and a code from a user's consent.
async fn consented(variables: &[(&str, &str)]) -> (TestDeployment, IntegrationCredentials, String) {
    let deployment = TestDeployment::with(variables).await;
    let mobile = deployment.integration("mobile");
    let code = code_for(&deployment, &mobile);
    (deployment, mobile, code)
}

fn code_for(deployment: &TestDeployment, app: &IntegrationCredentials) -> String {
    let challenge = Some(Challenge::s256(VERIFIER));
    deployment.world.sim.webex.authorization_code(
        app,
        "grace",
        &["spark:people_read", "spark:all"],
        CALLBACK,
        challenge,
    )
}

fn exchange(code: &str, verifier: &str, more: Value) -> Value {
    let mut body = json!({"app": "mobile", "subject": "grace", "code": code, "redirect_uri": CALLBACK,
        "code_verifier": verifier});
    let Value::Object(more) = more else { panic!("no fields") };
    body.as_object_mut().unwrap().extend(more);
    json!({ "exchange": body })
}

#[tokio::test]
async fn exchange_makes_a_grant_and_shows_no_token() {
    let (deployment, _, code) = consented(&[]).await;
    let answer = deployment.ask(exchange(&code, VERIFIER, json!({}))).await;
    let record = deployment.world.sim.secrets.current_json(GRANT).unwrap();
    let (_, org) = record["access_token"].as_str().unwrap().rsplit_once('_').unwrap();
    let expected = json!({"state": "active", "expires_at": record["access_token_expires_at"],
        "scope": "spark:people_read spark:all", "org": org});
    assert_eq!(answer, expected);
    assert!(deployment.world.sim.webex.is_alive(record["access_token"].as_str().unwrap()));
    let vended = deployment.world.call("GET", "/v1/apps/mobile/grants/grace/token", None).await;
    assert_eq!((vended.status, &vended.json()["scope"]), (200, &expected["scope"]));
}

#[tokio::test]
async fn token_is_shown_only_if_asked_for_and_allowed() {
    for (variables, show, shown) in [
        (&[][..], json!({"show": true}), false),
        (&[("SHOW_TOKENS", "false")][..], json!({"show": true}), false),
        (&[("SHOW_TOKENS", "true")][..], json!({}), false),
        (&[("SHOW_TOKENS", "true")][..], json!({"show": false}), false),
        (&[("SHOW_TOKENS", "true")][..], json!({"show": true}), true),
    ] {
        let (deployment, _, code) = consented(variables).await;
        let answer = deployment.ask(exchange(&code, VERIFIER, show.clone())).await;
        let stored = deployment.world.sim.secrets.current_json(GRANT).unwrap()["access_token"].clone();
        let expected = shown.then_some(&stored);
        assert_eq!(answer.get("access_token"), expected, "{variables:?} {show}");
        assert_eq!(answer.get("refresh_token"), None);
    }
}

#[tokio::test]
async fn used_unknown_or_unproven_code_stores_nothing() {
    let (deployment, mobile, first) = consented(&[]).await;
    let grants = deployment.grants();
    let second = code_for(&deployment, &mobile);
    for (what, payload) in [
        ("unknown", exchange("unknown", VERIFIER, json!({}))),
        ("another verifier", exchange(&first, "another", json!({}))),
        ("and now used", exchange(&first, VERIFIER, json!({}))),
        ("another redirect URI", exchange(&second, VERIFIER, json!({"redirect_uri": "https://other.example"}))),
    ] {
        let answer = deployment.ask(payload).await;
        assert_eq!(code(&answer), "invalid_grant", "{what}");
        assert!(answer["error"]["tracking_id"].is_string(), "{what}");
    }
    assert_eq!(deployment.grants(), grants);
}

#[tokio::test]
async fn code_that_may_have_been_used_is_not_sent_twice() {
    let (deployment, mobile, _) = consented(&[]).await;
    for fault in [Fault::NonJson(502), Fault::Drop, Fault::DropAfterEffect] {
        let code_again = code_for(&deployment, &mobile);
        let before = deployment.world.sim.webex.journal().count(Endpoint::Exchange);
        deployment.world.sim.webex.faults().fail_next(Endpoint::Exchange, 1, fault.clone());
        let answer = deployment.ask(exchange(&code_again, VERIFIER, json!({}))).await;
        assert!(!code(&answer).is_empty());
        assert_eq!(deployment.world.sim.webex.journal().count(Endpoint::Exchange), before + 1, "{fault:?}");
    }
    assert_eq!(deployment.world.sim.secrets.current_json(GRANT), None);
}

#[tokio::test]
async fn second_consent_replaces_the_first() {
    let (deployment, mobile, first) = consented(&[]).await;
    deployment.ask(exchange(&first, VERIFIER, json!({}))).await;
    let before = deployment.world.sim.secrets.current_json(GRANT).unwrap();
    let second = code_for(&deployment, &mobile);
    assert_eq!(deployment.ask(exchange(&second, VERIFIER, json!({}))).await["state"], "active");
    assert_ne!(deployment.world.sim.secrets.current_json(GRANT).unwrap()["access_token"], before["access_token"]);
}

#[tokio::test]
async fn consent_lifts_an_older_fence() {
    let (deployment, mobile, first) = consented(&[]).await;
    deployment.ask(exchange(&first, VERIFIER, json!({}))).await;
    deployment.ask(json!({"fence": {"app": "mobile", "subject": "grace"}})).await;
    assert_eq!(deployment.world.sim.secrets.current_json(GRANT).unwrap()["state"], "fenced");
    deployment.world.wait(SignedDuration::from_secs(1));
    let second = code_for(&deployment, &mobile);
    assert_eq!(deployment.ask(exchange(&second, VERIFIER, json!({}))).await["state"], "active");
    assert_eq!(deployment.world.sim.secrets.current_json(GRANT).unwrap().get("fenced_at"), None);
}
