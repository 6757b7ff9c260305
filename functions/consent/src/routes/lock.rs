//! `POST /lock`: signs the operator out.

use lambda_http::http::StatusCode;
use lambda_http::{Body, Response};

use crate::cookie::HostCookie;
use crate::page;
use crate::request_log::RequestLog;

/// Ends the session of this browser, and with it a flow in progress.
pub(crate) fn handle(log: &mut RequestLog) -> Response<Body> {
    log.outcome = "locked";
    let mut response = page::redirect(StatusCode::SEE_OTHER, "./");
    page::add_cookie(&mut response, HostCookie::Session.delete());
    response
}
