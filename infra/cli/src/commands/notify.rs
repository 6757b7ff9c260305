//! `wtb notify`: whether notices arrive.

use serde_json::{Map, Value};

use crate::arguments::NotifyCommand;
use crate::broker::Broker;
use crate::failure::Failure;
use crate::report::Report;
use crate::session::Session;

/// Sends a notice through the event bus, to whom it sends all notices.
pub(super) async fn run(session: &Session<'_>, command: &NotifyCommand) -> Result<Report, Failure> {
    let NotifyCommand::Test { text } = command;
    let broker = Broker::operator(session).await?;
    let mut body = Map::new();
    if let Some(text) = text {
        body.insert("text".to_owned(), text.as_str().into());
    }
    let answer = broker.ask("notify", Value::Object(body)).await?;
    let said = "The event bus took the notice. It arrives within a minute where the stack sends notices to (NoticeEmail, \
                NoticeWebexRoomId); if it does not, see the runbook, \"Notices do not arrive\".\n";
    Ok(Report::ok(said.to_owned(), answer))
}
