//! `POST /fleet/{app}/{subject}/{act}`: an operator acts on a grant.

use broker_core::id::GrantId;
use lambda_http::http::StatusCode;
use lambda_http::{Body, Response};

use crate::console::act;
use crate::console::form_token::{allows, sealed_result};
use crate::console::grant_view;
use crate::error::Error;
use crate::grant_act::GrantAct;
use crate::operator_gate::is_cross_site;
use crate::page;
use crate::parameters::Parameters;
use crate::request_log::RequestLog;
use crate::state::{ConsentState, PageRequest};

/// Performs the act, and leads to the page of the grant with the result.
pub(crate) async fn handle(
    state: &ConsentState,
    request: &PageRequest<'_>,
    id: &GrantId,
    act: GrantAct,
    log: &mut RequestLog,
) -> Result<Response<Body>, Error> {
    log.set_grant(id);
    if is_cross_site(request.http) {
        return Err(Error::CrossSite);
    }
    let seal = state.gate.console_seal(request.http, request.now)?.ok_or(Error::KeyRequired)?;
    let form = Parameters::from_form(request.http);
    let token = form.get("token").unwrap_or_default();
    if !allows(&seal, id, act, token, request.now) {
        return Err(Error::FormToken { grant: Box::new(id.clone()) });
    }
    let result = act::perform(act, &state.refresher, id, request.time_left).await?;
    log.outcome = act.key();
    let sealed = sealed_result(&seal, id, &result, request.now)?;
    let place = format!("{}{}?result={sealed}", request.frame.root, grant_view::page_of(id));
    Ok(page::redirect(StatusCode::SEE_OTHER, &place))
}
