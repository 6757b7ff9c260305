//! `POST /key`: signs an operator in.

use lambda_http::http::StatusCode;
use lambda_http::{Body, Response};

use crate::error::Error;
use crate::operator_gate::is_cross_site;
use crate::page;
use crate::parameters::Parameters;
use crate::request_log::RequestLog;
use crate::return_path;
use crate::state::{ConsentState, PageRequest};

/// Begins a session with the form's `key`, and leads to the page that asked for it.
pub(crate) fn handle(
    state: &ConsentState,
    request: &PageRequest<'_>,
    log: &mut RequestLog,
) -> Result<Response<Body>, Error> {
    if is_cross_site(request.http) {
        return Err(Error::CrossSite);
    }
    let form = Parameters::from_form(request.http);
    let key = form.get("key").unwrap_or_default().trim();
    let session = state.gate.sign_in(request.http, key, request.now)?;
    log.outcome = "unlocked";
    let target = return_path::of_request(request.http).unwrap_or_default();
    let mut response = page::redirect(StatusCode::SEE_OTHER, &format!("./{target}"));
    page::add_cookie(&mut response, Some(session));
    Ok(response)
}
