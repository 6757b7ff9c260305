//! `wtb sweep`: looks after everything now.

use std::fmt::Write as _;

use serde_json::{Map, Value};

use crate::arguments::Sweep;
use crate::broker::{Broker, text};
use crate::failure::Failure;
use crate::format;
use crate::report::Report;
use crate::session::Session;
use crate::table::Look;

/// The counts that a person looks for, as the refresher names them.
const COUNTS: [&str; 9] =
    ["scanned", "renewed", "minted", "retired", "failing", "pending", "deferred", "unreadable", "webhooks_repaired"];

/// Sweeps, and lists what failed.
pub(super) async fn run(session: &Session<'_>, arguments: &Sweep) -> Result<Report, Failure> {
    let broker = Broker::operator(session).await?;
    if arguments.allow_retirements {
        let consequence =
            "Every grant that Webex says is not authorised will end in this sweep, however many they are.";
        session.confirm(&broker.deployment.refresher, consequence, arguments.confirmation)?;
    }
    let mut body = webhook_url(&broker, arguments.webhook_url.as_deref());
    if arguments.force {
        body.insert("force".to_owned(), true.into());
    }
    if arguments.allow_retirements {
        body.insert("allow_retirements".to_owned(), true.into());
    }
    let answer = sweep(&broker, session, body).await?;
    let text = describe(&answer, session.look());
    Ok(Report::ok(text, answer.clone()).needs_person(!failures(&answer).is_empty()))
}

/// The field `webhook_url`: the one given, or the stack's. The schedule sends the stack's too; without it a sweep looks
/// at no registration.
pub(super) fn webhook_url(broker: &Broker, given: Option<&str>) -> Map<String, Value> {
    let mut body = Map::new();
    if let Some(url) = given.or(broker.deployment.webhook_url.as_deref()) {
        body.insert("webhook_url".to_owned(), url.into());
    }
    body
}

/// Sends the command and waits.
pub(super) async fn sweep(broker: &Broker, session: &Session<'_>, body: Map<String, Value>) -> Result<Value, Failure> {
    let progress = session.spinner("sweeping; this may take some minutes");
    let answer = broker.ask("sweep", Value::Object(body)).await;
    progress.finish_and_clear();
    answer
}

/// The failures of a sweep's answer.
pub(super) fn failures(answer: &Value) -> &[Value] {
    match &answer["failures"] {
        Value::Array(failures) => failures,
        _ => &[],
    }
}

fn describe(answer: &Value, look: Look) -> String {
    let counted = |name: &&&str| answer[**name].as_u64().unwrap_or_default() > 0;
    let counts: Vec<_> =
        COUNTS.iter().filter(counted).map(|name| format!("{} {}", answer[*name], name.replace('_', " "))).collect();
    let milliseconds = answer["elapsed_ms"].as_u64().unwrap_or_default();
    let what = if counts.is_empty() { "nothing to do".to_owned() } else { counts.join(", ") };
    let mut words = format!("Swept in {}.{} s: {what}.\n", milliseconds / 1000, milliseconds / 100 % 10);
    if let Some(end) = answer["minter_ends_at"].as_str() {
        let _ = writeln!(words, "The minter is a personal access token and ends at {end}: wtb minter connect");
    }
    let failures = failures(answer);
    if !failures.is_empty() {
        let heading = format!("{}:", format::count(failures.len() as u64, "failure"));
        let _ = write!(words, "\n{}\n{}", look.heading(&heading), failure_list(failures, look));
    }
    words
}

/// The failures, one below the other: a reason is a sentence and needs the width.
pub(super) fn failure_list(failures: &[Value], look: Look) -> String {
    let mut words = String::new();
    for failure in failures {
        let subject = text(failure, "subject");
        let about = if subject.is_empty() { String::new() } else { format!("/{subject}") };
        let _ = writeln!(words, "{}{about}", text(failure, "app"));
        let mut rows = vec![("code", text(failure, "code").to_owned())];
        if let Some(reason) = failure["reason"].as_str() {
            rows.push(("reason", reason.to_owned()));
        }
        if let Some(tracking_id) = failure["tracking_id"].as_str() {
            rows.push(("tracking id", tracking_id.to_owned()));
        }
        words.push_str(&look.list(rows));
    }
    words
}
