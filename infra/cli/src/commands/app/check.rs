//! `wtb app check`.

use std::fmt::Write as _;

use broker_core::id::AppName;
use serde_json::json;

use super::super::status;
use crate::attention;
use crate::broker::Broker;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::fleet::{AppStatus, Condition, Fleet};
use crate::format;
use crate::report::Report;
use crate::secret_store::{Presence, SecretStore};
use crate::session::Session;

/// Shows what the last sweep found out about the app, and whether its secrets are there. Reads no secret.
pub(in crate::commands) async fn check(session: &Session<'_>, app: &AppName) -> Result<Report, Failure> {
    let broker = Broker::reader(session).await?;
    let store = SecretStore::new(session, &broker.deployment)?;
    let name = store.app(app);
    let answer = broker.ask("status", json!({ "app": app })).await.map_err(|failure| match failure.code.as_str() {
        "unknown_app" => unknown(app, &name),
        _ => failure,
    })?;
    let fleet = Fleet::of(&json!({ "apps": answer["apps"], "grants": [] }))?;
    let Some(status) = fleet.apps.into_iter().find(|status| status.app == app.as_str()) else {
        return Err(unknown(app, &name));
    };
    let attention = attention::about_app(&status);
    let mut rows = facts(&status, session);
    rows.push(("secret".to_owned(), format!("{name}: {}", presence(store.presence(&name).await))));
    if status.kind == "service_app" {
        let name = store.webhooks(app);
        rows.push(("webhook secret".to_owned(), format!("{name}: {}", presence(store.presence(&name).await))));
    }
    let look = session.look();
    let list = look.list(rows.iter().map(|(name, value)| (name.as_str(), value.clone())).collect());
    let text = format!("{}\n{}\n{list}", status::attention_text(&attention, true, look), look.heading(app.as_str()));
    let json = json!({ "app": answer["apps"][0], "attention": attention });
    Ok(Report::ok(text, json).needs_person(!attention.is_empty()))
}

fn unknown(app: &AppName, name: &str) -> Failure {
    Failure::new(Exit::Failed, "unknown_app", format!("there is no app {app}: no secret {name}"))
        .advise(format!("wtb app add {app}"))
}

fn facts(status: &AppStatus, session: &Session<'_>) -> Vec<(String, String)> {
    let now = session.machine.now();
    let mut checked = condition(&status.credentials, "the next sweep checks them");
    if let Some(at) = status.credentials.checked_at {
        let _ = write!(checked, ", checked {}", format::ago(Some(at), now));
    }
    let mut rows = vec![
        ("kind".to_owned(), status.kind.replace('_', " ")),
        ("client id".to_owned(), status.client_id.clone()),
        ("credentials".to_owned(), checked),
        ("webhooks".to_owned(), condition(&status.webhooks, "the next sweep looks at them")),
        ("last sweep".to_owned(), format::ago(status.last_sweep_at, now)),
    ];
    if let Some(live) = status.live_tokens {
        rows.push(("live tokens".to_owned(), format!("{live} (Webex allows an account 750)")));
    }
    rows
}

/// The state in a word. What is wrong stands above, with what to do.
fn condition(condition: &Condition, unknown: &str) -> String {
    match condition.state.as_str() {
        "unknown" | "" => format!("unknown: {unknown}"),
        state => state.to_owned(),
    }
}

fn presence(found: Result<Presence, Failure>) -> String {
    match found {
        Ok(Presence::Present) => "present".to_owned(),
        Ok(Presence::Deleted) => "scheduled for deletion".to_owned(),
        Ok(Presence::Absent) => "absent".to_owned(),
        Err(failure) => format!("unknown: {}", failure.detail),
    }
}
