//! `wtb status`: what needs a person, the apps, and the grants.

use std::fmt::Write as _;

use jiff::Timestamp;
use serde_json::{Map, Value, json};

use crate::arguments::StatusFilter;
use crate::attention::{self, Attention};
use crate::broker::Broker;
use crate::failure::Failure;
use crate::fleet::{AppStatus, Fleet, GrantStatus};
use crate::format;
use crate::report::Report;
use crate::session::Session;
use crate::table::Look;

/// Shows the fleet.
pub(super) async fn run(session: &Session<'_>, filter: &StatusFilter) -> Result<Report, Failure> {
    let broker = Broker::reader(session).await?;
    let fleet = Fleet::load(&broker, session, query(filter)).await?;
    let now = session.machine.now();
    let attention = attention::find(&fleet, &broker.deployment, is_unfiltered(filter), now);
    let mut json = fleet.json.clone();
    json["attention"] = json!(attention);
    let text = text(&fleet, &attention, is_unfiltered(filter), session.look(), now);
    Ok(Report::ok(text, json).needs_person(!attention.is_empty()))
}

fn query(filter: &StatusFilter) -> Value {
    let mut query = Map::new();
    if let Some(app) = &filter.app {
        query.insert("app".to_owned(), json!(app));
    }
    if let Some(state) = filter.state {
        query.insert("state".to_owned(), json!(state));
    }
    if filter.failing {
        query.insert("failing".to_owned(), true.into());
    }
    if let Some(seconds) = filter.expiring_within {
        query.insert("expiring_within".to_owned(), seconds.into());
    }
    Value::Object(query)
}

fn is_unfiltered(filter: &StatusFilter) -> bool {
    filter.app.is_none() && filter.state.is_none() && !filter.failing && filter.expiring_within.is_none()
}

fn text(fleet: &Fleet, attention: &[Attention], is_unfiltered: bool, look: Look, now: Timestamp) -> String {
    let mut text = attention_text(attention, is_unfiltered, look);
    if !fleet.apps.is_empty() {
        text.push('\n');
        text.push_str(&apps_table(&fleet.apps, look, now));
    }
    for group in fleet.grants.chunk_by(|one, other| one.app == other.app) {
        let heading = format!("{}: {}", group[0].app, format::count(group.len() as u64, "grant"));
        let _ = writeln!(text, "\n{}", look.heading(&heading));
        text.push_str(&grants_table(group, look, now));
    }
    if fleet.grants.is_empty() {
        let none = if is_unfiltered { "There are no grants yet." } else { "No grant matches." };
        let _ = writeln!(text, "\n{none}");
    }
    text
}

/// What needs a person, each with what to do.
pub(super) fn attention_text(attention: &[Attention], is_unfiltered: bool, look: Look) -> String {
    if attention.is_empty() {
        let nothing =
            if is_unfiltered { "Nothing needs a person." } else { "Nothing in this selection needs a person." };
        return format!("{nothing}\n");
    }
    let heading = match attention.len() {
        1 => "1 thing needs a person:".to_owned(),
        number => format!("{number} things need a person:"),
    };
    let mut text = format!("{}\n", look.heading(&heading));
    for item in attention {
        let about = console::style(item.about()).red().force_styling(look.colors);
        let _ = writeln!(text, "\n  {about}");
        text.push_str(&wrap(&item.what, "    ", look.width));
        text.push_str(&wrap(&item.todo, "    → ", look.width));
    }
    text
}

/// Breaks a sentence into lines of at most `width` columns, each after a `lead` or as many blanks.
fn wrap(sentence: &str, lead: &str, width: usize) -> String {
    let lead_width = console::measure_text_width(lead);
    let mut text = String::from(lead);
    let mut column = lead_width;
    for word in sentence.split_whitespace() {
        let length = console::measure_text_width(word);
        if column > lead_width && column + 1 + length > width {
            let _ = write!(text, "\n{}", " ".repeat(lead_width));
            column = lead_width;
        } else if column > lead_width {
            text.push(' ');
            column += 1;
        }
        text.push_str(word);
        column += length;
    }
    text.push('\n');
    text
}

fn apps_table(apps: &[AppStatus], look: Look, now: Timestamp) -> String {
    let mut columns = vec!["APP", "KIND", "WEBHOOKS", "SECRET", "ACTIVE", "FAILING", "SWEPT"];
    if look.is_wide() {
        columns.extend(["PENDING", "FENCED", "UNREADABLE", "LIVE TOKENS"]);
    }
    let rows = apps.iter().map(|app| app_row(app, look.is_wide(), now)).collect();
    look.table(&columns, rows)
}

fn app_row(app: &AppStatus, is_wide: bool, now: Timestamp) -> Vec<String> {
    let counts = |number: fn(&crate::fleet::Counts) -> u64| match &app.counts {
        Some(counts) => number(counts).to_string(),
        None => format::NONE.to_owned(),
    };
    let mut row = vec![
        app.app.clone(),
        app.kind.replace('_', " "),
        or_none(&app.webhooks.state),
        or_none(&app.credentials.state),
        counts(|counts| counts.active),
        counts(|counts| counts.failing),
        format::ago(app.last_sweep_at, now),
    ];
    if is_wide {
        let live = app.live_tokens.map(|number| number.to_string());
        row.push(counts(|counts| counts.pending));
        row.push(counts(|counts| counts.fenced));
        row.push(counts(|counts| counts.unreadable));
        row.push(live.unwrap_or_else(|| format::NONE.to_owned()));
    }
    row
}

fn grants_table(grants: &[GrantStatus], look: Look, now: Timestamp) -> String {
    let mut columns = vec!["SUBJECT", "STATE", "TOKEN", "REFRESH", "DUE"];
    if look.is_wide() {
        columns.extend(["RENEWED", "NAME"]);
    }
    let rows = grants.iter().map(|grant| grant_row(grant, look.is_wide(), now)).collect();
    look.table(&columns, rows)
}

fn grant_row(grant: &GrantStatus, is_wide: bool, now: Timestamp) -> Vec<String> {
    let mut row = vec![
        grant.subject.clone(),
        grant.condition().to_owned(),
        format::left(grant.access_token_expires_at, now),
        format::left(grant.refresh_token_expires_at, now),
        format::until(grant.due_at, now),
    ];
    if is_wide {
        row.push(format::ago(grant.renewed_at, now));
        row.push(grant.name.clone().unwrap_or_default());
    }
    row
}

fn or_none(text: &str) -> String {
    if text.is_empty() { format::NONE.to_owned() } else { text.to_owned() }
}
