//! Everything that is not 200 or 202.

use broker_core::event::EventError;
use broker_core::port::StoreError;
use broker_core::signature::SignatureError;
use jiff::SignedDuration;
use lambda_kit::problem::{Kind, Problem};
use lambda_kit::refresher::InvokeError;

/// When a sender may try again after a 503.
const RETRY_AFTER: SignedDuration = SignedDuration::from_secs(5);

/// Why a delivery is not taken.
#[derive(Debug, thiserror::Error)]
pub enum Refusal {
    /// The path is not `/webhooks/{app}`.
    #[error("the path is not /webhooks/{{app}}")]
    NoSuchPath,
    /// The operator has stored no webhook secrets for the app.
    #[error("there is no such app")]
    NoSuchApp,
    /// Not a `POST`.
    #[error("the method is not POST")]
    NotPost,
    /// More bytes than any event has.
    #[error("the body has {bytes} bytes, {limit} are read")]
    TooLarge {
        /// Its size.
        bytes: usize,
        /// The most that is read.
        limit: usize,
    },
    /// The app's secrets cannot be read and none is cached.
    #[error("the webhook secrets cannot be read")]
    NoSecrets(#[source] StoreError),
    /// It does not come from Webex.
    #[error("the signature does not hold")]
    Signature(#[source] SignatureError),
    /// It is signed and makes no sense.
    #[error("the event cannot be understood")]
    Event(#[source] EventError),
    /// Lambda did not take the event.
    #[error("the event could not be handed over")]
    NotHandedOver(#[source] InvokeError),
}

impl Refusal {
    /// Whether the app that was addressed is known to be one of ours.
    pub(crate) fn is_about_an_app(&self) -> bool {
        matches!(self, Self::Signature(_) | Self::Event(_) | Self::NotHandedOver(_))
    }

    /// For the log's `outcome`.
    pub fn outcome(&self) -> &'static str {
        match self {
            Self::NoSuchPath | Self::NoSuchApp => "not_found",
            Self::NotPost => "method_not_allowed",
            Self::TooLarge { .. } => "too_large",
            Self::NoSecrets(_) => "no_secrets",
            Self::Signature(_) => "bad_signature",
            Self::Event(_) => "bad_event",
            Self::NotHandedOver(_) => "not_handed_over",
        }
    }
}

impl From<&Refusal> for Problem {
    fn from(refusal: &Refusal) -> Self {
        match refusal {
            Refusal::NoSuchPath | Refusal::NoSuchApp => Self::new(Kind::NotFound, "no webhook is expected here"),
            Refusal::NotPost => Self::method("POST"),
            Refusal::TooLarge { .. } => Self::new(Kind::TooLarge, refusal.to_string()),
            Refusal::Signature(error) => Self::new(Kind::BadSignature, error.to_string()),
            Refusal::Event(error) => Self::new(Kind::BadRequest, error.to_string()),
            Refusal::NoSecrets(_) | Refusal::NotHandedOver(_) => {
                Self::new(Kind::Unavailable, refusal.to_string()).retry_after(RETRY_AFTER)
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_refusal_has_the_contracts_status() {
        let unavailable = StoreError::Unavailable { operation: "GetSecretValue", code: "timeout".to_owned() };
        let table = [
            (Refusal::NoSuchPath, 404),
            (Refusal::NoSuchApp, 404),
            (Refusal::NotPost, 405),
            (Refusal::TooLarge { bytes: 2, limit: 1 }, 413),
            (Refusal::NoSecrets(unavailable), 503),
            (Refusal::Signature(SignatureError::Missing), 401),
            (Refusal::Signature(SignatureError::Malformed), 401),
            (Refusal::Signature(SignatureError::Wrong), 401),
            (Refusal::Event(EventError::NotJson), 400),
            (Refusal::Event(EventError::NoOrg), 400),
            (Refusal::Event(EventError::InvalidOrg), 400),
        ];
        for (refusal, status) in table {
            let problem = Problem::from(&refusal);
            assert_eq!(problem.kind.status().as_u16(), status, "{refusal:?}");
            assert_eq!(problem.retry_after.is_some(), status == 503, "{refusal:?}");
        }
    }
}
