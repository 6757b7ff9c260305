//! Texts for requests that Webex cannot be asked for.

use lambda_http::http::StatusCode;

use crate::grant_request::GrantRequestError;
use crate::message::Message;

/// A malformed name, a malformed scope, or no scope.
pub(super) fn refused(error: &GrantRequestError) -> Message {
    match error {
        GrantRequestError::InvalidName(allowed) => {
            let mut message = Message::new(
                StatusCode::BAD_REQUEST,
                "Invalid name",
                "The name of the app or of the grant is not valid.",
                ["Go back and enter a name of the characters a to z, 0 to 9 and hyphen."],
            );
            message.detail = Some(allowed.clone());
            message
        }
        GrantRequestError::InvalidScope(scope) => {
            let mut message = Message::new(
                StatusCode::BAD_REQUEST,
                "Invalid scope",
                "A scope contains a character that scopes cannot have.",
                ["Go back and correct it. Separate scopes with spaces."],
            );
            message.detail = Some(scope.clone());
            message
        }
        GrantRequestError::NoScopes => Message::new(
            StatusCode::BAD_REQUEST,
            "No scopes are chosen",
            "Webex grants scopes, so a request needs at least one.",
            ["Go back and choose what the grant may do."],
        ),
    }
}

pub(super) fn unknown_integration() -> Message {
    Message::new(
        StatusCode::NOT_FOUND,
        "Unknown Integration",
        "The broker knows no Integration of this name. Service Apps are authorised in Control Hub, not here.",
        [
            "Choose an Integration on the first page.",
            "If you have just added it, read the refresher's log: it leaves out secrets that it cannot read.",
        ],
    )
}
