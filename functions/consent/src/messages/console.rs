//! Texts for commands of the console that fail.

use broker_core::request::CommandError;
use lambda_http::http::StatusCode;
use lambda_kit::refresher::InvokeError;

use crate::message::Message;

/// The refresher did not answer.
pub(super) fn unavailable(error: &InvokeError) -> Message {
    let step = match error {
        InvokeError::NotInvoked { .. } => {
            "Check that REFRESHER_FUNCTION names the refresher and that this function's role may invoke it."
        }
        _ => "Read the refresher's log.",
    };
    Message::new(
        StatusCode::SERVICE_UNAVAILABLE,
        "The refresher does not answer",
        "This page asked the refresher and received no answer in time. A command may have been carried out all the same.",
        ["Load the page of the grant again before you repeat a command.", step],
    )
}

/// The refresher answered with an error.
pub(super) fn refused(error: &CommandError) -> Message {
    let mut message = for_code(&error.code);
    if let Some(seconds) = error.retry_after {
        message.steps.push(format!("Try again after {seconds} seconds."));
    }
    if error.tracking_id.is_some() {
        message.steps.push("If the error remains, give the tracking id to Cisco support.".to_owned());
    }
    message.code = Some(error.code.clone());
    message.detail = Some(error.detail.clone());
    message
}

fn for_code(code: &str) -> Message {
    match code {
        "not_found" | "unknown_app" => grant_not_found(),
        "invalid_request" => Message::new(
            StatusCode::BAD_REQUEST,
            "The request cannot be answered",
            "The refresher does not accept the request.",
            ["Go back to the fleet and start from its first page."],
        ),
        "not_allowed" => Message::new(
            StatusCode::SERVICE_UNAVAILABLE,
            "The refresher does not allow this",
            "The alias of the refresher that this function invokes does not take the command.",
            ["Deploy refresher and consent from the same version."],
        ),
        "store_unavailable" | "store_refused" | "contended" => Message::new(
            StatusCode::SERVICE_UNAVAILABLE,
            "Secrets Manager does not answer",
            "The refresher could not read or write Secrets Manager.",
            ["Try again in a minute. If the error remains, read the refresher's log."],
        ),
        "fenced" | "blocked" | "backing_off" | "too_many_renewals" | "write_budget" | "no_refresh_token"
        | "not_authorized" | "not_confirmed" | "retirements_held" | "unreadable" => Message::new(
            StatusCode::CONFLICT,
            "Not possible now",
            "The refresher did not carry out the command, because of the state of the grant.",
            ["Read the details below, and the page of the grant."],
        ),
        _ => Message::new(
            StatusCode::BAD_GATEWAY,
            "The command failed",
            "The refresher could not carry out the command.",
            ["Read the details below. The page of the grant shows what stands now."],
        ),
    }
}

pub(super) fn grant_not_found() -> Message {
    Message::new(
        StatusCode::NOT_FOUND,
        "Grant not found",
        "The broker has no grant of this name.",
        [
            "Search for it in the fleet.",
            "A grant appears when an organisation authorises the app or a person consents.",
        ],
    )
}

/// The form's token is missing, too old, or of another page.
pub(super) fn form_token() -> Message {
    Message::new(
        StatusCode::FORBIDDEN,
        "The page is too old",
        "The form was not sent by a page that this session opened within half an hour. Nothing was done.",
        ["Open the page of the grant and press the button there."],
    )
}
