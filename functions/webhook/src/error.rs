//! Error responses of this function.

use broker_core::event::EventError;
use broker_core::port::StoreError;
use broker_core::signature::SignatureError;
use jiff::SignedDuration;
use lambda_kit::problem::{Problem, ProblemKind};
use lambda_kit::refresher::InvokeError;

/// When a sender may try again after a 503.
const RETRY_AFTER: SignedDuration = SignedDuration::from_secs(5);

/// Why a delivery is refused.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The path is not `/webhooks/{app}`.
    #[error("the path is not /webhooks/{{app}}")]
    UnknownPath,
    /// The operator has stored no webhook secrets for the app.
    #[error("the app has no secret under webhooks/")]
    UnknownApp,
    /// The method is not `POST`.
    #[error("the method is not POST")]
    MethodNotAllowed,
    /// The body is larger than any event.
    #[error("the body has {bytes} bytes; at most {limit} are read")]
    TooLarge {
        /// The size of the body.
        bytes: usize,
        /// The largest size that is read.
        limit: usize,
    },
    /// The signature is missing or malformed. No secret was read, so that the app may be unknown.
    #[error("invalid signature")]
    UnreadableSignature(#[source] SignatureError),
    /// The app's secrets cannot be read and none is cached.
    #[error("cannot read the webhook secrets of the app")]
    SecretsUnavailable(#[source] StoreError),
    /// The signature does not match any secret of the app.
    #[error("invalid signature")]
    InvalidSignature(#[source] SignatureError),
    /// The delivery is signed, but its body is not an event.
    #[error("invalid event")]
    InvalidEvent(#[source] EventError),
    /// Lambda refused to queue the event.
    #[error("cannot queue the event for the refresher")]
    NotQueued(#[source] InvokeError),
}

impl Error {
    /// Whether the app that the path names is known to exist.
    pub(crate) fn concerns_known_app(&self) -> bool {
        matches!(self, Self::InvalidSignature(_) | Self::InvalidEvent(_) | Self::NotQueued(_))
    }

    /// The field `outcome` of the log.
    pub fn outcome(&self) -> &'static str {
        match self {
            Self::UnknownPath | Self::UnknownApp => "not_found",
            Self::MethodNotAllowed => "method_not_allowed",
            Self::TooLarge { .. } => "too_large",
            Self::SecretsUnavailable(_) => "no_secrets",
            Self::UnreadableSignature(_) | Self::InvalidSignature(_) => "bad_signature",
            Self::InvalidEvent(_) => "bad_event",
            Self::NotQueued(_) => "not_handed_over",
        }
    }
}

impl From<&Error> for Problem {
    fn from(error: &Error) -> Self {
        match error {
            Error::UnknownPath | Error::UnknownApp => {
                Self::new(ProblemKind::NotFound, "there is no webhook at this path")
            }
            Error::MethodNotAllowed => Self::method("POST"),
            Error::TooLarge { .. } => Self::new(ProblemKind::TooLarge, error.to_string()),
            Error::UnreadableSignature(reason) | Error::InvalidSignature(reason) => {
                Self::new(ProblemKind::BadSignature, reason.to_string())
            }
            Error::InvalidEvent(reason) => Self::new(ProblemKind::BadRequest, reason.to_string()),
            Error::SecretsUnavailable(_) | Error::NotQueued(_) => {
                Self::new(ProblemKind::Unavailable, error.to_string()).retry_after(RETRY_AFTER)
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn errors_have_the_statuses_of_the_contract() {
        let unavailable = StoreError::Unavailable { operation: "GetSecretValue", code: "timeout".to_owned() };
        let table = [
            (Error::UnknownPath, 404),
            (Error::UnknownApp, 404),
            (Error::MethodNotAllowed, 405),
            (Error::TooLarge { bytes: 2, limit: 1 }, 413),
            (Error::SecretsUnavailable(unavailable), 503),
            (Error::UnreadableSignature(SignatureError::Missing), 401),
            (Error::UnreadableSignature(SignatureError::Malformed), 401),
            (Error::InvalidSignature(SignatureError::Wrong), 401),
            (Error::InvalidEvent(EventError::NotJson), 400),
            (Error::InvalidEvent(EventError::NoOrg), 400),
            (Error::InvalidEvent(EventError::InvalidOrg), 400),
        ];
        for (error, status) in table {
            let problem = Problem::from(&error);
            assert_eq!(problem.kind.status().as_u16(), status, "{error:?}");
            assert_eq!(problem.retry_after.is_some(), status == 503, "{error:?}");
        }
    }
}
