//! `wtb minter connect`: OAuth's device flow (RFC 8628).

use std::fmt::Write as _;
use std::time::Duration;

use broker_core::id::GrantId;
use serde_json::Value;

use crate::arguments::MinterArguments;
use crate::broker::{Broker, grant_body, text};
use crate::exit::Exit;
use crate::failure::Failure;
use crate::format;
use crate::report::Report;
use crate::session::Session;

/// Seconds between two polls where none are given (RFC 8628, section 3.2).
const DEFAULT_INTERVAL: u64 = 5;
/// Seconds that `slow_down` adds to the interval, for good (section 3.5).
const SLOW_DOWN: u64 = 5;
/// Seconds that the codes live where the answer does not say.
const DEFAULT_LIFE: u64 = 300;

/// Shows the code, and polls until the person has decided or the code has expired.
pub(in crate::commands) async fn connect(
    session: &Session<'_>,
    arguments: &MinterArguments,
    scopes: &[String],
) -> Result<Report, Failure> {
    let mut broker = Broker::operator(session).await?;
    let id = super::minter(&mut broker, arguments)?;
    let mut body = grant_body(&id);
    if !scopes.is_empty() {
        body["scope"] = scopes.join(" ").into();
    }
    let codes = broker.ask("device_start", body).await?;
    show_code(session, &codes);
    let granted = poll(session, &broker, &id, &codes).await?;
    Ok(Report::ok(connected(session, &id, &granted), granted))
}

fn show_code(session: &Session<'_>, codes: &Value) {
    let colors = session.machine.has_colors();
    let life = codes["expires_in"].as_u64().unwrap_or(DEFAULT_LIFE);
    let url = console::style(text(codes, "verification_uri")).underlined().force_styling(colors);
    let code = console::style(text(codes, "user_code")).bold().force_styling(colors);
    session
        .machine
        .note(&format!("Sign in as the developer who owns the Service Apps:\n\n  open   {url}\n  enter  {code}\n"));
    if let Some(complete) = codes["verification_uri_complete"].as_str() {
        session.machine.note(&format!("Or open this address, which holds the code:\n\n  {complete}\n"));
    }
    session.machine.note(&format!("The code is valid for {}.", format::span(life.cast_signed())));
}

/// Polls with the interval of the answer. The interval counts from the end of one poll to the start of the next.
async fn poll(session: &Session<'_>, broker: &Broker, id: &GrantId, codes: &Value) -> Result<Value, Failure> {
    let mut interval = codes["interval"].as_u64().unwrap_or(DEFAULT_INTERVAL);
    let life = codes["expires_in"].as_u64().unwrap_or(DEFAULT_LIFE);
    let started = session.machine.now();
    let mut body = grant_body(id);
    body["device_code"] = codes["device_code"].clone();
    let progress = session.spinner("waiting for the sign-in");
    loop {
        session.machine.pause(Duration::from_secs(interval)).await;
        let waited = session.machine.now().duration_since(started).as_secs();
        if waited >= life.cast_signed() {
            return Err(expired());
        }
        progress.set_message(format!("waiting for the sign-in: {} left", format::span(life.cast_signed() - waited)));
        let answer = match broker.ask("device_poll", body.clone()).await {
            Ok(answer) => answer,
            Err(failure) if is_passing(&failure) => {
                interval += SLOW_DOWN;
                continue;
            }
            Err(failure) => return Err(in_words(failure)),
        };
        match answer["slow_down"].as_bool() {
            Some(true) => interval += SLOW_DOWN,
            Some(false) => {}
            None => return Ok(answer),
        }
    }
}

/// Whether the next poll may succeed. RFC 8628, section 3.5, wants a longer interval after such a failure.
fn is_passing(failure: &Failure) -> bool {
    let passing = ["http_429", "foreign_answer", "unreachable", "timed_out", "throttled", "no_connection"];
    failure.retry_after.is_some() || failure.code.starts_with("http_5") || passing.contains(&failure.code.as_str())
}

fn expired() -> Failure {
    Failure::new(Exit::Failed, "expired_token", "nobody signed in before the code expired; nothing was changed")
        .advise("wtb minter connect makes a new code")
}

/// The errors of RFC 8628, section 3.5, in words.
fn in_words(failure: Failure) -> Failure {
    let denied = ["access_denied", "authorization_declined"];
    if failure.code == "expired_token" || failure.detail.contains("expired_token") {
        return expired();
    }
    if denied.iter().any(|code| failure.code == *code || failure.detail.contains(code)) {
        let detail = format!("the person declined; nothing was changed ({})", failure.detail);
        return Failure { detail, ..failure }.advise("wtb minter connect makes a new code");
    }
    failure
}

fn connected(session: &Session<'_>, id: &GrantId, granted: &Value) -> String {
    let mut words = format!("The minter {id} is {}", text(granted, "state"));
    if let Some(end) = granted["expires_at"].as_str().and_then(|text| text.parse().ok()) {
        let _ = write!(words, "; its access token ends {}", format::time_and_distance(end, session.machine.now()));
    }
    words.push_str(".\n");
    if let Some(scope) = granted["scope"].as_str() {
        let _ = writeln!(words, "  scopes: {scope}");
    }
    words.push_str("  → wtb sweep mints what waited for it\n");
    words
}
