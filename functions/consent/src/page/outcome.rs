//! How it ended.

use askama::Template;
use broker_core::clock::Clock;
use broker_core::request::Granted;
use jiff::Timestamp;
use lambda_http::http::StatusCode;
use lambda_http::{Body, Response};

use super::{Frame, add_hints, respond};
use crate::Refusal;
use crate::choice::Choice;
use crate::handler::Consent;
use crate::words::Message;

#[derive(Template)]
#[template(path = "granted.html")]
struct GrantedPage<'a> {
    frame: &'a Frame<'a>,
    app: &'a str,
    subject: &'a str,
    is_minter: bool,
    scopes: Vec<(&'a str, Option<&'a str>)>,
    /// Asked for and not among what Webex says it granted.
    left_out: Vec<&'a str>,
    until: Option<Until>,
    token: Option<&'a str>,
    /// The person asked to see the token and may not.
    token_withheld: bool,
}

/// A moment, for machines and for people.
struct Until {
    machine: String,
    people: String,
    days: i64,
}

#[derive(Template)]
#[template(path = "message.html")]
struct MessagePage<'a> {
    frame: &'a Frame<'a>,
    message: Message,
    tracking_id: Option<&'a str>,
    /// The way to ask for the same again.
    again: Option<String>,
    /// The way to ask for something else.
    change: Option<String>,
}

#[derive(Template)]
#[template(path = "key.html")]
struct KeyPage<'a> {
    frame: &'a Frame<'a>,
    message: Message,
    /// Whether something went wrong.
    is_error: bool,
    wait: Option<i64>,
}

/// It worked.
pub(crate) fn granted<C: Clock>(
    frame: &Frame<'_>,
    consent: &Consent<C>,
    choice: &Choice,
    granted: &Granted,
    now: Timestamp,
) -> Response<Body> {
    let said: Vec<&str> = granted.scope.as_deref().unwrap_or_default().split_whitespace().collect();
    let asked: Vec<&str> = choice.scopes.iter().map(String::as_str).collect();
    let (scopes, left_out) = if said.is_empty() {
        (asked, Vec::new())
    } else {
        let left_out = asked.into_iter().filter(|scope| !said.contains(scope)).collect();
        (said, left_out)
    };
    let may_show = choice.show && consent.settings.show_tokens;
    let token = match &granted.access_token {
        Some(token) if may_show => Some(token.expose()),
        _ => None,
    };
    let page = GrantedPage {
        frame,
        app: choice.id.app.as_str(),
        subject: choice.id.subject.as_str(),
        is_minter: choice.id == consent.settings.minter,
        scopes: scopes.into_iter().map(|scope| (scope, consent.catalogue.what(scope))).collect(),
        left_out,
        until: granted.expires_at.map(|at| until(at, now)),
        token,
        token_withheld: choice.show && token.is_none(),
    };
    respond(StatusCode::OK, &page)
}

fn until(at: Timestamp, now: Timestamp) -> Until {
    Until {
        machine: at.to_string(),
        people: at.strftime("%-d %B %Y, %H:%M UTC").to_string(),
        days: (at.duration_since(now).as_hours() + 12) / 24, // to the nearest
    }
}

/// It did not.
pub(crate) fn refusal(frame: &Frame<'_>, refusal: &Refusal, message: Message) -> Response<Body> {
    let status = message.status;
    let mut response = match refusal {
        Refusal::KeyNeeded | Refusal::WrongKey | Refusal::Throttled(_) => {
            let wait = match refusal {
                Refusal::Throttled(wait) => Some(wait.as_secs() + 1),
                _ => None,
            };
            let is_error = !matches!(refusal, Refusal::KeyNeeded);
            respond(status, &KeyPage { frame, message, is_error, wait })
        }
        _ => {
            let query = refusal.choice().map(Choice::query);
            let page = MessagePage {
                frame,
                message,
                tracking_id: refusal.tracking_id(),
                again: query.as_ref().map(|query| format!("start?{query}")),
                change: query.map(|query| format!("./?{query}")),
            };
            respond(status, &page)
        }
    };
    add_hints(&mut response, refusal);
    response
}
