//! Links with which a person consents again: what the refresher makes and what it accepts.

use broker_core::token::LinkToken;
use serde_json::{Value, json};
use simulator::Point;
use simulator::webex::{Challenge, Endpoint, IntegrationCredentials, Role};

use super::{DAY, HOUR};
use crate::harness::{Deployment, to_request};

const CALLBACK: &str = "https://broker.example/callback";
const VERIFIER: &str = "a-verifier-of-at-least-forty-three-characters";

/// A deployment in which ada's personal grants `reports/ada` and `reports/bob` have died.
async fn dead_grants() -> (Deployment, IntegrationCredentials) {
    let world = Deployment::new().await;
    let integration = world.sim.webex.register_integration("ada", &["spark:all"], CALLBACK);
    world.put(
        "apps/reports",
        &json!({"kind": "integration", "client_id": integration.client_id, "client_secret": integration.client_secret,
            "redirect_uri": CALLBACK}),
    );
    for subject in ["ada", "bob"] {
        let code = code(&world, &integration, subject);
        assert_eq!(exchange(&world, subject, &code, &Value::Null).await["state"], "active");
        world.sim.webex.kill(document(&world, subject)["refresh_token"].as_str().unwrap());
    }
    world.wait(DAY * 8);
    assert_eq!(world.sweep().await["failing"], 2);
    (world, integration)
}

fn document(world: &Deployment, subject: &str) -> Value {
    world.sim.secrets.current_json(&format!("webex-token-broker/grants/reports/{subject}")).unwrap()
}

fn code(world: &Deployment, integration: &IntegrationCredentials, user: &str) -> String {
    let challenge = Some(Challenge::s256(VERIFIER));
    world.sim.webex.authorization_code(integration, user, &["spark:all"], CALLBACK, challenge)
}

async fn make_link(world: &Deployment, subject: &str) -> Value {
    world
        .ask(json!({"make_link": {"app": "reports", "subject": subject, "scope": "spark:all"}, "operator": "eve"}))
        .await
}

async fn exchange(world: &Deployment, subject: &str, code: &str, link: &Value) -> Value {
    let mut body = json!({"app": "reports", "subject": subject, "code": code, "redirect_uri": CALLBACK,
        "code_verifier": VERIFIER});
    if !link.is_null() {
        body["link"] = link.clone();
    }
    world.ask(json!({"exchange": body, "operator": "consent link"})).await
}

#[tokio::test]
async fn link_brings_a_dead_grant_back_once() {
    let (world, integration) = dead_grants().await;
    let link = make_link(&world, "ada").await["link"].clone();
    let again = make_link(&world, "ada").await["link"].clone();
    world.wait(HOUR);
    world.sweep().await; // It fails once more, which does not spend the link.
    let granted = exchange(&world, "ada", &code(&world, &integration, "ada"), &link).await;
    assert_eq!(granted["state"], "active", "{granted}");
    let entry = document(&world, "ada")["history"].as_array().unwrap().last().unwrap().clone();
    assert_eq!((&entry["what"], &entry["by"]), (&json!("consented"), &json!("operator consent link")));
    for spent in [link, again] {
        let refused = exchange(&world, "ada", &code(&world, &integration, "ada"), &spent).await;
        assert_eq!(refused["error"]["code"], "link_spent", "{refused}");
    }
    let removed = world.ask(json!({"remove": {"app": "reports", "subject": "ada"}})).await;
    assert_eq!(removed["state"], "revoked");
}

/// Both have passed the early check when the first of them is stored.
#[tokio::test]
async fn link_used_twice_at_once_wins_once() {
    let (world, integration) = dead_grants().await;
    let link = make_link(&world, "ada").await["link"].clone();
    let codes = [code(&world, &integration, "ada"), code(&world, &integration, "ada")];
    let gate = world.sim.webex.faults().gate(Endpoint::Exchange, Point::AfterEffect);
    let both =
        async { tokio::join!(exchange(&world, "ada", &codes[0], &link), exchange(&world, "ada", &codes[1], &link)) };
    let release = async {
        gate.wait_reached_by(2).await;
        gate.release();
    };
    let ((one, other), ()) = tokio::join!(both, release);
    let winners = [&one, &other].iter().filter(|answer| answer["state"] == "active").count();
    assert_eq!(winners, 1, "{one} {other}");
    let losers = [&one, &other].iter().filter(|answer| answer["error"]["code"] == "link_spent").count();
    assert_eq!(losers, 1, "{one} {other}");
}

#[tokio::test]
async fn link_is_spent_when_its_grant_is_removed() {
    let (world, integration) = dead_grants().await;
    let link = make_link(&world, "ada").await["link"].clone();
    world.ask(json!({"remove": {"app": "reports", "subject": "ada"}})).await;
    world.sweep().await; // The secret is scheduled for deletion; the history comes back with it.
    let refused = exchange(&world, "ada", &code(&world, &integration, "ada"), &link).await;
    assert_eq!(refused["error"]["code"], "link_spent", "{refused}");
    let fresh = make_link(&world, "ada").await["link"].clone();
    let granted = exchange(&world, "ada", &code(&world, &integration, "ada"), &fresh).await;
    assert_eq!(granted["state"], "active", "{granted}");
}

#[tokio::test]
async fn link_of_another_grant_secret_or_day_is_refused() {
    let (world, integration) = dead_grants().await;
    let link = make_link(&world, "ada").await["link"].clone();
    let codes = world.sim.webex.journal().count(Endpoint::Exchange);
    let other = exchange(&world, "bob", "c", &link).await;
    assert_eq!(other["error"]["code"], "invalid_link", "{other}");
    let mut forged = link.as_str().unwrap().to_owned();
    let last = forged.pop().unwrap();
    forged.push(if last == 'A' { 'B' } else { 'A' });
    for text in [forged.as_str(), "", "e30.e30"] {
        let refused = exchange(&world, "ada", "c", &json!(text)).await;
        assert_eq!(refused["error"]["code"], "invalid_link", "{text}: {refused}");
    }
    world.wait(DAY);
    let granted = exchange(&world, "ada", &code(&world, &integration, "ada"), &link).await;
    assert_eq!(granted["state"], "active", "opened in time, and still at Webex: {granted}");
    let bobs = make_link(&world, "bob").await["link"].clone();
    world.wait(DAY + HOUR);
    let late = exchange(&world, "bob", "c", &bobs).await;
    assert_eq!(late["error"]["code"], "link_expired", "{late}");
    assert_eq!(world.sim.webex.journal().count(Endpoint::Exchange), codes + 1, "a refused link spends no code");
}

#[tokio::test]
async fn link_refuses_an_account_of_another_org() {
    let (world, integration) = dead_grants().await;
    let link = make_link(&world, "ada").await["link"].clone();
    let before = document(&world, "ada");
    world.sim.webex.add_user("mallory", Role::Standard);
    let refused = exchange(&world, "ada", &code(&world, &integration, "mallory"), &link).await;
    assert_eq!(refused["error"]["code"], "other_org", "{refused}");
    assert_eq!(document(&world, "ada")["access_token"], before["access_token"]);
    let granted = exchange(&world, "ada", &code(&world, &integration, "ada"), &link).await;
    assert_eq!(granted["state"], "active", "the link is not spent: {granted}");
}

#[tokio::test]
async fn link_is_made_for_grants_that_do_not_work() {
    let (world, integration) = dead_grants().await;
    exchange(&world, "bob", &code(&world, &integration, "bob"), &Value::Null).await;
    let healthy = make_link(&world, "bob").await;
    assert!(healthy["error"]["detail"].as_str().unwrap().contains("its renewals work"), "{healthy}");
    world.ask(json!({"remove": {"app": "reports", "subject": "bob", "block": true}})).await;
    assert_eq!(make_link(&world, "bob").await["error"]["code"], "blocked");
    assert!(make_link(&world, "nobody").await["link"].is_string(), "a grant that does not exist yet");
    let scopes = world.ask(json!({"make_link": {"app": "reports", "subject": "ada"}})).await;
    assert_eq!(scopes["error"]["code"], "invalid_request", "{scopes}");
}

#[tokio::test]
async fn consent_opens_the_address_that_wtb_makes() {
    let digest = "0f".repeat(32);
    let world = Deployment::with(&[("CONSENT_KEY_SHA256", &digest)]).await;
    let integration = world.sim.webex.register_integration("ada", &["spark:all"], CALLBACK);
    world.put(
        "apps/reports",
        &json!({"kind": "integration", "client_id": integration.client_id, "client_secret": integration.client_secret,
            "redirect_uri": CALLBACK}),
    );
    let link = LinkToken::new(make_link(&world, "ada").await["link"].as_str().unwrap());
    for (key, opens) in [(digest, true), ("f0".repeat(32), false)] {
        let address = wtb::link_address(CALLBACK, &link, &key).unwrap();
        let page = address.strip_prefix("https://broker.example").unwrap().to_owned();
        let (path, query) = page.split_once('?').unwrap();
        let event = json!({"version": "2.0", "rawPath": path, "rawQueryString": query,
            "headers": {"host": "broker.example"}, "isBase64Encoded": false,
            "requestContext": {"stage": "$default", "http": {"method": "GET", "path": path, "sourceIp": "203.0.113.9"}}});
        let page = world.consent().handle(to_request(&event)).await;
        assert_eq!(page.status() == 200, opens, "{page:?}");
    }
}
