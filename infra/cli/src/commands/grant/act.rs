//! What an operator does to one grant.

use std::fmt::Write as _;

use broker_core::id::GrantId;
use serde_json::Value;

use crate::arguments::{RemoveGrant, RenewGrant};
use crate::broker::{Broker, grant_body, text};
use crate::exit::Exit;
use crate::failure::Failure;
use crate::format;
use crate::report::Report;
use crate::session::Session;

/// Asks Webex whether the stored access token lives.
pub(in crate::commands) async fn verify(session: &Session<'_>, id: &GrantId) -> Result<Report, Failure> {
    let broker = Broker::reader(session).await?;
    let answer = broker.ask_about("verify", id).await?;
    let (words, exit) = match answer["alive"].as_bool() {
        Some(true) => (
            format!(
                "Webex accepts the access token of {id}{}.",
                until(&answer, session).replace("; its access token", ", which")
            ),
            Exit::Ok,
        ),
        Some(false) => (
            format!("Webex does not accept the access token of {id}.\n  → wtb grant renew {} {}", id.app, id.subject),
            Exit::Attention,
        ),
        None => (format!("Webex gave no verdict about {id}. Try again in a minute."), Exit::Failed),
    };
    Ok(Report { text: format!("{words}\n"), json: answer, exit })
}

/// Renews the pair.
pub(in crate::commands) async fn renew(session: &Session<'_>, arguments: &RenewGrant) -> Result<Report, Failure> {
    let id = arguments.grant.id();
    let broker = Broker::operator(session).await?;
    let mut body = grant_body(&id);
    if arguments.force {
        body["force"] = true.into();
    }
    let answer = broker.ask("renew", body).await?;
    let ends = until(&answer, session);
    let words = match (answer["renewed"].as_bool(), text(&answer, "state")) {
        (Some(true), _) => format!("{id} has a new pair{ends}."),
        (_, "active") if arguments.force => format!("{id} was not renewed{ends}."),
        (_, "active") => format!("{id} was not renewed: it is not due{ends}. --force renews it all the same."),
        (_, state) => format!("{id} is {state} and was not renewed."),
    };
    Ok(Report::ok(format!("{words}\n"), answer))
}

/// Brings a retired grant back.
pub(in crate::commands) async fn restore(session: &Session<'_>, id: &GrantId) -> Result<Report, Failure> {
    let broker = Broker::operator(session).await?;
    let answer = broker.ask_about("restore", id).await?;
    let words = match answer["renewed"].as_bool() {
        Some(true) => format!("{id} is restored: {}{}.", text(&answer, "state"), until(&answer, session)),
        _ => format!("{id} needed no restoring: it is {}{}.", text(&answer, "state"), until(&answer, session)),
    };
    Ok(Report::ok(format!("{words}\n"), answer))
}

/// Ends a grant.
pub(in crate::commands) async fn remove(session: &Session<'_>, arguments: &RemoveGrant) -> Result<Report, Failure> {
    let id = arguments.grant.id();
    let consequence = if arguments.block {
        format!("{id} will end: its tokens are revoked and erased, and it stays out until wtb grant unblock.")
    } else {
        format!("{id} will end: its tokens are revoked and erased. It comes back if the org authorises the app again.")
    };
    session.confirm(&id.to_string(), &consequence, arguments.confirmation)?;
    let broker = Broker::operator(session).await?;
    let mut body = grant_body(&id);
    if arguments.block {
        body["block"] = true.into();
    }
    let answer = broker.ask("remove", body).await?;
    Ok(Report::ok(removed(&id, arguments.block, &answer), answer))
}

fn removed(id: &GrantId, block: bool, answer: &Value) -> String {
    let mut words = format!("{id} is removed: {}", text(answer, "state"));
    words.push_str(match answer["revoked_at_webex"].as_bool() {
        Some(true) => ", and revoked at Webex.\n",
        _ => ". It is not revoked at Webex.\n",
    });
    if let Some(detail) = answer["detail"].as_str() {
        let _ = writeln!(words, "  → {detail}");
    }
    if block {
        let _ = writeln!(words, "It stays out until: wtb grant unblock {} {}", id.app, id.subject);
    }
    words
}

/// Lets a blocked grant come back.
pub(in crate::commands) async fn unblock(session: &Session<'_>, id: &GrantId) -> Result<Report, Failure> {
    let broker = Broker::operator(session).await?;
    let answer = broker.ask_about("unblock", id).await?;
    let words = format!("{id} is no longer blocked: {}.\n", text(&answer, "state"));
    Ok(Report::ok(words, answer))
}

/// `; its access token ends …`, if the answer says when.
pub(super) fn until(answer: &Value, session: &Session<'_>) -> String {
    match answer["expires_at"].as_str().and_then(|text| text.parse().ok()) {
        Some(end) => format!("; its access token ends {}", format::time_and_distance(end, session.machine.now())),
        None => String::new(),
    }
}
