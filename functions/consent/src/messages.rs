//! The texts of error pages: what happened, and what to do.

mod access;
mod callback;
mod console;
mod grant_request;
mod guest;
mod refresher;

use lambda_http::http::StatusCode;

use crate::error::Error;
use crate::invitation::LinkRefusal;
use crate::message::Message;

/// Returns the text for an error.
pub(crate) fn for_error(error: &Error) -> Message {
    match error {
        Error::PageNotFound => access::not_found(),
        Error::MethodNotAllowed { .. } => access::method_not_allowed(),
        Error::CrossSite => access::cross_site(),
        Error::LoopbackOnly => access::loopback_only(),
        Error::KeyRequired => access::key_required(),
        Error::WrongKey => access::wrong_key(),
        Error::TooManyAttempts { .. } => access::too_many_attempts(),
        Error::GrantRequest(error) => grant_request::refused(error),
        Error::UnknownIntegration => grant_request::unknown_integration(),
        Error::Crypto(_) => crypto(),
        Error::Flow(error) => callback::not_accepted(*error),
        Error::Authorization { request, error } => callback::access_denied(request, error),
        Error::MissingCode => callback::missing_code(),
        Error::AppsUnavailable(error) => refresher::apps_unavailable(error),
        Error::AppsRefused(error) => refresher::apps_refused(error),
        Error::ExchangeUnavailable { .. } => refresher::exchange_unavailable(),
        Error::ExchangeRefused { request, error } => refresher::exchange_refused(request, error),
        Error::CommandUnavailable { source, .. } => console::unavailable(source),
        Error::CommandRefused { error, .. } => console::refused(error),
        Error::GrantNotFound => console::grant_not_found(),
        Error::FormToken { .. } | Error::LinkForm => console::form_token(),
        Error::Link(refusal) => guest::refused(*refusal),
    }
}

/// Returns the text for an error of a person who came by a link.
pub(crate) fn for_guest(error: &Error) -> Message {
    match error {
        Error::Link(refusal) => guest::refused(*refusal),
        Error::Authorization { request, error } => callback::access_denied(request, error),
        Error::Flow(_) | Error::MissingCode => guest::flow_refused(),
        Error::ExchangeRefused { error, .. } => match LinkRefusal::of_code(&error.code) {
            Some(refusal) => guest::refused(refusal),
            None => guest::unavailable(),
        },
        _ => guest::unavailable(),
    }
}

fn crypto() -> Message {
    Message::new(
        StatusCode::SERVICE_UNAVAILABLE,
        "The sign-in cannot start",
        "The operating system gave no random numbers, and a sign-in without them is not safe.",
        ["Try again in a minute.", "If the error remains, read the log of the consent function."],
    )
}
