//! What the SDK's errors mean to us.
//!
//! Classified by status and code, not by the SDK's variants: emulators differ from the service in both, and some write
//! the code with a namespace in front. Messages are dropped, because nobody promises that they quote nothing.

use aws_sdk_secretsmanager::config::http::HttpResponse;
use aws_sdk_secretsmanager::error::{ConnectorError, ProvideErrorMetadata, SdkError};
use broker_core::port::StoreError;

/// Longest code that is passed on; the service's own have at most 40 characters.
const LONGEST_CODE: usize = 64;

/// Codes that mean "again, later" whatever the status: the throttling codes of AWS's services, and the service's own
/// trouble.
const PASSING: [&str; 14] = [
    "Throttling",
    "ThrottlingException",
    "ThrottledException",
    "TooManyRequestsException",
    "RequestLimitExceeded",
    "RequestThrottled",
    "RequestThrottledException",
    "SlowDown",
    "InternalServiceError",
    "InternalServerError",
    "InternalFailure",
    "ServiceUnavailable",
    "ServiceUnavailableException",
    "RequestTimeout",
];

/// Codes with which stand-ins say that they do not know a call, whatever the status.
const UNKNOWN_CALL: [&str; 4] = ["UnknownOperationException", "UnknownOperation", "InvalidAction", "NotImplemented"];

/// A call that failed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Failure {
    /// The call.
    pub(crate) operation: &'static str,
    /// The service's code, or what happened on the way.
    pub(crate) code: String,
    /// What follows from it.
    pub(crate) kind: Kind,
}

/// What follows from a failure.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    /// Waiting may help; the call may or may not have taken effect.
    Passing,
    /// There is no such secret, or no such version.
    Absent,
    /// There is one of that name, or a version of that id, already.
    Exists,
    /// Not in the secret's present state: nearly always, it is scheduled for deletion.
    State,
    /// A parameter is wrong: above all a staging label that is not where we thought.
    Parameter,
    /// The paging token is not one that the service gave.
    Token,
    /// No.
    Refused,
}

impl Failure {
    /// What happened when `operation` was called.
    pub(crate) fn of<E: ProvideErrorMetadata>(operation: &'static str, error: &SdkError<E, HttpResponse>) -> Self {
        let (code, kind) = match error {
            SdkError::ServiceError(answer) => classify(answer.err().code(), answer.raw().status().as_u16()),
            SdkError::TimeoutError(_) => ("TimedOut".into(), Kind::Passing),
            SdkError::DispatchFailure(failure) => (dispatch(failure.as_connector_error()), Kind::Passing),
            SdkError::ResponseError(_) => ("AnswerCutOff".into(), Kind::Passing),
            _ => ("NotSent".into(), Kind::Refused),
        };
        Self { operation, code, kind }
    }

    pub(crate) fn is(&self, kind: Kind) -> bool {
        self.kind == kind
    }
}

impl From<Failure> for StoreError {
    fn from(Failure { operation, code, kind }: Failure) -> Self {
        match kind {
            Kind::Passing => Self::Unavailable { operation, code },
            _ => Self::Refused { operation, code },
        }
    }
}

fn dispatch(error: Option<&ConnectorError>) -> String {
    let what = match error {
        Some(error) if error.is_timeout() => "ConnectTimedOut",
        Some(error) if error.is_io() => "NoConnection",
        _ => "NotDispatched",
    };
    what.into()
}

/// What a code and a status mean.
pub(crate) fn classify(code: Option<&str>, status: u16) -> (String, Kind) {
    let code = code.map_or_else(|| format!("HTTP {status}"), bare);
    let kind = match code.as_str() {
        "ResourceNotFoundException" => Kind::Absent,
        "ResourceExistsException" => Kind::Exists,
        "InvalidRequestException" => Kind::State,
        "InvalidParameterException" | "ValidationException" => Kind::Parameter,
        "InvalidNextTokenException" => Kind::Token,
        passing if PASSING.contains(&passing) => Kind::Passing,
        unknown if UNKNOWN_CALL.contains(&unknown) => Kind::Refused,
        _ => of_status(status),
    };
    (code, kind)
}

/// 501 says that the call does not exist, which no waiting will change. A success that is an error to the SDK is an
/// answer that came through damaged.
fn of_status(status: u16) -> Kind {
    match status {
        501 => Kind::Refused,
        200..=299 | 408 | 429 | 500.. => Kind::Passing,
        _ => Kind::Refused,
    }
}

/// The code alone: `com.amazonaws.secretsmanager#Code:http://…` is how some write it. Nothing but letters, digits and
/// underscores is passed on, so that a strange answer cannot put anything else into a log.
fn bare(code: &str) -> String {
    let tail = code.rsplit('#').next().unwrap_or(code);
    let name = tail.split(':').next().unwrap_or(tail);
    let letters = name.chars().filter(|c| c.is_ascii_alphanumeric() || *c == '_');
    letters.take(LONGEST_CODE).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_answer_has_one_meaning() {
        let table = [
            (Some("ResourceNotFoundException"), 400, Kind::Absent),
            (Some("ResourceNotFoundException"), 404, Kind::Absent), // moto
            (Some("com.amazonaws.secretsmanager#ResourceExistsException"), 400, Kind::Exists),
            (Some("InvalidRequestException:http://internal.amazon.com/coral/"), 400, Kind::State),
            (Some("InvalidParameterException"), 400, Kind::Parameter),
            (Some("ValidationException"), 400, Kind::Parameter),
            (Some("InvalidNextTokenException"), 400, Kind::Token),
            (Some("ThrottlingException"), 400, Kind::Passing),
            (Some("InternalServiceError"), 500, Kind::Passing),
            (Some("SomethingNew"), 503, Kind::Passing),
            (None, 429, Kind::Passing),
            (None, 502, Kind::Passing),
            (None, 200, Kind::Passing),
            (None, 501, Kind::Refused),
            (Some("UnknownOperationException"), 500, Kind::Refused),
            (None, 404, Kind::Refused),
            (Some("AccessDeniedException"), 400, Kind::Refused),
            (Some("LimitExceededException"), 400, Kind::Refused),
            (Some("EncryptionFailure"), 400, Kind::Refused),
            (Some("DecryptionFailure"), 400, Kind::Refused),
            (Some("ExpiredTokenException"), 400, Kind::Refused),
        ];
        for (code, status, kind) in table {
            assert_eq!(classify(code, status).1, kind, "{code:?} {status}");
        }
    }

    #[test]
    fn a_code_is_a_word_and_nothing_else() {
        assert_eq!(bare("aws#ThrottlingException:http://x"), "ThrottlingException");
        assert_eq!(bare("{\"access_token\": \"x\"}\n"), "access_token");
        assert_eq!(bare(&"x".repeat(100)).len(), LONGEST_CODE);
    }

    #[test]
    fn an_answer_without_a_code_is_named_by_its_status() {
        assert_eq!(classify(None, 503).0, "HTTP 503");
    }
}
