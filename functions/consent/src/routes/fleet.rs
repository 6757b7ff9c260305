//! `GET /fleet?app&state&failing&ending&waiting&q&next`: what needs a person, the apps' counts, and one page of grants.

use askama::Template;
use broker_core::app_state::StateCounts;
use broker_core::id::AppName;
use broker_core::request::{AppStatus, GrantStatus, ShownState};
use jiff::Timestamp;
use lambda_http::http::StatusCode;
use lambda_http::{Body, Response};
use url::form_urlencoded::Serializer;

use super::fleet_search::{self, FleetQuery, Listing};
use crate::console::ask;
use crate::console::attention::{self, Attention};
use crate::console::grant_view::GrantRow;
use crate::console::time_text::Moment;
use crate::error::Error;
use crate::page::{PageFrame, render};
use crate::request_log::RequestLog;
use crate::state::{ConsentState, PageRequest};

/// The states that the form offers, with their words.
const STATES: [(ShownState, &str, &str); 5] = [
    (ShownState::Active, "active", "Active"),
    (ShownState::Pending, "pending", "Pending"),
    (ShownState::Fenced, "fenced", "Fenced"),
    (ShownState::Revoked, "revoked", "Ended"),
    (ShownState::Unreadable, "unreadable", "Unreadable"),
];

#[derive(Template)]
#[template(path = "fleet.html")]
struct FleetPage<'a> {
    frame: &'a PageFrame<'a>,
    /// Whether this is the first page without a filter, which has the overview.
    is_overview: bool,
    attention: Vec<Attention>,
    /// Whether a sweep has counted the grants of every app.
    is_counted: bool,
    apps: Vec<FleetApp<'a>>,
    filter: FilterView<'a>,
    rows: Vec<GrantRow>,
    /// Grants that the search has looked at.
    searched: Option<usize>,
    next: Option<String>,
    is_first: bool,
    first: String,
    now: Moment,
}

struct FleetApp<'a> {
    name: &'a str,
    is_minter: bool,
    counts: Option<StateCounts>,
    last_sweep: Option<Moment>,
}

struct FilterView<'a> {
    app: Option<&'a str>,
    /// Key, words and whether it is chosen.
    states: Vec<(&'a str, &'a str, bool)>,
    /// The same for the boxes to check.
    boxes: Vec<(&'a str, &'a str, bool)>,
    text: &'a str,
    is_set: bool,
    /// The link that drops the app and keeps the rest.
    any_app: String,
}

/// Shows the fleet.
pub(crate) async fn handle(
    state: &ConsentState,
    request: &PageRequest<'_>,
    log: &mut RequestLog,
) -> Result<Response<Body>, Error> {
    let query = read(request)?;
    log.outcome = "shown";
    let listing = fleet_search::list(&state.refresher, &query, request.time_left).await?;
    let mut attention = attention::of_apps(&listing.apps);
    if query.is_overview() {
        let minter = minter(state, &listing.grants, request).await?;
        attention.extend(attention::of_minter(&state.settings.minter, minter.as_ref(), request.now));
    }
    Ok(page(&request.frame, &state.settings.minter.app, &query, listing, attention, request.now))
}

fn read(request: &PageRequest<'_>) -> Result<FleetQuery, Error> {
    let query = &request.query;
    let app = match query.get("app") {
        Some(app) => Some(AppName::parse(app).map_err(|error| Error::invalid_name(&error))?),
        None => None,
    };
    let state = query.get("state").unwrap_or_default();
    Ok(FleetQuery {
        app,
        state: STATES.iter().find(|(_, key, _)| *key == state).map(|(state, _, _)| *state),
        failing: query.get("failing").is_some(),
        ending: query.get("ending").is_some(),
        waiting: query.get("waiting").is_some(),
        text: query.get("q").unwrap_or_default().trim().to_lowercase(),
        next: query.get("next").map(str::to_owned),
    })
}

/// The minter's grant: on the page, where it comes first, or else by a question of its own.
async fn minter(
    state: &ConsentState,
    grants: &[GrantStatus],
    request: &PageRequest<'_>,
) -> Result<Option<GrantStatus>, Error> {
    let minter = &state.settings.minter;
    for grant in grants {
        if grant.app == minter.app.as_str() && grant.subject == minter.subject.as_str() {
            return Ok(Some(grant.clone()));
        }
    }
    ask::find_grant(&state.refresher, minter, request.time_left).await
}

fn page(
    frame: &PageFrame<'_>,
    minter_app: &AppName,
    query: &FleetQuery,
    listing: Listing,
    attention: Vec<Attention>,
    now: Timestamp,
) -> Response<Body> {
    let rows = listing.grants.into_iter().map(|grant| GrantRow::new(grant, now)).collect();
    let page = FleetPage {
        frame,
        is_overview: query.is_overview(),
        attention,
        is_counted: listing.apps.iter().all(|app| app.state.counts.is_some()),
        apps: listing.apps.iter().map(|app| fleet_app(app, minter_app, now)).collect(),
        filter: FilterView {
            app: query.app.as_ref().map(AppName::as_str),
            states: STATES.iter().map(|(state, key, words)| (*key, *words, query.state == Some(*state))).collect(),
            boxes: boxes(query),
            text: &query.text,
            is_set: query.has_filter(),
            any_app: link(&FleetQuery { app: None, next: None, ..query.clone() }),
        },
        rows,
        searched: listing.searched,
        next: listing.next.map(|next| link(&FleetQuery { next: Some(next), ..query.clone() })),
        is_first: query.next.is_none(),
        first: link(&FleetQuery { next: None, ..query.clone() }),
        now: Moment::new(now, now),
    };
    render(StatusCode::OK, &page)
}

/// The box for waiting grants is there only if a link from the overview chose it.
fn boxes(query: &FleetQuery) -> Vec<(&'static str, &'static str, bool)> {
    let mut boxes = vec![("failing", "Failing only", query.failing), ("ending", "Ends within 3 days", query.ending)];
    if query.waiting {
        boxes.push(("waiting", "Not confirmed at Webex", true));
    }
    boxes
}

fn fleet_app<'a>(app: &'a AppStatus, minter_app: &AppName, now: Timestamp) -> FleetApp<'a> {
    FleetApp {
        name: &app.app,
        is_minter: app.app == minter_app.as_str(),
        counts: app.state.counts,
        last_sweep: app.state.last_sweep_at.map(|at| Moment::new(at, now)),
    }
}

/// The address of a page of the fleet, from the root.
fn link(query: &FleetQuery) -> String {
    let mut pairs = Serializer::new(String::new());
    if let Some(app) = &query.app {
        pairs.append_pair("app", app.as_str());
    }
    for (state, key, _) in STATES {
        if query.state == Some(state) {
            pairs.append_pair("state", key);
        }
    }
    if query.failing {
        pairs.append_pair("failing", "1");
    }
    if query.ending {
        pairs.append_pair("ending", "1");
    }
    if query.waiting {
        pairs.append_pair("waiting", "1");
    }
    if !query.text.is_empty() {
        pairs.append_pair("q", &query.text);
    }
    if let Some(next) = &query.next {
        pairs.append_pair("next", next);
    }
    let pairs = pairs.finish();
    if pairs.is_empty() { "fleet".to_owned() } else { format!("fleet?{pairs}") }
}
