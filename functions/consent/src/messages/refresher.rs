//! Texts for what fails at the refresher.

use broker_core::request::CommandError;
use lambda_http::http::StatusCode;
use lambda_kit::refresher::InvokeError;

use crate::grant_request::GrantRequest;
use crate::message::Message;

const RETRY: &str = "Try again. Webex remembers that you agreed, and nothing that you granted is lost by trying again.";
const RETRY_OR_READ_LOG: &str = "Try again in a minute. If the error remains, read the refresher's log.";

/// The refresher did not answer `apps`.
pub(super) fn apps_unavailable(error: &InvokeError) -> Message {
    let step = match error {
        InvokeError::NotInvoked { .. } => {
            "Try again in a minute. If the error remains, check that REFRESHER_FUNCTION names the refresher and that this \
             function's role may invoke it."
        }
        _ => RETRY_OR_READ_LOG,
    };
    Message::new(
        StatusCode::SERVICE_UNAVAILABLE,
        "The refresher does not answer",
        "This page asks the refresher for the list of apps, and received no answer.",
        [step],
    )
}

/// The refresher answered `apps` with an error.
pub(super) fn apps_refused(error: &CommandError) -> Message {
    let message = Message::new(
        StatusCode::SERVICE_UNAVAILABLE,
        "The apps cannot be listed",
        "The refresher could not read the apps.",
        [RETRY_OR_READ_LOG],
    );
    with_error(message, error)
}

/// The refresher did not answer `exchange`.
pub(super) fn exchange_unavailable() -> Message {
    Message::new(
        StatusCode::SERVICE_UNAVAILABLE,
        "Granted at Webex, not stored here",
        "Webex granted what you requested. The refresher, which exchanges the code for a token pair, did not answer.",
        [RETRY, "If the error remains, read the refresher's log."],
    )
}

/// The refresher answered `exchange` with an error.
pub(super) fn exchange_refused(request: &GrantRequest, error: &CommandError) -> Message {
    let mut message = match error.code.as_str() {
        "invalid_client" | "unauthorized_client" | "unknown_app" | "wrong_kind" => wrong_secret(request, &error.code),
        "store_unavailable" | "store_refused" | "contended" => Message::new(
            StatusCode::SERVICE_UNAVAILABLE,
            "Granted at Webex, not stored here",
            "Webex granted what you requested, but the token pair could not be stored.",
            [RETRY],
        ),
        code => not_exchanged(code),
    };
    if error.tracking_id.is_some() {
        message.steps.push("If the error remains, give the tracking id to Cisco support.".to_owned());
    }
    with_error(message, error)
}

/// The app's secret must be corrected.
fn wrong_secret(request: &GrantRequest, code: &str) -> Message {
    let app = &request.id.app;
    if code == "unknown_app" || code == "wrong_kind" {
        return Message::new(
            StatusCode::BAD_GATEWAY,
            "The Integration's secret is missing",
            &format!("The secret apps/{app} no longer exists, or does not describe an Integration."),
            [&format!("Describe the Integration in apps/{app}, then try again.")],
        );
    }
    Message::new(
        StatusCode::BAD_GATEWAY,
        "The client secret is wrong",
        &format!("Webex does not accept the client id and client secret in the secret apps/{app}."),
        [&format!("Put the Integration's current client secret into apps/{app}, then try again.")],
    )
}

fn not_exchanged(code: &str) -> Message {
    match code {
        "invalid_grant" => Message::new(
            StatusCode::BAD_GATEWAY,
            "Webex did not accept the code",
            "Webex granted what you requested, but did not accept its own authorization code. A code is valid for minutes \
             and works once.",
            [RETRY],
        ),
        "fenced" => Message::new(
            StatusCode::CONFLICT,
            "The grant is fenced",
            "Webex reported that this grant was withdrawn, and has not yet confirmed that it is authorised again.",
            ["Wait for the next sweep, which asks Webex, then try again. Or choose another name for the grant."],
        ),
        "tokenlimit_reached" => Message::new(
            StatusCode::BAD_GATEWAY,
            "The account has too many tokens",
            "Webex allows an account 750 live access tokens.",
            ["Wait until some have expired, or use another account."],
        ),
        _ => Message::new(
            StatusCode::BAD_GATEWAY,
            "Granted at Webex, not exchanged",
            "Webex granted what you requested, but gave no token pair for it.",
            [RETRY],
        ),
    }
}

fn with_error(mut message: Message, error: &CommandError) -> Message {
    message.code = Some(error.code.clone());
    message.detail = Some(error.detail.clone());
    message
}
