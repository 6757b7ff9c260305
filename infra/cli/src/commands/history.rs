//! `wtb history`: what happened to a grant, and by whom.

use broker_core::id::GrantId;
use serde_json::json;

use super::grant;
use crate::broker::Broker;
use crate::failure::Failure;
use crate::report::Report;
use crate::session::Session;
use crate::timeline::timeline;

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
