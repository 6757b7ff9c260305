//! Classifies the SDK's errors.
//!
//! Status and code decide, not the SDK's variants: emulators differ from the service in both, and some write the code
//! with a namespace in front. Messages are dropped, because no document promises that they quote nothing.

use aws_sdk_secretsmanager::config::http::HttpResponse;
use aws_sdk_secretsmanager::error::{ConnectorError, ProvideErrorMetadata, SdkError};
use broker_core::port::StoreError;

/// Longest code that is passed on; the service's own have at most 40 characters.
const LONGEST_CODE: usize = 64;

/// Codes that mean "too many calls" whatever the status, as AWS's services write them.
const THROTTLING_CODES: [&str; 8] = [
    "Throttling",
    "ThrottlingException",
    "ThrottledException",
    "TooManyRequestsException",
    "RequestLimitExceeded",
    "RequestThrottled",
    "RequestThrottledException",
    "SlowDown",
];

/// Codes of internal failures, which mean "try later" whatever the status.
const TRANSIENT_CODES: [&str; 6] = [
    "InternalServiceError",
    "InternalServerError",
    "InternalFailure",
    "ServiceUnavailable",
    "ServiceUnavailableException",
    "RequestTimeout",
];

/// Codes of emulators that do not implement a call, whatever the status.
const UNKNOWN_CALL_CODES: [&str; 4] =
    ["UnknownOperationException", "UnknownOperation", "InvalidAction", "NotImplemented"];

/// The call that adds a version to a secret.
pub(crate) const PUT_SECRET_VALUE: &str = "PutSecretValue";

/// A call that failed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct CallError {
    /// The call, as the service names it.
    pub(crate) operation: &'static str,
    /// The service's code, or a word for what happened on the way.
    pub(crate) code: String,
    pub(crate) kind: CallErrorKind,
    /// An earlier attempt of the same call failed for a moment, and may have taken effect.
    pub(crate) is_repeated: bool,
}

/// How a caller has to react to a [`CallError`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum CallErrorKind {
    /// Waiting may help; the call may or may not have taken effect.
    Transient,
    /// No such secret, or no such version.
    Absent,
    /// A secret of that name, or a version of that id, exists already.
    Exists,
    /// The secret's state does not allow the call: nearly always, it is scheduled for deletion.
    State,
    /// A parameter is wrong: above all a staging label that has moved since it was read.
    Parameter,
    /// The paging token is not one that the service gave.
    Token,
    /// A quota is used up: of a secret's versions, or of the account's secrets.
    Limit,
    /// The service refuses the call; waiting does not help.
    Refused,
}

impl CallError {
    /// Classifies the `error` of a call to `operation`.
    pub(crate) fn new<E: ProvideErrorMetadata>(operation: &'static str, error: &SdkError<E, HttpResponse>) -> Self {
        let (code, kind) = match error {
            SdkError::ServiceError(answer) => classify(answer.err().code(), answer.raw().status().as_u16()),
            SdkError::TimeoutError(_) => ("TimedOut".into(), CallErrorKind::Transient),
            SdkError::DispatchFailure(failure) => {
                (dispatch_code(failure.as_connector_error()), CallErrorKind::Transient)
            }
            SdkError::ResponseError(_) => ("AnswerCutOff".into(), CallErrorKind::Transient),
            _ => ("NotSent".into(), CallErrorKind::Refused),
        };
        Self { operation, code, kind, is_repeated: false }
    }

    /// Whether there were too many calls.
    pub(crate) fn is_throttling(&self) -> bool {
        THROTTLING_CODES.contains(&self.code.as_str())
    }

    /// Whether a caller has to react in this way.
    pub(crate) fn is(&self, kind: CallErrorKind) -> bool {
        self.kind == kind
    }
}

impl From<CallError> for StoreError {
    fn from(CallError { operation, code, kind, .. }: CallError) -> Self {
        match kind {
            CallErrorKind::Transient => Self::Unavailable { operation, code },
            // Other calls meet other quotas: `CreateSecret` that of the account's secrets.
            CallErrorKind::Limit if operation == PUT_SECRET_VALUE => Self::VersionLimit { operation, code },
            _ => Self::Refused { operation, code },
        }
    }
}

fn dispatch_code(error: Option<&ConnectorError>) -> String {
    let code = match error {
        Some(error) if error.is_timeout() => "ConnectTimedOut",
        Some(error) if error.is_io() => "NoConnection",
        _ => "NotDispatched",
    };
    code.into()
}

/// The code without decoration, and how to react to it.
pub(crate) fn classify(code: Option<&str>, status: u16) -> (String, CallErrorKind) {
    let code = match code {
        Some(code) => bare_code(code),
        None => format!("HTTP {status}"),
    };
    let kind = match code.as_str() {
        "ResourceNotFoundException" => CallErrorKind::Absent,
        "ResourceExistsException" => CallErrorKind::Exists,
        "InvalidRequestException" => CallErrorKind::State,
        "InvalidParameterException" | "ValidationException" => CallErrorKind::Parameter,
        "InvalidNextTokenException" => CallErrorKind::Token,
        "LimitExceededException" => CallErrorKind::Limit,
        throttling if THROTTLING_CODES.contains(&throttling) => CallErrorKind::Transient,
        transient if TRANSIENT_CODES.contains(&transient) => CallErrorKind::Transient,
        unknown if UNKNOWN_CALL_CODES.contains(&unknown) => CallErrorKind::Refused,
        _ => kind_of_status(status),
    };
    (code, kind)
}

/// 501 means that the call does not exist, which waiting does not change. A success that the SDK reports as an error is
/// an answer that was damaged on the way.
fn kind_of_status(status: u16) -> CallErrorKind {
    match status {
        501 => CallErrorKind::Refused,
        200..=299 | 408 | 429 | 500.. => CallErrorKind::Transient,
        _ => CallErrorKind::Refused,
    }
}

/// The code alone: some emulators write `com.amazonaws.secretsmanager#Code:http://…`. Only letters, digits and
/// underscores are kept, so that a malformed answer cannot put anything else into a log.
fn bare_code(code: &str) -> String {
    let tail = code.rsplit('#').next().unwrap_or(code);
    let name = tail.split(':').next().unwrap_or(tail);
    let word = name.chars().filter(|c| c.is_ascii_alphanumeric() || *c == '_');
    word.take(LONGEST_CODE).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn classify_maps_codes_and_statuses() {
        let table = [
            (Some("ResourceNotFoundException"), 400, CallErrorKind::Absent),
            (Some("ResourceNotFoundException"), 404, CallErrorKind::Absent), // moto
            (Some("com.amazonaws.secretsmanager#ResourceExistsException"), 400, CallErrorKind::Exists),
            (Some("InvalidRequestException:http://internal.amazon.com/coral/"), 400, CallErrorKind::State),
            (Some("InvalidParameterException"), 400, CallErrorKind::Parameter),
            (Some("ValidationException"), 400, CallErrorKind::Parameter),
            (Some("InvalidNextTokenException"), 400, CallErrorKind::Token),
            (Some("ThrottlingException"), 400, CallErrorKind::Transient),
            (Some("InternalServiceError"), 500, CallErrorKind::Transient),
            (Some("SomethingNew"), 503, CallErrorKind::Transient),
            (None, 429, CallErrorKind::Transient),
            (None, 502, CallErrorKind::Transient),
            (None, 200, CallErrorKind::Transient),
            (None, 501, CallErrorKind::Refused),
            (Some("UnknownOperationException"), 500, CallErrorKind::Refused),
            (None, 404, CallErrorKind::Refused),
            (Some("AccessDeniedException"), 400, CallErrorKind::Refused),
            (Some("LimitExceededException"), 400, CallErrorKind::Limit),
            (Some("EncryptionFailure"), 400, CallErrorKind::Refused),
            (Some("DecryptionFailure"), 400, CallErrorKind::Refused),
            (Some("ExpiredTokenException"), 400, CallErrorKind::Refused),
        ];
        for (code, status, kind) in table {
            assert_eq!(classify(code, status).1, kind, "{code:?} {status}");
        }
    }

    #[test]
    fn limit_is_a_version_limit_for_new_versions_only() {
        for (operation, is_version_limit) in [(PUT_SECRET_VALUE, true), ("CreateSecret", false)] {
            let (code, kind) = classify(Some("LimitExceededException"), 400);
            let error = StoreError::from(CallError { operation, code, kind, is_repeated: false });
            assert_eq!(matches!(error, StoreError::VersionLimit { .. }), is_version_limit, "{error:?}");
        }
    }

    #[test]
    fn bare_code_keeps_one_word() {
        assert_eq!(bare_code("aws#ThrottlingException:http://x"), "ThrottlingException");
        assert_eq!(bare_code("{\"access_token\": \"x\"}\n"), "access_token");
        assert_eq!(bare_code(&"x".repeat(100)).len(), LONGEST_CODE);
    }

    #[test]
    fn classify_names_the_status_without_a_code() {
        assert_eq!(classify(None, 503).0, "HTTP 503");
    }
}
