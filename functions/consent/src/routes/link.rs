//! `POST /link`: makes a link with which a person consents to one grant without the operator key.

use askama::Template;
use broker_core::request::{MadeLink, MakeLink, RefresherRequest};
use lambda_http::http::StatusCode;
use lambda_http::{Body, Response};

use crate::console::ask;
use crate::console::form_token::opened_link_form;
use crate::console::grant_view;
use crate::console::time_text::Moment;
use crate::error::Error;
use crate::integrations;
use crate::invitation;
use crate::operator_gate::is_cross_site;
use crate::page::{PageFrame, render};
use crate::parameters::Parameters;
use crate::request_log::RequestLog;
use crate::state::{ConsentState, PageRequest};

#[derive(Template)]
#[template(path = "link.html")]
struct LinkPage<'a> {
    frame: &'a PageFrame<'a>,
    app: &'a str,
    subject: &'a str,
    address: String,
    expires: Moment,
    /// The page of the grant, from the root.
    page: String,
}

/// Makes the link that the form of the review asks for, and shows it. Nothing is stored.
pub(crate) async fn handle(
    state: &ConsentState,
    request: &PageRequest<'_>,
    log: &mut RequestLog,
) -> Result<Response<Body>, Error> {
    if is_cross_site(request.http) {
        return Err(Error::CrossSite);
    }
    let seal = state.gate.console_seal(request.http, request.now)?.ok_or(Error::KeyRequired)?;
    let form = Parameters::from_form(request.http);
    let (id, scopes) =
        opened_link_form(&seal, form.get("token").unwrap_or_default(), request.now).ok_or(Error::LinkForm)?;
    log.set_grant(&id);
    let apps = integrations::list(&state.refresher, &state.settings.minter.app, request.time_left).await?;
    let app = apps.into_iter().find(|app| app.name == id.app).ok_or(Error::UnknownIntegration)?;
    let scope = if app.scopes.is_some() { None } else { Some(scopes.join(" ")) };
    let command = RefresherRequest::MakeLink(MakeLink { id: id.clone(), scope });
    let made: MadeLink = ask::perform(&state.refresher, &id, &command, request.time_left).await?;
    log.outcome = "link_made";
    let page = LinkPage {
        frame: &request.frame,
        app: id.app.as_str(),
        subject: id.subject.as_str(),
        address: invitation::address(&app.redirect_uri, &made.link, &state.gate.link_seal()?)?,
        expires: Moment::new(made.expires_at, request.now),
        page: grant_view::page_of(&id),
    };
    Ok(render(StatusCode::OK, &page))
}
