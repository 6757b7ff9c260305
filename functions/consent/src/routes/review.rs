//! `GET /review?app&subject&scope&show`: what Webex will be asked for, and how long the request is.

use askama::Template;
use lambda_http::http::StatusCode;
use lambda_http::{Body, Response};

use super::existing_grant::{self, ExistingGrant};
use super::requested_grant;
use crate::console::form_token;
use crate::error::Error;
use crate::grant_request::{GrantRequest, REFUSE_ABOVE, ScopeLength, WARN_ABOVE};
use crate::integrations::IntegrationEntry;
use crate::page::{PageFrame, render};
use crate::request_log::RequestLog;
use crate::state::{ConsentState, PageRequest};

#[derive(Template)]
#[template(path = "review.html")]
struct ReviewPage<'a> {
    frame: &'a PageFrame<'a>,
    app: &'a str,
    subject: &'a str,
    is_minter: bool,
    is_fixed: bool,
    show: bool,
    scopes: Vec<(&'a str, Option<&'a str>)>,
    scope: String,
    characters: usize,
    warn_above: usize,
    refuse_above: usize,
    length: ScopeLength,
    existing: ExistingGrant,
    /// The token of the form that makes a link; `None` if the grant works or nothing is known of it.
    link_form: Option<String>,
    /// How many characters are too many.
    excess: usize,
    webex: &'a str,
    start: String,
    change: String,
}

/// Shows what the query asks for.
pub(crate) async fn handle(
    state: &ConsentState,
    request: &PageRequest<'_>,
    log: &mut RequestLog,
) -> Result<Response<Body>, Error> {
    log.outcome = "shown";
    let (app, grant) = requested_grant::read(state, request, log).await?;
    let existing = existing_grant::find(state, request, &grant.id).await;
    page(state, request, &app, &grant, existing)
}

/// The page before Webex's own. It leads on by a link, because the content security policy stops a form there.
pub(super) fn page(
    state: &ConsentState,
    request: &PageRequest<'_>,
    app: &IntegrationEntry,
    grant: &GrantRequest,
    existing: ExistingGrant,
) -> Result<Response<Body>, Error> {
    let settings = &state.settings;
    let frame = &request.frame;
    let (characters, length) = grant.length();
    let query = grant.query();
    let link_form = if existing.may_be_linked() && length != ScopeLength::TooLong {
        let seal = state.gate.console_seal(request.http, request.now)?.ok_or(Error::KeyRequired)?;
        Some(form_token::link_form(&seal, grant, request.now)?)
    } else {
        None
    };
    let page = ReviewPage {
        frame,
        app: grant.id.app.as_str(),
        subject: grant.id.subject.as_str(),
        is_minter: grant.id == settings.minter,
        is_fixed: app.scopes.is_some(),
        show: grant.show && settings.show_tokens,
        scopes: grant.scopes.iter().map(|scope| (scope.as_str(), state.catalogue.describe(scope))).collect(),
        scope: grant.scope(),
        characters,
        warn_above: WARN_ABOVE,
        refuse_above: REFUSE_ABOVE,
        length,
        existing,
        link_form,
        excess: characters.saturating_sub(REFUSE_ABOVE),
        webex: settings.webex_api_base.authority(),
        start: format!("{}start?{query}", frame.root),
        change: format!("{}?{query}", frame.root),
    };
    let status = if length == ScopeLength::TooLong { StatusCode::BAD_REQUEST } else { StatusCode::OK };
    Ok(render(status, &page))
}
