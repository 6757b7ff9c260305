//! `POST /v1/apps/{app}/grants/{subject}/token/rejected`.

use broker_core::clock::Clock;
use broker_core::token::Fingerprint;
use lambda_http::{Body, Response};
use serde::Deserialize;

use super::request::GrantHttpRequest;
use super::token;
use crate::audit::AuditRecord;
use crate::error::Error;
use crate::input;
use crate::tokens::TokenService;

const EXPECTED_BODY: &str = "{\"access_token_sha256\":\"<64 hexadecimal digits>\"}";

/// The request: the digest of a token that Webex answered with 401.
#[derive(Deserialize)]
struct RejectedToken {
    access_token_sha256: Fingerprint,
}

/// Answers with the current token, after a renewal if the rejected token is the current one and Webex confirms that it is
/// dead.
pub(crate) async fn handle<C: Clock>(
    tokens: &TokenService<C>,
    clock: &C,
    request: &GrantHttpRequest<'_>,
    audit: &mut AuditRecord,
) -> Result<Response<Body>, Error> {
    let rejected: RejectedToken = input::json_body(request.http, EXPECTED_BODY)?;
    let cached = tokens.after_rejection(request.id, rejected.access_token_sha256, request.deadline, audit).await?;
    Ok(token::respond(request.id, &cached, clock.now(), audit))
}
