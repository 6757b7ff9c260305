//! `GET /callback`: the redirect from Webex, and the page that shows the grant.

use askama::Template;
use broker_core::request::{CommandAnswer, Exchange, Granted, RefresherRequest};
use broker_core::token::AuthorizationCode;
use jiff::Timestamp;
use lambda_http::http::StatusCode;
use lambda_http::{Body, Response};

use crate::catalogue::Catalogue;
use crate::cookie::HostCookie;
use crate::error::Error;
use crate::flow::{self, AuthorizationFlow, FlowError, GrantedFlow, ResumedFlow};
use crate::grant_request::GrantRequest;
use crate::page::{self, PageFrame, render};
use crate::request_log::RequestLog;
use crate::seal::CookieSeal;
use crate::settings::Settings;
use crate::state::{ConsentState, PageRequest};
use crate::webex_error::AuthorizationError;

/// Names the author of a consent in the history of its grant, where an operator's link led to it.
const BY_LINK: &str = "consent link";

#[derive(Template)]
#[template(path = "granted.html")]
struct GrantedPage<'a> {
    frame: &'a PageFrame<'a>,
    app: &'a str,
    subject: &'a str,
    is_minter: bool,
    /// The organisation of the account, where Webex names it.
    org: Option<&'a str>,
    scopes: Vec<(&'a str, Option<&'a str>)>,
    /// Scopes that were requested and not granted.
    left_out: Vec<&'a str>,
    expiry: Option<Expiry>,
    token: Option<&'a str>,
    /// The person asked to see the token, and the deployment does not allow it.
    token_withheld: bool,
}

#[derive(Template)]
#[template(path = "already_granted.html")]
struct AlreadyGrantedPage<'a> {
    frame: &'a PageFrame<'a>,
    app: &'a str,
    subject: &'a str,
    granted_at: String,
}

/// When an access token expires.
struct Expiry {
    machine: String,
    text: String,
    days: i64,
}

/// Accepts the redirect, exchanges the code and shows the grant.
pub(crate) async fn handle(
    state: &ConsentState,
    request: &PageRequest<'_>,
    log: &mut RequestLog,
) -> Result<Response<Body>, Error> {
    let (resumed, seal) = resume(state, request, log)?;
    let frame = PageFrame { is_guest: log.is_guest, ..request.frame };
    let flow = match resumed {
        ResumedFlow::InProgress(flow) => flow,
        ResumedFlow::Granted(flow) => {
            log.set_grant(&flow.id);
            log.outcome = "shown";
            return Ok(already_granted_page(&frame, &flow));
        }
    };
    log.set_grant(&flow.request.id);
    state.finished_flows.finish(&flow, request.now)?;
    if let Some(error) = AuthorizationError::read(&request.query) {
        return Err(Error::Authorization { request: Box::new(flow.request), error });
    }
    let code = request.query.get("code").map(AuthorizationCode::new).ok_or(Error::MissingCode)?;
    let granted = exchange(state, request, &flow, code).await?;
    log.outcome = "granted";
    let granted_cookie = flow.granted_cookie(&seal, request.now)?;
    let grant = &flow.request;
    let mut response = page(&frame, &state.settings, &state.catalogue, grant, &granted, request.now);
    page::add_cookie(&mut response, Some(granted_cookie));
    Ok(response)
}

/// Finds the flow that the redirect belongs to: one that this operator started, or else one that a link started.
fn resume(
    state: &ConsentState,
    request: &PageRequest<'_>,
    log: &mut RequestLog,
) -> Result<(ResumedFlow, CookieSeal), Error> {
    let cookie = HostCookie::Flow.read(request.http).ok_or(FlowError::Missing)?;
    let oauth_state = request.query.get("state");
    if let Some(seal) = state.gate.flow_seal(request.http, request.now)? {
        match flow::resume(&cookie, &seal, oauth_state, request.now) {
            Err(FlowError::Unreadable) => {}
            resumed => return Ok((resumed?, seal)),
        }
    }
    let seal = state.gate.guest_flow_seal()?;
    let resumed = flow::resume(&cookie, &seal, oauth_state, request.now);
    log.is_guest = !matches!(resumed, Err(FlowError::Unreadable));
    match resumed? {
        // Only a link may start a flow without an operator's session.
        ResumedFlow::InProgress(flow) if flow.link.is_none() => Err(FlowError::Unreadable.into()),
        resumed => Ok((resumed, seal)),
    }
}

/// Hands the code to the refresher.
async fn exchange(
    state: &ConsentState,
    request: &PageRequest<'_>,
    flow: &AuthorizationFlow,
    code: AuthorizationCode,
) -> Result<Granted, Error> {
    let exchange = RefresherRequest::Exchange(Exchange {
        id: flow.request.id.clone(),
        code,
        redirect_uri: flow.redirect_uri.clone(),
        code_verifier: flow.verifier.clone(),
        show: flow.request.show && state.settings.show_tokens,
        link: flow.link.clone(),
    });
    let answer = match flow.link {
        Some(_) => state.refresher.ask_as(BY_LINK, &exchange, request.time_left).await,
        None => state.refresher.ask(&exchange, request.time_left).await,
    };
    match answer {
        Ok(CommandAnswer::Done(granted)) => Ok(granted),
        Ok(CommandAnswer::Refused { error }) => {
            Err(Error::ExchangeRefused { request: Box::new(flow.request.clone()), error })
        }
        Err(source) => Err(Error::ExchangeUnavailable { request: Box::new(flow.request.clone()), source }),
    }
}

fn page(
    frame: &PageFrame<'_>,
    settings: &Settings,
    catalogue: &Catalogue,
    request: &GrantRequest,
    granted: &Granted,
    now: Timestamp,
) -> Response<Body> {
    let requested: Vec<&str> = request.scopes.iter().map(String::as_str).collect();
    let mut scopes: Vec<&str> = granted.scope.as_deref().unwrap_or_default().split_whitespace().collect();
    if scopes.is_empty() {
        // RFC 6749 section 5.1: no `scope` means that all were granted.
        scopes.clone_from(&requested);
    }
    let token = match &granted.access_token {
        Some(token) if request.show && settings.show_tokens => Some(token.expose()),
        _ => None,
    };
    let page = GrantedPage {
        frame,
        app: request.id.app.as_str(),
        subject: request.id.subject.as_str(),
        is_minter: request.id == settings.minter,
        org: granted.org.as_deref(),
        left_out: requested.into_iter().filter(|scope| !scopes.contains(scope)).collect(),
        scopes: scopes.into_iter().map(|scope| (scope, catalogue.describe(scope))).collect(),
        expiry: granted.expires_at.map(|at| expiry(at, now)),
        token,
        token_withheld: request.show && token.is_none(),
    };
    render(StatusCode::OK, &page)
}

fn already_granted_page(frame: &PageFrame<'_>, flow: &GrantedFlow) -> Response<Body> {
    let page = AlreadyGrantedPage {
        frame,
        app: flow.id.app.as_str(),
        subject: flow.id.subject.as_str(),
        granted_at: minute(flow.granted_at),
    };
    render(StatusCode::OK, &page)
}

fn expiry(at: Timestamp, now: Timestamp) -> Expiry {
    let nearest_day = (at.duration_since(now).as_hours() + 12) / 24;
    Expiry { machine: at.to_string(), text: minute(at), days: nearest_day }
}

fn minute(at: Timestamp) -> String {
    at.strftime("%-d %B %Y, %H:%M UTC").to_string()
}
