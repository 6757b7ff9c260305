//! `wtb app remove`.

use std::fmt::Write as _;

use broker_core::id::AppName;
use serde_json::{Value, json};

use crate::arguments::RemoveApp;
use crate::broker::Broker;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::format;
use crate::report::Report;
use crate::secret_store::SecretStore;
use crate::session::Session;

/// Removes registrations and grants, invocation after invocation until none is left.
pub(in crate::commands) async fn remove(session: &Session<'_>, arguments: &RemoveApp) -> Result<Report, Failure> {
    let app = &arguments.app;
    let consequence = format!("All grants of {app} will end, and its webhooks at Webex are removed.");
    session.confirm(app.as_str(), &consequence, arguments.confirmation)?;
    let broker = Broker::operator(session).await?;
    let (removed, last) = remove_all(session, &broker, app).await?;
    let mut next_steps = steps(&last);
    let mut text = format!("{app}: {} removed.\n", format::count(removed, "grant"));
    if arguments.delete_secrets {
        let store = SecretStore::new(session, &broker.deployment)?;
        for name in [store.app(app), store.webhooks(app)] {
            store.delete(&name).await?;
            let _ = writeln!(text, "{name} will be deleted in 30 days.");
        }
    } else {
        next_steps
            .push(format!("the app's secrets are still there; wtb app remove {app} --delete-secrets deletes them"));
    }
    for step in &next_steps {
        let _ = writeln!(text, "  → {step}");
    }
    Ok(Report::ok(text, json!({ "app": app, "removed": removed, "next_steps": next_steps })))
}

/// Sends the command until nothing is left. Returns the number of removed grants and the last answer.
async fn remove_all(session: &Session<'_>, broker: &Broker, app: &AppName) -> Result<(u64, Value), Failure> {
    let bar = session.bar(0, "removing grants");
    let body = json!({ "app": app, "confirm": app });
    let mut removed = 0;
    loop {
        let answer = broker.ask("remove_app", body.clone()).await?;
        let done = answer["removed"].as_u64().unwrap_or_default();
        let left = answer["left"].as_u64().unwrap_or_default();
        removed += done;
        bar.set_length(removed + left);
        bar.set_position(removed);
        if left == 0 {
            return Ok((removed, answer));
        }
        if done == 0 {
            let detail = format!("{} of {app} could not be removed", format::count(left, "grant"));
            return Err(Failure::new(Exit::Failed, "not_removed", detail)
                .advise(format!("wtb status {app} shows why; then repeat wtb app remove {app}")));
        }
    }
}

fn steps(answer: &Value) -> Vec<String> {
    match &answer["next_steps"] {
        Value::Array(steps) => steps.iter().filter_map(|step| step.as_str().map(str::to_owned)).collect(),
        _ => Vec::new(),
    }
}
