//! `GET /`: the Integrations and their scopes.

use askama::Template;
use lambda_http::http::StatusCode;
use lambda_http::{Body, Response};

use crate::catalogue::{Catalogue, Category};
use crate::error::Error;
use crate::grant_request::{DEFAULT_SUBJECT, REFUSE_ABOVE, WARN_ABOVE};
use crate::integrations::{self, IntegrationEntry};
use crate::page::{PageFrame, render};
use crate::parameters::Parameters;
use crate::preset::{self, PRESETS, Preset};
use crate::request_log::RequestLog;
use crate::settings::Settings;
use crate::state::{ConsentState, PageRequest};

#[derive(Template)]
#[template(path = "home.html")]
struct HomePage<'a> {
    frame: &'a PageFrame<'a>,
    apps: Vec<IntegrationView<'a>>,
    minter: String,
    minter_app: String,
    may_show: bool,
    warn_above: usize,
    refuse_above: usize,
}

struct IntegrationView<'a> {
    name: &'a str,
    client_id: &'a str,
    redirect_uri: &'a str,
    is_minter: bool,
    is_open: bool,
    subject: String,
    show: bool,
    /// The scopes that the secret fixes; `None` lets the person choose from `groups`.
    fixed: Option<Vec<ScopeView<'a>>>,
    groups: Vec<ScopeGroup<'a>>,
    presets: Vec<&'static Preset>,
    /// All chosen scopes, which stand on top.
    chosen: Vec<String>,
    /// Chosen scopes that the catalogue does not have.
    others: String,
    filter: String,
    length: usize,
}

struct ScopeGroup<'a> {
    key: &'a str,
    title: &'a str,
    who: &'a str,
    hidden: bool,
    is_open: bool,
    chosen: usize,
    scopes: Vec<ScopeView<'a>>,
}

struct ScopeView<'a> {
    scope: &'a str,
    description: &'a str,
    chosen: bool,
    hidden: bool,
}

/// Lists the Integrations, with the query's choice filled in.
pub(crate) async fn handle(
    state: &ConsentState,
    request: &PageRequest<'_>,
    log: &mut RequestLog,
) -> Result<Response<Body>, Error> {
    log.outcome = "shown";
    let apps = integrations::list(&state.refresher, &state.settings.minter.app, request.time_left).await?;
    Ok(page(&request.frame, &state.settings, &state.catalogue, &apps, &request.query))
}

fn page(
    frame: &PageFrame<'_>,
    settings: &Settings,
    catalogue: &Catalogue,
    apps: &[IntegrationEntry],
    query: &Parameters,
) -> Response<Body> {
    let minter = &settings.minter;
    let requested = query.get("app");
    let no_query = Parameters::default();
    let mut views = Vec::new();
    for (index, app) in apps.iter().enumerate() {
        let is_requested = requested == Some(app.name.as_str());
        let choice = if is_requested { query } else { &no_query };
        let is_minter = app.name == minter.app;
        let default_subject = if is_minter { minter.subject.as_str() } else { DEFAULT_SUBJECT };
        let subject = choice.get("subject").unwrap_or(default_subject).to_owned();
        let mut view = integration_view(app, catalogue, choice);
        view.is_minter = is_minter;
        view.presets = if is_minter { vec![&preset::MINTER] } else { PRESETS.iter().collect() };
        view.is_open = is_requested || (requested.is_none() && index == 0);
        view.subject = subject;
        views.push(view);
    }
    let page = HomePage {
        frame,
        apps: views,
        minter: minter.to_string(),
        minter_app: minter.app.to_string(),
        may_show: settings.show_tokens,
        warn_above: WARN_ABOVE,
        refuse_above: REFUSE_ABOVE,
    };
    render(StatusCode::OK, &page)
}

fn integration_view<'a>(
    app: &'a IntegrationEntry,
    catalogue: &'a Catalogue,
    choice: &Parameters,
) -> IntegrationView<'a> {
    let chosen = chosen_scopes(catalogue, choice);
    let filter = choice.get("filter").unwrap_or_default().trim().to_lowercase();
    let others: Vec<_> = chosen.iter().filter(|scope| !catalogue.offers(scope)).cloned().collect();
    let (fixed, groups, length) = if let Some(scopes) = &app.scopes {
        (Some(fixed_scopes(scopes, catalogue)), Vec::new(), scopes.join(" ").len())
    } else {
        let groups = Category::ALL.map(|category| scope_group(category, catalogue, &chosen, &filter));
        (None, groups.into(), chosen.join(" ").len())
    };
    IntegrationView {
        name: app.name.as_str(),
        client_id: &app.client_id,
        redirect_uri: &app.redirect_uri,
        is_minter: false,
        is_open: false,
        subject: String::new(),
        show: choice.get("show").is_some(),
        fixed,
        groups,
        presets: Vec::new(),
        chosen,
        others: others.join(" "),
        filter,
        length,
    }
}

fn fixed_scopes<'a>(scopes: &'a [String], catalogue: &'a Catalogue) -> Vec<ScopeView<'a>> {
    let mut views = Vec::new();
    for scope in scopes {
        let description = catalogue.describe(scope).unwrap_or_default();
        views.push(ScopeView { scope, description, chosen: true, hidden: false });
    }
    views
}

/// The chosen scopes, after a button that selects or clears several was pressed without JavaScript.
fn chosen_scopes(catalogue: &Catalogue, choice: &Parameters) -> Vec<String> {
    let mut chosen = choice.words("scope");
    for category in Category::ALL {
        if choice.get("select") == Some(category.key()) {
            add_missing(&mut chosen, catalogue.category(category).map(|scope| scope.name.as_str()));
        }
        if choice.get("clear") == Some(category.key()) {
            chosen.retain(|name| !catalogue.category(category).any(|scope| scope.name == *name));
        }
    }
    let preset = preset::scopes_of(choice.get("select").unwrap_or_default());
    add_missing(&mut chosen, preset.iter().copied());
    if let Some(dropped) = choice.get("drop") {
        chosen.retain(|name| name != dropped);
    }
    chosen
}

fn add_missing<'a>(chosen: &mut Vec<String>, scopes: impl Iterator<Item = &'a str>) {
    for scope in scopes {
        if !chosen.iter().any(|known| known == scope) {
            chosen.push(scope.to_owned());
        }
    }
}

fn scope_group<'a>(category: Category, catalogue: &'a Catalogue, chosen: &[String], filter: &str) -> ScopeGroup<'a> {
    let mut scopes = Vec::new();
    for scope in catalogue.category(category) {
        scopes.push(ScopeView {
            scope: &scope.name,
            description: &scope.description,
            chosen: chosen.contains(&scope.name),
            hidden: !matches_filter(filter, &scope.name, &scope.description),
        });
    }
    let chosen_here = scopes.iter().filter(|scope| scope.chosen).count();
    let is_first = chosen.is_empty() && category == Category::ALL[0];
    ScopeGroup {
        is_open: !filter.is_empty() || chosen_here > 0 || is_first,
        key: category.key(),
        title: category.title(),
        who: category.who_can_grant(),
        hidden: scopes.iter().all(|scope| scope.hidden),
        chosen: chosen_here,
        scopes,
    }
}

/// Whether every word of the filter occurs in the scope or its description.
fn matches_filter(filter: &str, scope: &str, description: &str) -> bool {
    let text = format!("{scope} {description}").to_lowercase();
    filter.split_whitespace().all(|word| text.contains(word))
}
