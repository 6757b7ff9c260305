//! Words for what cannot be asked for.

use lambda_http::http::StatusCode;

use super::Message;
use crate::Refusal;

/// A name, an app or a scope that will not do.
pub(super) fn bad(refusal: &Refusal) -> Message {
    let sorry = |title: &str, lead: &str, step: &str| Message::new(StatusCode::BAD_REQUEST, title, lead, [step]);
    match refusal {
        Refusal::NoSuchApp => Message {
            status: StatusCode::NOT_FOUND,
            ..sorry(
                "There is no such Integration",
                "The broker knows no Integration of that name. Service Apps are authorised in Control Hub, not here.",
                "Choose one from the first page. If it was added a moment ago, look at the refresher's log: what cannot \
                 be read is left out.",
            )
        },
        Refusal::BadScope(scope) => Message {
            said: Some(scope.clone()),
            ..sorry(
                "That is not a scope",
                "One of the scopes has a character that no scope has.",
                "Go back and mend it. Scopes are separated by blanks.",
            )
        },
        Refusal::NoScopes => sorry(
            "No scopes are chosen",
            "Webex grants scopes, so at least one has to be asked for.",
            "Go back and choose what the grant is for.",
        ),
        other => Message {
            said: Some(other.to_string()),
            ..sorry(
                "That name will not do",
                "The app or the grant has a name that the broker cannot use.",
                "Go back and choose a name of a to z, 0 to 9 and hyphens.",
            )
        },
    }
}
