//! What operators see: status and histories.

use serde_json::{Value, json};

use super::{DAY, SETTLED, active_orgs, active_token, failure_codes, kill_refresh_token, ready};
use crate::harness::{App, Deployment};

/// The answer to `{"status": …}`.
async fn status(world: &Deployment, request: Value) -> Value {
    let answer = world.ask(json!({ "status": request })).await;
    assert_eq!(answer["error"], Value::Null, "{answer}");
    answer
}

/// The status of one grant, with its history.
pub(super) async fn grant_status(world: &Deployment, org: &str) -> Value {
    let answer = status(world, json!({"app": "reports", "subject": org})).await;
    answer["grants"][0].clone()
}

/// What changed, in order, and who caused it.
pub(super) fn changes(grant: &Value) -> Vec<(String, String)> {
    let word = |entry: &Value, field: &str| entry[field].as_str().unwrap().to_owned();
    let history = grant["history"].as_array().unwrap();
    history.iter().map(|entry| (word(entry, "what"), word(entry, "by"))).collect()
}

pub(super) fn words(changes: &[(&str, &str)]) -> Vec<(String, String)> {
    changes.iter().map(|(what, by)| ((*what).to_owned(), (*by).to_owned())).collect()
}

#[tokio::test]
async fn status_explains_every_kind_of_grant_and_writes_nothing() {
    let (world, reports, orgs) = active_orgs(5).await;
    kill_refresh_token(&world, &reports, &orgs[1]);
    world.wait(DAY * 8);
    world.sim.webex.faults().lag(&orgs[1], 1000);
    let withdrawn = world.sim.webex.deauthorize(&reports, &orgs[2]);
    world.deliver_event(&reports, &withdrawn).await;
    world.wait(SETTLED);
    world.sweep().await;
    let withdrawn = world.sim.webex.deauthorize(&reports, &orgs[3]);
    world.deliver_event(&reports, &withdrawn).await;
    world.sim.secrets.put_text(&format!("webex-token-broker/grants/reports/{}", orgs[4]), "{").unwrap();
    let writes = world.sim.secrets.journal().writes();
    let answer = status(&world, json!({"app": "reports"})).await;
    assert_eq!(world.sim.secrets.journal().writes(), writes, "status reads only");
    let grants = answer["grants"].as_array().unwrap();
    let of = |org: &String| grants.iter().find(|grant| grant["subject"] == org.as_str()).unwrap();
    let shown: Vec<_> = orgs.iter().map(|org| of(org)["state"].as_str().unwrap()).collect();
    assert_eq!(shown, ["active", "active", "revoked", "fenced", "unreadable"]);
    assert_eq!(of(&orgs[0])["reason"], Value::Null, "all is well");
    assert_eq!((&of(&orgs[1])["failing"], &of(&orgs[1])["code"]), (&json!(true), &json!("not_confirmed")));
    for org in &orgs[1..] {
        assert!(of(org)["reason"].is_string(), "{}", of(org));
    }
    assert!(of(&orgs[0])["due_at"].is_string() && of(&orgs[2])["since"].is_string());
}

#[tokio::test]
async fn status_shows_the_last_sweep_of_each_app() {
    let world = Deployment::with(&[("WEBHOOK_URL", "https://broker.example")]).await;
    world.minter().await;
    let reports = world.app("reports");
    let org = world.sim.webex.add_org("customer");
    world.onboard(&reports, &org).await;
    let before = status(&world, json!({})).await;
    assert_eq!(before["apps"][0]["app"], "minter", "the minter's app comes first");
    assert_eq!(before["apps"][1]["credentials"], json!({"state": "unknown"}), "no sweep has looked");
    world.sweep().await;
    let after = status(&world, json!({"app": "reports"})).await;
    let app = &after["apps"][0];
    assert_eq!(app["kind"], "service_app");
    assert_eq!(app["webhooks"], json!({"state": "registered"}));
    assert_eq!(app["credentials"]["state"], "ok", "{app}");
    assert_eq!((&app["counts"]["active"], &app["live_tokens"]), (&json!(1), &json!(1)));
    assert!(app["last_sweep_at"].is_string());
}

/// The next due pair would tell the same, days later.
#[tokio::test]
async fn wrong_client_secret_is_told_within_one_sweep() {
    let (world, reports, org) = ready().await;
    world.onboard(&reports, &org).await;
    assert_eq!(failure_codes(&world.sweep().await), [""; 0]);
    world.describe(&reports, &json!({"client_secret": "mistyped"}));
    for _ in 0..2 {
        let report = world.sweep().await;
        assert_eq!(failure_codes(&report), ["invalid_client"], "{report}");
        assert_eq!(report["failures"][0]["app"], "reports");
    }
    let answer = status(&world, json!({"app": "reports"})).await;
    assert_eq!(answer["apps"][0]["credentials"]["state"], "wrong", "{answer}");
    world.describe(&reports, &json!({}));
    assert_eq!(failure_codes(&world.sweep().await), [""; 0], "corrected");
    let refreshes = world.sim.webex.journal().refreshes();
    world.sweep().await;
    assert_eq!(world.sim.webex.journal().refreshes(), refreshes, "credentials that are known are not checked again");
}

#[tokio::test]
async fn status_pages_show_every_grant_once() {
    let (world, reports, orgs) = active_orgs(1).await;
    let document = world.document(&reports, &orgs[0]).unwrap();
    for n in 0..250 {
        let org = format!("00000000-0000-4000-8000-{n:012}");
        let mut copy = document.clone();
        copy["subject"] = org.clone().into();
        world.put(&format!("grants/reports/{org}"), &copy);
    }
    let mut subjects = Vec::new();
    let mut next = Value::Null;
    for page in 0.. {
        let request = if page == 0 { json!({}) } else { json!({ "next": next }) };
        let answer = status(&world, request).await;
        assert_eq!(answer["apps"].as_array().unwrap().is_empty(), page > 0, "apps are on the first page");
        subjects.extend(answer["grants"].as_array().unwrap().iter().map(|grant| grant["subject"].to_string()));
        next = answer["next"].clone();
        if next.is_null() {
            break;
        }
    }
    assert_eq!(subjects.len(), 252, "the minter's grant too");
    subjects.sort();
    subjects.dedup();
    assert_eq!(subjects.len(), 252);
    let forged = world.ask(json!({"status": {"next": "reports/forged"}})).await;
    assert_eq!(forged["error"]["code"], "invalid_request", "{forged}");
}

#[tokio::test]
async fn forced_renewal_ignores_the_age_of_the_pair() {
    let (world, reports, org) = ready().await;
    world.onboard(&reports, &org).await;
    let renew = |force: bool| json!({"renew": {"app": "reports", "subject": org, "force": force}});
    assert_eq!(world.ask(renew(false)).await["renewed"], false);
    let before = active_token(&world, &reports, &org);
    assert_eq!(world.ask(renew(true)).await["renewed"], true);
    assert_ne!(active_token(&world, &reports, &org), before);
}

/// The app as the journeys use it, so that the fields of a status stay free of secrets.
#[tokio::test]
async fn status_holds_no_token_and_no_secret() {
    let (world, reports, orgs) = active_orgs(2).await;
    world.sweep().await;
    let shown = status(&world, json!({})).await.to_string() + &grant_status(&world, &orgs[0]).await.to_string();
    for secret in secrets_of(&world, &reports, &orgs) {
        assert!(!shown.contains(&secret), "a status shows a secret");
    }
}

fn secrets_of(world: &Deployment, app: &App, orgs: &[String]) -> Vec<String> {
    let mut secrets = vec![app.secret.clone(), app.webex.client_secret.clone()];
    for org in orgs {
        let document = world.document(app, org).unwrap();
        secrets.extend(["access_token", "refresh_token"].map(|field| document[field].as_str().unwrap().to_owned()));
    }
    secrets
}
