//! `POST /v1/apps/{app}/grants/{subject}/guests`: guests are people without a Webex account, whom a Service App admits
//! with its token (webex-api.md section 8).

use broker_core::clock::{Clock, Deadline};
use jiff::SignedDuration;
use lambda_http::http::StatusCode;
use lambda_http::{Body, Request, Response};
use lambda_kit::http_function;
use serde::{Deserialize, Serialize};
use webex::WebexApi;

use super::request::GrantHttpRequest;
use super::revealed::RevealedToken;
use crate::audit::AuditRecord;
use crate::error::Error;
use crate::input;
use crate::tokens::TokenService;

/// Longest subject and display name, in characters.
const MAX_CHARS: usize = 256;
/// Longest time for the calls to Webex. The caller can repeat the request and knows better when.
const WEBEX_TIME_OUT: SignedDuration = SignedDuration::from_secs(10);
/// Time that remains, after the calls to Webex, to answer.
const ANSWER_RESERVE: SignedDuration = SignedDuration::from_secs(1);

const EXPECTED_BODY: &str = "{\"subject\":\"…\",\"display_name\":\"…\"} with 1 to 256 characters each";

/// The request.
#[derive(Deserialize)]
struct GuestInvitation {
    subject: String,
    display_name: String,
}

/// The response.
#[derive(Serialize)]
struct GuestAnswer<'a> {
    access_token: RevealedToken<'a>,
    token_type: &'static str,
    expires_in: i64,
    guest_id: &'a str,
}

/// Creates a guest with the grant's token and answers with the guest's token.
pub(crate) async fn handle<C: Clock>(
    tokens: &TokenService<C>,
    webex: &WebexApi<C>,
    clock: &C,
    request: &GrantHttpRequest<'_>,
    audit: &mut AuditRecord,
) -> Result<Response<Body>, Error> {
    let invitation = read_invitation(request.http)?;
    let cached = tokens.usable(request.id, input::DEFAULT_MIN_TTL, request.deadline, audit).await?;
    let now = clock.now();
    let deadline = Deadline::at(now + request.deadline.keeping(ANSWER_RESERVE).left(now).min(WEBEX_TIME_OUT));
    let guest = webex
        .guest(&cached.pair.access_token, &invitation.subject, &invitation.display_name, deadline)
        .await
        .map_err(Error::Guest)?;
    audit.token = Some(guest.access_token.fingerprint());
    let answer = GuestAnswer {
        access_token: RevealedToken(&guest.access_token),
        token_type: "Bearer",
        expires_in: guest.expires_in.as_secs(),
        guest_id: &guest.id,
    };
    Ok(http_function::json(StatusCode::OK, &answer))
}

fn read_invitation(request: &Request) -> Result<GuestInvitation, Error> {
    let invitation: GuestInvitation = input::json_body(request, EXPECTED_BODY)?;
    if !is_valid_text(&invitation.subject) || !is_valid_text(&invitation.display_name) {
        return Err(Error::InvalidBody(EXPECTED_BODY));
    }
    Ok(invitation)
}

fn is_valid_text(text: &str) -> bool {
    !text.trim().is_empty() && text.chars().count() <= MAX_CHARS
}

#[cfg(test)]
mod tests {
    use super::*;

    fn is_accepted(body: &str) -> bool {
        let request = lambda_http::http::Request::post("/").body(Body::from(body)).unwrap();
        read_invitation(&request).is_ok()
    }

    #[test]
    fn invitation_needs_subject_and_display_name() {
        assert!(is_accepted(r#"{"subject":"a","display_name":"Ada","more":1}"#));
        for bad in [
            "",
            "{}",
            r#"{"subject":"a"}"#,
            r#"{"subject":"","display_name":"Ada"}"#,
            r#"{"subject":"a","display_name":" "}"#,
            r#"{"subject":1,"display_name":"Ada"}"#,
        ] {
            assert!(!is_accepted(bad), "{bad}");
        }
        assert!(!is_accepted(&format!(r#"{{"subject":"a","display_name":"{}"}}"#, "b".repeat(257))));
    }
}
