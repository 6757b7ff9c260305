//! `GET /fleet/{app}/{subject}`: one grant, its tokens' lives, its history, and what an operator can do.

use askama::Template;
use broker_core::id::GrantId;
use broker_core::request::{AppKind, GrantStatus, ShownDataSource};
use jiff::Timestamp;
use lambda_http::http::StatusCode;
use lambda_http::{Body, Response};

use crate::console::act::ActResult;
use crate::console::ask::{self, ShownGrant};
use crate::console::form_token::{form_token, opened_result};
use crate::console::grant_view::{self, HistoryRow};
use crate::console::life_clock::LifeClock;
use crate::console::time_text::Moment;
use crate::error::Error;
use crate::grant_act::GrantAct;
use crate::page::{PageFrame, render};
use crate::request_log::RequestLog;
use crate::seal::CookieSeal;
use crate::state::{ConsentState, PageRequest};

#[derive(Template)]
#[template(path = "grant.html")]
struct GrantPage<'a> {
    frame: &'a PageFrame<'a>,
    app: &'a str,
    subject: &'a str,
    is_minter: bool,
    result: Option<ActResult>,
    state: &'static str,
    level: &'static str,
    meaning: &'static str,
    grant: &'a GrantStatus,
    since: Option<Moment>,
    access: Option<LifeClock>,
    refresh: Option<LifeClock>,
    dates: Vec<(&'static str, Moment)>,
    data_sources: Vec<DataSourceRow<'a>>,
    acts: Vec<ActButton>,
    /// For a personal grant: the page where a person consents again, from the root.
    consent: Option<String>,
    history: Vec<HistoryRow>,
}

struct ActButton {
    act: GrantAct,
    /// Where the form leads, from the root.
    action: String,
    /// `None` for an act that is confirmed first.
    token: Option<String>,
}

/// Shows the grant, with the result of the act that led here.
pub(crate) async fn handle(
    state: &ConsentState,
    request: &PageRequest<'_>,
    id: &GrantId,
    log: &mut RequestLog,
) -> Result<Response<Body>, Error> {
    log.set_grant(id);
    log.outcome = "shown";
    let seal = state.gate.console_seal(request.http, request.now)?.ok_or(Error::KeyRequired)?;
    let shown = ask::grant(&state.refresher, id, request.time_left).await?;
    let result = match request.query.get("result") {
        Some(sealed) => opened_result(&seal, id, sealed, request.now),
        None => None,
    };
    let acts = buttons(&seal, id, &shown.grant, request.now)?;
    let is_minter = *id == state.settings.minter;
    Ok(page(&request.frame, id, is_minter, shown, acts, result, request.now))
}

fn buttons(seal: &CookieSeal, id: &GrantId, grant: &GrantStatus, now: Timestamp) -> Result<Vec<ActButton>, Error> {
    let mut buttons = Vec::new();
    for act in GrantAct::offered(grant) {
        let path = grant_view::page_of(id);
        buttons.push(if act.ends_the_grant() {
            ActButton { act, action: format!("{path}/confirm"), token: None }
        } else {
            let token = Some(form_token(seal, id, act, now)?);
            ActButton { act, action: format!("{path}/{}", act.key()), token }
        });
    }
    Ok(buttons)
}

fn page(
    frame: &PageFrame<'_>,
    id: &GrantId,
    is_minter: bool,
    shown: ShownGrant,
    acts: Vec<ActButton>,
    result: Option<ActResult>,
    now: Timestamp,
) -> Response<Body> {
    let ShownGrant { app, mut grant } = shown;
    let history = grant_view::history(grant.history.take(), now);
    let is_personal = matches!(app, Some(app) if app.kind == Some(AppKind::Integration));
    let (state, level) = grant_view::state_of(&grant);
    let page = GrantPage {
        frame,
        app: id.app.as_str(),
        subject: id.subject.as_str(),
        is_minter,
        result,
        state,
        level,
        meaning: grant_view::meaning_of(&grant, now),
        since: grant.since.map(|since| Moment::new(since, now)),
        access: LifeClock::access(&grant, now),
        refresh: LifeClock::refresh(&grant, now),
        dates: dates(&grant, now),
        data_sources: data_source_rows(&grant, now),
        acts,
        consent: if is_personal { Some(consent_page(id, is_minter)) } else { None },
        history,
        grant: &grant,
    };
    render(StatusCode::OK, &page)
}

/// The page where a person consents to the grant, from the root.
pub(super) fn consent_page(id: &GrantId, is_minter: bool) -> String {
    let scopes = if is_minter { "&select=minter" } else { "" };
    format!("?app={}&subject={}{scopes}", id.app, id.subject)
}

/// A data source of the grant: where Webex delivers, its state in words, and when it ends.
struct DataSourceRow<'a> {
    url: &'a str,
    state: String,
    ends: Option<Moment>,
}

fn data_source_rows(grant: &GrantStatus, now: Timestamp) -> Vec<DataSourceRow<'_>> {
    let mut rows = Vec::new();
    for shown in &grant.data_sources {
        let mut state = match shown.state {
            ShownDataSource::Active => "Webex delivers".to_owned(),
            ShownDataSource::Failing => "Its renewal fails".to_owned(),
            ShownDataSource::Disabled => "Disabled".to_owned(),
            ShownDataSource::Ended => "Ended: Webex no longer delivers".to_owned(),
        };
        for detail in [&shown.code, &shown.tracking_id, &shown.message].into_iter().flatten() {
            state.push_str(", ");
            state.push_str(detail);
        }
        let ends = shown.expires_at.map(|at| Moment::new(at, now));
        rows.push(DataSourceRow { url: shown.url.as_deref().unwrap_or("No longer named by the app"), state, ends });
    }
    rows
}

fn dates(grant: &GrantStatus, now: Timestamp) -> Vec<(&'static str, Moment)> {
    let all = [
        ("Renewal due", grant.due_at),
        ("Renewed", grant.renewed_at),
        ("Access token ends", grant.access_token_expires_at),
        ("Refresh token ends", grant.refresh_token_expires_at),
        ("Authorised", grant.authorized_at),
    ];
    let mut dates = Vec::new();
    for (name, at) in all {
        if let Some(at) = at {
            dates.push((name, Moment::new(at, now)));
        }
    }
    dates
}
