//! `GET /invited?link` and `GET /invited/start?link`: a person consents to the one grant that a link names.
//!
//! There is no operator key here. The link shows nothing but what it asks for, and the sign-in that it starts can end in
//! its grant alone: the refresher checks the link again when it exchanges the code.

use askama::Template;
use lambda_http::http::StatusCode;
use lambda_http::{Body, Response};

use super::start::authorization_url;
use crate::catalogue::Catalogue;
use crate::console::ask;
use crate::console::time_text::Moment;
use crate::error::Error;
use crate::flow::AuthorizationFlow;
use crate::grant_request::GrantRequest;
use crate::integrations::{self, IntegrationEntry};
use crate::invitation::{Invitation, LinkRefusal};
use crate::operator_gate::is_cross_site;
use crate::page::{self, PageFrame, render};
use crate::request_log::RequestLog;
use crate::state::{ConsentState, PageRequest};

#[derive(Template)]
#[template(path = "invited.html")]
struct InvitedPage<'a> {
    frame: &'a PageFrame<'a>,
    app: &'a str,
    subject: &'a str,
    is_minter: bool,
    scopes: Vec<(&'a str, Option<&'a str>)>,
    expires: Moment,
    webex: &'a str,
    /// Leads to Webex, from the root.
    start: String,
}

/// The consent that a link asks for.
struct AskedGrant {
    invitation: Invitation,
    app: IntegrationEntry,
    request: GrantRequest,
}

/// Shows what the link asks for.
pub(crate) async fn show(
    state: &ConsentState,
    request: &PageRequest<'_>,
    log: &mut RequestLog,
) -> Result<Response<Body>, Error> {
    log.outcome = "shown";
    let asked = read(state, request, log).await?;
    Ok(page(state, request, &asked))
}

/// Redirects the browser to Webex. If another site sent it here, the person reads the page first.
pub(crate) async fn start(
    state: &ConsentState,
    request: &PageRequest<'_>,
    log: &mut RequestLog,
) -> Result<Response<Body>, Error> {
    log.outcome = "shown";
    let asked = read(state, request, log).await?;
    if is_cross_site(request.http) {
        return Ok(page(state, request, &asked));
    }
    let AskedGrant { invitation, app, request: grant } = asked;
    let flow = AuthorizationFlow::start(grant, app.redirect_uri, request.now)?.by_link(invitation.token);
    let url = authorization_url(&state.settings.webex_api_base, &app.client_id, &flow);
    log.outcome = "started";
    let mut response = page::redirect(StatusCode::FOUND, &url);
    page::add_cookie(&mut response, Some(flow.cookie(&state.gate.guest_flow_seal()?)?));
    Ok(response)
}

/// Reads the link, and refuses one that has expired or whose grant has changed since it was made.
async fn read(state: &ConsentState, request: &PageRequest<'_>, log: &mut RequestLog) -> Result<AskedGrant, Error> {
    log.is_guest = true;
    let address = request.query.get("link").unwrap_or_default();
    let invitation = Invitation::open(address, &state.gate.link_seal()?).ok_or(LinkRefusal::Invalid)?;
    let link = &invitation.link;
    log.set_grant(&link.id);
    if request.now >= link.expires_at {
        return Err(LinkRefusal::Expired.into());
    }
    if let Some(grant) = ask::find_grant(&state.refresher, &link.id, request.time_left).await?
        && (grant.blocked || link.is_spent(grant.renewed_at, grant.history.as_deref().unwrap_or_default()))
    {
        return Err(LinkRefusal::Spent.into());
    }
    let apps = integrations::list(&state.refresher, &state.settings.minter.app, request.time_left).await?;
    let Some(app) = apps.into_iter().find(|app| app.name == link.id.app) else {
        return Err(LinkRefusal::Invalid.into());
    };
    let scopes = match (&app.scopes, &link.scope) {
        (Some(fixed), _) => fixed.clone(),
        (None, chosen) => chosen.iter().flat_map(|scope| scope.split_whitespace()).map(str::to_owned).collect(),
    };
    let request = GrantRequest::new(link.id.clone(), scopes, false)?;
    Ok(AskedGrant { invitation, app, request })
}

fn page(state: &ConsentState, request: &PageRequest<'_>, asked: &AskedGrant) -> Response<Body> {
    let AskedGrant { invitation, request: grant, .. } = asked;
    let catalogue: &Catalogue = &state.catalogue;
    let page = InvitedPage {
        frame: &request.frame,
        app: grant.id.app.as_str(),
        subject: grant.id.subject.as_str(),
        is_minter: grant.id == state.settings.minter,
        scopes: grant.scopes.iter().map(|scope| (scope.as_str(), catalogue.describe(scope))).collect(),
        expires: Moment::new(invitation.link.expires_at, request.now),
        webex: state.settings.webex_api_base.authority(),
        start: format!("invited/start?link={}", invitation.address),
    };
    render(StatusCode::OK, &page)
}
