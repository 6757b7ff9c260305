//! `GET /start?app&subject&scope&show`: redirects the browser to Webex.

use lambda_http::http::StatusCode;
use lambda_http::{Body, Response};
use url::Url;
use url::form_urlencoded;

use super::{existing_grant, requested_grant, review};
use crate::error::Error;
use crate::flow::AuthorizationFlow;
use crate::grant_request::ScopeLength;
use crate::operator_gate::is_cross_site;
use crate::page;
use crate::request_log::RequestLog;
use crate::state::{ConsentState, PageRequest};

/// Starts a flow. If another site sent the browser here, the person reviews the request first, because that site could
/// have chosen any scopes.
pub(crate) async fn handle(
    state: &ConsentState,
    request: &PageRequest<'_>,
    log: &mut RequestLog,
) -> Result<Response<Body>, Error> {
    log.outcome = "shown";
    let (app, grant) = requested_grant::read(state, request, log).await?;
    let (_, length) = grant.length();
    if is_cross_site(request.http) || length == ScopeLength::TooLong {
        let existing = existing_grant::find(state, request, &grant.id).await;
        return review::page(state, request, &app, &grant, existing);
    }
    let Some(seal) = state.gate.flow_seal(request.http, request.now)? else {
        return Err(Error::KeyRequired);
    };
    let flow = AuthorizationFlow::start(grant, app.redirect_uri.clone(), request.now)?;
    let url = authorization_url(&state.settings.webex_api_base, &app.client_id, &flow);
    log.outcome = "started";
    let mut response = page::redirect(StatusCode::FOUND, &url);
    page::add_cookie(&mut response, Some(flow.cookie(&seal)?));
    Ok(response)
}

/// The authorization request (RFC 6749 section 4.1.1, RFC 7636 section 4.3).
pub(super) fn authorization_url(base: &Url, client_id: &str, flow: &AuthorizationFlow) -> String {
    let query = form_urlencoded::Serializer::new(String::new())
        .append_pair("response_type", "code")
        .append_pair("client_id", client_id)
        .append_pair("redirect_uri", &flow.redirect_uri)
        .append_pair("scope", &flow.request.scope())
        .append_pair("state", flow.state.expose())
        .append_pair("code_challenge", &flow.challenge())
        .append_pair("code_challenge_method", "S256")
        .finish();
    let base = base.as_str().trim_end_matches('/');
    // Webex documents a space as %20. A literal plus is %2B by now.
    format!("{base}/authorize?{}", query.replace('+', "%20"))
}
