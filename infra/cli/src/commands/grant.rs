//! `wtb grant`: one grant.

use std::fmt::Write as _;

mod act;
mod import;
mod link;

use broker_core::id::GrantId;
use jiff::Timestamp;
use serde_json::Value;

use crate::attention;
use crate::broker::{Broker, grant_body};
use crate::exit::Exit;
use crate::failure::Failure;
use crate::fleet::{DataSource, Fleet, GrantStatus};
use crate::format;
use crate::report::Report;
use crate::session::Session;
use crate::table::Look;
use crate::timeline::timeline;

pub(super) use act::{remove, renew, restore, unblock, verify};
pub(super) use import::import;
pub(super) use link::link;

/// How many of the latest transitions `show` has.
const LATEST: usize = 5;

/// Shows one grant.
pub(super) async fn show(session: &Session<'_>, id: &GrantId) -> Result<Report, Failure> {
    let broker = Broker::reader(session).await?;
    let (status, json) = load(&broker, id).await?;
    let now = session.machine.now();
    let text = describe(id, &status, session.look(), now);
    let fleet = Fleet { grants: vec![status], ..Fleet::default() };
    let needs_person = !attention::find(&fleet, &broker.deployment, false, now).is_empty();
    Ok(Report::ok(text, json).needs_person(needs_person))
}

/// Asks for the status of one grant: the record, and the same with every field that the refresher sent.
pub(super) async fn load(broker: &Broker, id: &GrantId) -> Result<(GrantStatus, Value), Failure> {
    let answer = broker.ask("status", grant_body(id)).await.map_err(|failure| match failure.code.as_str() {
        "not_found" => not_found(id),
        _ => failure,
    })?;
    let fleet = Fleet::of(&answer)?;
    let json = answer["grants"][0].clone();
    match fleet.grants.into_iter().next() {
        Some(status) => Ok((status, json)),
        None => Err(not_found(id)),
    }
}

fn not_found(id: &GrantId) -> Failure {
    Failure::new(Exit::Failed, "not_found", format!("there is no grant {id}")).advise(
        "an org that has authorised the app is announced by its event; otherwise list it in orgs of the app's secret \
         and wtb sweep",
    )
}

/// A grant with every fact that is known.
pub(super) fn describe(id: &GrantId, grant: &GrantStatus, look: Look, now: Timestamp) -> String {
    let title = match &grant.name {
        Some(name) => format!("{id}  {name}"),
        None => id.to_string(),
    };
    let mut rows = vec![("state", state(grant))];
    let mut add = |name, value: Option<String>| {
        if let Some(value) = value {
            rows.push((name, value));
        }
    };
    let distance = |at: Option<Timestamp>| at.map(|at| format::time_and_distance(at, now));
    add(if grant.failing { "failing since" } else { "since" }, distance(grant.since));
    add("reason", grant.reason.clone());
    add("code", grant.code.clone());
    add("tracking id", grant.tracking_id.clone());
    add("attempts", grant.attempts.map(|attempts| attempts.to_string()));
    add("access token ends", distance(grant.access_token_expires_at));
    add("refresh token ends", distance(grant.refresh_token_expires_at));
    add("renewed", distance(grant.renewed_at));
    add(if grant.due_at <= Some(now) { "renewal due since" } else { "next renewal" }, distance(grant.due_at));
    add("authorized", distance(grant.authorized_at));
    for data_source in &grant.data_sources {
        rows.push(("data source", data_source_line(data_source, now)));
    }
    let mut text = format!("{}\n{}", look.heading(&title), look.list(rows));
    if !grant.history.is_empty() {
        let first = grant.history.len().saturating_sub(LATEST);
        let _ = writeln!(text, "\n{}", look.heading("Latest history"));
        text.push_str(&timeline(&grant.history[first..], look, now));
    }
    text
}

/// One data source: where Webex delivers, its state, and when it ends or what is wrong.
fn data_source_line(data_source: &DataSource, now: Timestamp) -> String {
    let mut line =
        format!("{}, {}", data_source.url.as_deref().unwrap_or("no longer named by the app"), data_source.state);
    for (name, value) in [
        ("ends", data_source.expires_at.map(|at| format::time_and_distance(at, now))),
        ("code", data_source.code.clone()),
        ("tracking id", data_source.tracking_id.clone()),
        ("Webex says:", data_source.message.clone()),
    ] {
        if let Some(value) = value {
            let _ = write!(line, ", {name} {value}");
        }
    }
    line
}

fn state(grant: &GrantStatus) -> String {
    let mut state = grant.state.clone();
    if grant.failing {
        state.push_str(", failing");
    }
    if grant.blocked {
        state.push_str(", blocked");
    }
    state
}
