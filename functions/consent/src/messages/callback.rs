//! Texts for redirects from Webex that bring no grant.

use lambda_http::http::StatusCode;

use crate::flow::FlowError;
use crate::grant_request::GrantRequest;
use crate::message::Message;
use crate::webex_error::AuthorizationError;

const START_AGAIN: &str = "Start again from the first page. This request changed nothing.";

/// The redirect does not belong to a flow of this browser.
pub(super) fn not_accepted(error: FlowError) -> Message {
    let (title, lead, advice) = match error {
        FlowError::Missing => (
            "No sign-in is in progress",
            "This browser has no sign-in in progress. It was started in another browser, has ended, took longer than ten \
             minutes, or the browser does not keep cookies of this page. A grant that was stored before is still there: \
             the fleet shows it.",
            "Allow cookies for this page, and use the same browser from start to end.",
        ),
        FlowError::Unreadable => (
            "The sign-in was not started here",
            "This page cannot read what the browser kept about the sign-in. It was written under another operator key, or \
             the page was locked in the meantime.",
            "If the error remains, delete this page's cookies in the browser.",
        ),
        FlowError::Expired => (
            "The sign-in took too long",
            "The sign-in was started more than ten minutes ago.",
            "Have your account and its second factor ready before you start.",
        ),
        FlowError::StateMismatch => (
            "This answer belongs to another sign-in",
            "Webex's answer does not belong to the sign-in that this browser started last. You may have started two in two \
             windows, or followed a link from somebody else.",
            "Use one window. If somebody sent you a link, do not follow it again.",
        ),
        FlowError::Replayed => (
            "This answer has already been used",
            "The same answer from Webex was received before. It counts once.",
            "The page that received it first shows the result.",
        ),
    };
    Message::new(StatusCode::BAD_REQUEST, title, lead, [START_AGAIN, advice])
}

/// Webex redirected the browser back with neither a code nor an error.
pub(super) fn missing_code() -> Message {
    Message::new(
        StatusCode::BAD_GATEWAY,
        "Webex sent no answer",
        "Webex redirected you back with neither a grant nor a reason.",
        [START_AGAIN],
    )
}

/// Webex redirected the browser back with an error.
pub(super) fn access_denied(request: &GrantRequest, error: &AuthorizationError) -> Message {
    let mut message = for_code(&error.code);
    let unchanged = match request.scopes.len() {
        1 => "Nothing changed: 1 scope was requested, none was granted.".to_owned(),
        count => format!("Nothing changed: {count} scopes were requested, none was granted."),
    };
    message.steps.push(unchanged);
    message.code = Some(error.code.clone());
    message.detail.clone_from(&error.description);
    message
}

fn for_code(code: &str) -> Message {
    match code {
        "invalid_scope" => invalid_scope(),
        "access_denied" => Message::new(
            StatusCode::FORBIDDEN,
            "Webex did not grant access",
            "Somebody pressed Decline, or a policy of the organisation does not allow this Integration.",
            [
                "If you did not decline, ask the organisation's administrator to allow the Integration in Control Hub, \
                 under Apps, Integrations.",
                "Or use another account.",
            ],
        ),
        "login_required" => Message::new(
            StatusCode::FORBIDDEN,
            "Webex requires a sign-in",
            "You were not signed in at Webex, and Webex could not ask you to.",
            ["Start again, and sign in when Webex asks.", "If Webex does not ask, sign in at web.webex.com first."],
        ),
        "server_error" | "temporarily_unavailable" => Message::new(
            StatusCode::BAD_GATEWAY,
            "Webex has a problem",
            "Webex could not complete the sign-in. Your account and the scopes are not the cause.",
            [
                "Try again in a few minutes. See status.webex.com for outages.",
                "If the error remains, give the tracking id to Cisco support.",
            ],
        ),
        _ => Message::new(
            StatusCode::BAD_GATEWAY,
            "Webex did not grant access",
            "Webex redirected you back with an error that this page does not know.",
            [
                "Read Webex's message below. The Integration may be registered incorrectly on developer.webex.com.",
                "If that does not help, give the tracking id to Cisco support.",
            ],
        ),
    }
}

/// Webex answers so before anybody has signed in as well, so the text blames no account.
fn invalid_scope() -> Message {
    Message::new(
        StatusCode::FORBIDDEN,
        "Webex did not accept these scopes",
        "If Webex refused before anybody signed in, the Integration is not registered for them. If it refused \
         afterwards, the account may not grant them.",
        [
            "Check on developer.webex.com that the Integration has all these scopes, or request fewer.",
            "If somebody had signed in: Sign in as a full administrator of the organisation. Compliance scopes need an \
             administrator who is also a compliance officer.",
        ],
    )
}
