//! `wtb webhook`: replaces an app's webhook secret.
//!
//! The webhook function accepts every secret in the list, and the refresher registers the first at Webex. So the order is:
//! new secret first, wait until every warm environment has read it, register it, and a day later remove the old one.

use std::time::Duration;

use broker_core::id::AppName;
use serde_json::{Value, json};

use super::sweep;
use crate::arguments::RotateWebhook;
use crate::broker::{Broker, text};
use crate::exit::Exit;
use crate::failure::Failure;
use crate::format;
use crate::report::Report;
use crate::secret_store::{Document, SecretStore};
use crate::session::Session;

/// Seconds beyond the cache time, for clocks and a slow put.
const MARGIN: u64 = 5;

/// Puts a new secret first, waits, sweeps, and says what is left to do.
pub(super) async fn rotate(session: &Session<'_>, arguments: &RotateWebhook) -> Result<Report, Failure> {
    let app = &arguments.app;
    let broker = Broker::operator(session).await?;
    let store = SecretStore::new(session, &broker.deployment)?;
    let name = store.webhooks(app);
    let mut document = store.read(&name).await?;
    let current = first_secret(&name, &document)?;
    document.insert("secrets".to_owned(), json!([session.random_secret()?, current]));
    store.put(&name, &document).await?;
    session.machine.note(&format!("1/3  {name} has a new secret first; the old one is accepted too."));

    let seconds = arguments.wait.unwrap_or(broker.deployment.cache_ttl + MARGIN);
    session.machine.note(&format!("2/3  Waiting {seconds} seconds until every webhook has read it."));
    wait(session, seconds).await;

    session.machine.note("3/3  Sweeping: registering the new secret at Webex.");
    let answer = sweep::sweep(&broker, session, sweep::webhook_url(&broker, None)).await.map_err(not_registered)?;
    let failures: Vec<_> = sweep::failures(&answer).iter().filter(|failure| concerns(failure, app)).cloned().collect();
    if !failures.is_empty() {
        let text = format!(
            "The new secret is stored, and the app's registrations may still use the old one. Both are accepted.\n\
             Remove the cause, then: wtb sweep\n\n{}",
            sweep::failure_list(&failures, session.look())
        );
        return Ok(Report::ok(text, rotated(app, &answer, &failures, "wtb sweep")).needs_person(true));
    }
    if arguments.leaked {
        finish(session, app).await?;
        let text =
            format!("{}The old secret is removed. Deliveries that were signed with it are lost.\n", repaired(&answer));
        return Ok(Report::ok(text, rotated(app, &answer, &failures, "")));
    }
    let todo = format!("wtb webhook finish {app}");
    let text = format!("{}Tomorrow, when no delivery is under way any more: {todo}\n", repaired(&answer));
    Ok(Report::ok(text, rotated(app, &answer, &failures, &todo)))
}

/// Removes all secrets but the first.
pub(super) async fn finish(session: &Session<'_>, app: &AppName) -> Result<Report, Failure> {
    let broker = Broker::reader(session).await?;
    let store = SecretStore::new(session, &broker.deployment)?;
    let name = store.webhooks(app);
    let mut document = store.read(&name).await?;
    let secrets = secrets(&document);
    let removed = secrets.len().saturating_sub(1);
    let json = json!({ "app": app, "removed": removed });
    if removed == 0 {
        return Ok(Report::ok(format!("{name} holds one secret; there is nothing to remove.\n"), json));
    }
    document.insert("secrets".to_owned(), json!([first_secret(&name, &document)?]));
    store.put(&name, &document).await?;
    let number = format::count(removed as u64, "old secret");
    Ok(Report::ok(format!("{name}: {number} removed. The webhook accepts the current one alone.\n"), json))
}

async fn wait(session: &Session<'_>, seconds: u64) {
    let bar = session.bar(seconds, "waiting");
    for _ in 0..seconds {
        session.machine.pause(Duration::from_secs(1)).await;
        bar.inc(1);
    }
    bar.finish_and_clear();
}

fn first_secret(name: &str, document: &Document) -> Result<String, Failure> {
    match secrets(document).into_iter().next() {
        Some(secret) if !secret.is_empty() => Ok(secret),
        _ => Err(Failure::new(Exit::Failed, "unreadable", format!("the secret {name} holds no list \"secrets\""))
            .advise("store it again as functions/README.md, \"Secrets\", describes")),
    }
}

/// The list, which people also store as one string or as a string that holds a JSON list.
fn secrets(document: &Document) -> Vec<String> {
    match &document.get("secrets") {
        Some(Value::Array(list)) => list.iter().filter_map(|secret| secret.as_str().map(str::to_owned)).collect(),
        Some(Value::String(text)) => serde_json::from_str(text).unwrap_or_else(|_| vec![text.clone()]),
        _ => Vec::new(),
    }
}

fn concerns(failure: &Value, app: &AppName) -> bool {
    let about = text(failure, "app");
    let is_whole_app = text(failure, "subject").is_empty();
    is_whole_app && (about == app.as_str() || about == "webhook_url")
}

fn not_registered(failure: Failure) -> Failure {
    let detail = format!("the new secret is stored, and the sweep that registers it failed: {}", failure.detail);
    Failure { detail, ..failure }.advise("both secrets are accepted; when the cause is gone: wtb sweep")
}

fn repaired(answer: &Value) -> String {
    match answer["webhooks_repaired"].as_u64().unwrap_or_default() {
        0 => {
            "The sweep changed no registration: they already have the secret, or this refresher knows no webhook URL.\n"
                .to_owned()
        }
        number => format!("{} at Webex now have the new secret.\n", format::count(number, "registration")),
    }
}

fn rotated(app: &AppName, answer: &Value, failures: &[Value], todo: &str) -> Value {
    let next_steps: Vec<&str> = if todo.is_empty() { Vec::new() } else { vec![todo] };
    json!({
        "app": app,
        "webhooks_repaired": answer["webhooks_repaired"],
        "failures": failures,
        "next_steps": next_steps,
    })
}
