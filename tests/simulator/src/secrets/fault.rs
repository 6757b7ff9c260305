//! What can go wrong at Secrets Manager.

use super::refusal::failure;
use crate::transport::{Answer, Outcome, Upset};

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
    /// Closes the connection; nothing happened.
    Drop,
    /// Takes effect, then never answers.
    TimeoutAfterEffect,
    /// Takes effect, then closes the connection.
    DropAfterEffect,
    /// Takes effect, then answers HTTP 500.
    ErrorAfterEffect,
}

impl Fault {
    pub(crate) fn upset(&self) -> Upset {
        match self {
            Self::HangForever => Upset::instead(Outcome::Silent),
            Self::Drop => Upset::instead(Outcome::Cut),
            Self::TimeoutAfterEffect => Upset::after_effect(Outcome::Silent),
            Self::DropAfterEffect => Upset::after_effect(Outcome::Cut),
            Self::ErrorAfterEffect => Upset::after_effect(Outcome::Answered(internal())),
            Self::InternalError => Upset::instead(Outcome::Answered(internal())),
            Self::Unavailable => Upset::instead(Outcome::Answered(Answer::empty(503))),
            Self::Throttled => refused("ThrottlingException"),
            Self::Error(kind) => refused(kind),
        }
    }
}

fn refused(kind: &str) -> Upset {
    let answer = failure(400, kind, "Refused by the simulator.");
    Upset::instead(Outcome::Answered(answer))
}

fn internal() -> Answer {
    failure(500, "InternalServiceError", "An error occurred on the server side.")
}
