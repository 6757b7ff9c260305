//! `wtb history`: what happened to a grant, and by whom.

use broker_core::id::GrantId;
use jiff::Timestamp;
use serde_json::json;

use super::grant;
use crate::broker::Broker;
use crate::failure::Failure;
use crate::fleet::Transition;
use crate::format;
use crate::report::Report;
use crate::session::Session;
use crate::table::Look;

/// Shows the last transitions of a grant, the newest last.
pub(super) async fn run(session: &Session<'_>, id: &GrantId) -> Result<Report, Failure> {
    let broker = Broker::reader(session).await?;
    let (status, json) = grant::load(&broker, id).await?;
    let look = session.look();
    let mut text = format!("{}\n", look.heading(&format!("History of {id}")));
    text.push_str(&timeline(&status.history, look, session.machine.now()));
    let history = match &json["history"] {
        serde_json::Value::Null => json!([]),
        history => history.clone(),
    };
    Ok(Report::ok(text, json!({ "app": id.app, "subject": id.subject, "history": history })))
}

/// The transitions as a table.
pub(super) fn timeline(history: &[Transition], look: Look, now: Timestamp) -> String {
    if history.is_empty() {
        return "  Nothing is recorded yet.\n".to_owned();
    }
    let mut columns = vec!["TIME", "AGO", "WHAT", "CODE", "BY"];
    if look.is_wide() {
        columns.push("TRACKING ID");
    }
    let rows = history.iter().map(|entry| row(entry, look.is_wide(), now)).collect();
    look.table(&columns, rows)
}

fn row(entry: &Transition, is_wide: bool, now: Timestamp) -> Vec<String> {
    let at = entry.at.map(format::time);
    let ago = format::ago(entry.at, now).replace(" ago", "");
    let mut row = vec![
        at.unwrap_or_else(|| format::NONE.to_owned()),
        ago,
        entry.what.clone(),
        entry.code.clone().unwrap_or_default(),
        if is_wide { entry.by.clone() } else { short(&entry.by) },
    ];
    if is_wide {
        row.push(entry.tracking_id.clone().unwrap_or_default());
    }
    row
}

/// `operator arn:aws:sts::123456789012:assumed-role/ops/alex` is `operator ops/alex` where there is little room.
fn short(by: &str) -> String {
    let Some((kind, arn)) = by.split_once(" arn:") else {
        return by.to_owned();
    };
    let name = arn.rsplit(':').next().unwrap_or(arn);
    format!("{kind} {}", name.trim_start_matches("assumed-role/"))
}
