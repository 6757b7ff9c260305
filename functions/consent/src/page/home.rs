//! The first page: the apps and their scopes.

use askama::Template;
use lambda_http::http::StatusCode;
use lambda_http::{Body, Response};

use super::{Frame, respond};
use crate::Settings;
use crate::catalogue::{Catalogue, Category};
use crate::choice::{self, DEFAULT_SUBJECT, Integration, MINTER_SCOPES, REFUSE_OVER, WARN_OVER};
use crate::query::Parameters;

#[derive(Template)]
#[template(path = "home.html")]
struct Home<'a> {
    frame: &'a Frame<'a>,
    apps: Vec<AppView<'a>>,
    minter: String,
    minter_app: String,
    may_show: bool,
    warn_over: usize,
    refuse_over: usize,
}

struct AppView<'a> {
    name: &'a str,
    client_id: &'a str,
    redirect_uri: &'a str,
    is_minter: bool,
    is_open: bool,
    subject: String,
    show: bool,
    /// The operator's list; `None` lets the person choose from `groups`.
    fixed: Option<Vec<ScopeView<'a>>>,
    groups: Vec<Group<'a>>,
    /// Scopes that are chosen and not in the catalogue.
    others: String,
    filter: String,
    length: usize,
}

struct Group<'a> {
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
    what: &'a str,
    chosen: bool,
    hidden: bool,
}

/// The first page, with what the parameters say chosen already.
pub(crate) fn home(
    frame: &Frame<'_>,
    settings: &Settings,
    catalogue: &Catalogue,
    apps: &[Integration],
    parameters: &Parameters,
) -> Response<Body> {
    let minter = &settings.minter;
    let asked = parameters.one("app");
    let views = apps.iter().enumerate().map(|(at, app)| {
        let is_minter = app.name == minter.app;
        let is_asked = asked == Some(app.name.as_str());
        let nothing = Parameters::default();
        let chosen = if is_asked { parameters } else { &nothing };
        let default = if is_minter { minter.subject.as_str() } else { DEFAULT_SUBJECT };
        AppView {
            is_open: is_asked || (asked.is_none() && at == 0),
            subject: chosen.one("subject").unwrap_or(default).to_owned(),
            is_minter,
            ..view(app, catalogue, chosen)
        }
    });
    let page = Home {
        frame,
        apps: views.collect(),
        minter: minter.to_string(),
        minter_app: minter.app.to_string(),
        may_show: settings.show_tokens,
        warn_over: WARN_OVER,
        refuse_over: REFUSE_OVER,
    };
    respond(StatusCode::OK, &page)
}

fn view<'a>(app: &'a Integration, catalogue: &'a Catalogue, parameters: &Parameters) -> AppView<'a> {
    let chosen = with_groups(choice::scopes(parameters), catalogue, parameters);
    let filter = parameters.one("filter").unwrap_or_default().trim().to_lowercase();
    let groups = match &app.scopes {
        Some(_) => Vec::new(),
        None => Category::ALL.map(|category| group(category, catalogue, &chosen, &filter)).into(),
    };
    let fixed = app.scopes.as_ref().map(|scopes| {
        let what = |scope: &'a String| ScopeView {
            scope,
            what: catalogue.what(scope).unwrap_or_default(),
            chosen: true,
            hidden: false,
        };
        scopes.iter().map(what).collect()
    });
    let others: Vec<_> = chosen.iter().filter(|scope| !catalogue.offers(scope)).cloned().collect();
    let length = app.scopes.as_ref().unwrap_or(&chosen).join(" ").len();
    AppView {
        name: app.name.as_str(),
        client_id: &app.client_id,
        redirect_uri: &app.redirect_uri,
        is_minter: false,
        is_open: false,
        subject: String::new(),
        show: parameters.one("show").is_some(),
        fixed,
        groups,
        others: others.join(" "),
        filter,
        length,
    }
}

/// What is chosen after a group's "select all" or "clear" was pressed without a script.
fn with_groups(mut chosen: Vec<String>, catalogue: &Catalogue, parameters: &Parameters) -> Vec<String> {
    for category in Category::ALL {
        let names = || catalogue.of(category).map(|scope| scope.name.clone());
        if parameters.one("select") == Some(category.key()) {
            let new: Vec<_> = names().filter(|scope| !chosen.contains(scope)).collect();
            chosen.extend(new);
        }
        if parameters.one("clear") == Some(category.key()) {
            let gone: Vec<_> = names().collect();
            chosen.retain(|scope| !gone.contains(scope));
        }
    }
    if parameters.one("select") == Some("minter") {
        let new = MINTER_SCOPES.iter().filter(|scope| !chosen.iter().any(|known| known == *scope));
        let new: Vec<_> = new.map(|scope| (*scope).to_owned()).collect();
        chosen.extend(new);
    }
    chosen
}

fn group<'a>(category: Category, catalogue: &'a Catalogue, chosen: &[String], filter: &str) -> Group<'a> {
    let scopes: Vec<_> = catalogue
        .of(category)
        .map(|scope| ScopeView {
            scope: &scope.name,
            what: &scope.what,
            chosen: chosen.contains(&scope.name),
            hidden: !matches(filter, &scope.name, &scope.what),
        })
        .collect();
    let chosen_here = scopes.iter().filter(|scope| scope.chosen).count();
    let is_first = chosen.is_empty() && category == Category::ALL[0];
    Group {
        is_open: !filter.is_empty() || chosen_here > 0 || is_first,
        key: category.key(),
        title: category.title(),
        who: category.who(),
        hidden: scopes.iter().all(|scope| scope.hidden),
        chosen: chosen_here,
        scopes,
    }
}

/// Whether each word of the filter is somewhere in the scope or in what it lets one do.
fn matches(filter: &str, scope: &str, what: &str) -> bool {
    let text = format!("{scope} {what}").to_lowercase();
    filter.split_whitespace().all(|word| text.contains(word))
}
