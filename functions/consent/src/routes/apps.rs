//! `GET /apps`: each app's registrations, credentials, live tokens, last sweep and problems.

use askama::Template;
use broker_core::app_state::{CredentialState, StateCounts, WebhookState};
use broker_core::id::AppName;
use broker_core::request::{AppKind, AppStatus, StatusRequest};
use jiff::Timestamp;
use lambda_http::http::StatusCode;
use lambda_http::{Body, Response};

use crate::console::ask;
use crate::console::time_text::Moment;
use crate::error::Error;
use crate::page::{PageFrame, render};
use crate::request_log::RequestLog;
use crate::state::{ConsentState, PageRequest};

/// Live access tokens that Webex allows an account.
const MOST_LIVE_TOKENS: u32 = 750;

#[derive(Template)]
#[template(path = "apps.html")]
struct AppsPage<'a> {
    frame: &'a PageFrame<'a>,
    apps: Vec<AppView<'a>>,
    most_live_tokens: u32,
}

struct AppView<'a> {
    name: &'a str,
    is_minter: bool,
    kind: &'static str,
    client_id: Option<&'a str>,
    webhooks: StateView<'a>,
    credentials: StateView<'a>,
    checked: Option<Moment>,
    live_tokens: Option<u32>,
    counts: Option<StateCounts>,
    last_sweep: Option<Moment>,
    problems: &'a [String],
}

/// A state in words, its colour, and why it is so.
struct StateView<'a> {
    words: &'static str,
    level: &'static str,
    reason: Option<&'a String>,
}

/// Lists the apps, the minter's first.
pub(crate) async fn handle(
    state: &ConsentState,
    request: &PageRequest<'_>,
    log: &mut RequestLog,
) -> Result<Response<Body>, Error> {
    log.outcome = "shown";
    let report = ask::status(&state.refresher, StatusRequest::default(), request.time_left).await?;
    let minter = &state.settings.minter.app;
    let page = AppsPage {
        frame: &request.frame,
        apps: report.apps.iter().map(|app| app_view(app, minter, request.now)).collect(),
        most_live_tokens: MOST_LIVE_TOKENS,
    };
    Ok(render(StatusCode::OK, &page))
}

fn app_view<'a>(app: &'a AppStatus, minter: &AppName, now: Timestamp) -> AppView<'a> {
    AppView {
        name: &app.app,
        is_minter: app.app == minter.as_str(),
        kind: match app.kind {
            Some(AppKind::ServiceApp) => "Service App",
            Some(AppKind::Integration) => "Integration",
            None => "unknown",
        },
        client_id: app.client_id.as_deref(),
        webhooks: webhooks(app),
        credentials: credentials(app),
        checked: app.state.credentials.checked_at.map(|at| Moment::new(at, now)),
        live_tokens: app.state.live_tokens,
        counts: app.state.counts,
        last_sweep: app.state.last_sweep_at.map(|at| Moment::new(at, now)),
        problems: &app.problems,
    }
}

fn webhooks(app: &AppStatus) -> StateView<'_> {
    let (words, level) = match app.state.webhooks.state {
        WebhookState::Registered => ("Registered", "good"),
        WebhookState::Failing => ("Failing", "bad"),
        WebhookState::Off => ("Off", "off"),
        WebhookState::Unknown => ("Not known", "off"),
    };
    StateView { words, level, reason: app.state.webhooks.reason.as_ref() }
}

fn credentials(app: &AppStatus) -> StateView<'_> {
    let (words, level) = match app.state.credentials.state {
        CredentialState::Ok => ("Accepted by Webex", "good"),
        CredentialState::Wrong => ("Refused by Webex", "bad"),
        CredentialState::Unknown => ("Not checked", "off"),
    };
    StateView { words, level, reason: app.state.credentials.reason.as_ref() }
}
