//! The ways in which a request to Secrets Manager can fail on demand.

use super::error::failure;
use crate::transport::{AppliedFault, RequestEnd, Response};

/// One way for a request to fail.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Fault {
    /// HTTP 400 of this type, such as `AccessDeniedException` or `DecryptionFailure`.
    Error(&'static str),
    /// `ThrottlingException`.
    Throttled,
    /// HTTP 500 `InternalServiceError`; the SDK retries it.
    InternalError,
    /// HTTP 503 without a body; the SDK retries it.
    Unavailable,
    /// Accepts the request and never answers.
    HangForever,
    /// Closes the connection without executing the request.
    Drop,
    /// Executes the request, then never answers.
    TimeoutAfterEffect,
    /// Executes the request, then closes the connection.
    DropAfterEffect,
    /// Executes the request, then answers HTTP 500.
    ErrorAfterEffect,
}

impl Fault {
    pub(crate) fn apply(&self) -> AppliedFault {
        match self {
            Self::HangForever => AppliedFault::without_effect(RequestEnd::NoAnswer),
            Self::Drop => AppliedFault::without_effect(RequestEnd::Disconnected),
            Self::TimeoutAfterEffect => AppliedFault::after_effect(RequestEnd::NoAnswer),
            Self::DropAfterEffect => AppliedFault::after_effect(RequestEnd::Disconnected),
            Self::ErrorAfterEffect => AppliedFault::after_effect(RequestEnd::Answered(internal_error())),
            Self::InternalError => AppliedFault::without_effect(RequestEnd::Answered(internal_error())),
            Self::Unavailable => AppliedFault::without_effect(RequestEnd::Answered(Response::empty(503))),
            Self::Throttled => error_response("ThrottlingException"),
            Self::Error(kind) => error_response(kind),
        }
    }
}

fn error_response(kind: &str) -> AppliedFault {
    let response = failure(400, kind, "Refused by the simulator.");
    AppliedFault::without_effect(RequestEnd::Answered(response))
}

fn internal_error() -> Response {
    failure(500, "InternalServiceError", "An error occurred on the server side.")
}
