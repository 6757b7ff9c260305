//! Errors of AWS in words.

use std::error::Error;

use aws_credential_types::provider::error::CredentialsError;
use aws_sdk_lambda::error::{ProvideErrorMetadata, SdkError};

use crate::exit::Exit;
use crate::failure::Failure;

/// Codes of expired credentials, over the services in use.
const EXPIRED: [&str; 4] = ["ExpiredToken", "ExpiredTokenException", "RequestExpired", "TokenRefreshRequired"];
/// Codes of credentials that AWS does not know, or of a wrong signature.
const INVALID: [&str; 6] = [
    "UnrecognizedClientException",
    "InvalidClientTokenId",
    "InvalidSignatureException",
    "SignatureDoesNotMatch",
    "IncompleteSignature",
    "AuthFailure",
];
/// Codes of a missing permission.
const DENIED: [&str; 4] = ["AccessDenied", "AccessDeniedException", "UnauthorizedOperation", "Forbidden"];
/// Codes of throttling.
const THROTTLED: [&str; 4] = ["ThrottlingException", "Throttling", "TooManyRequestsException", "RequestLimitExceeded"];

/// What a call to AWS tried, for its error.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Attempt<'a> {
    /// What cannot be done: `read the secret webex-token-broker/apps/reports`.
    pub(crate) what: &'a str,
    /// The IAM action that permits it.
    pub(crate) permission: &'a str,
}

/// The failure of a call, with what to do about it.
pub(crate) fn explain<E>(attempt: Attempt<'_>, error: &SdkError<E>) -> Failure
where
    E: ProvideErrorMetadata + Error + 'static,
{
    if let Some(code) = error.code() {
        return refused(attempt, code, error.message().unwrap_or_default());
    }
    match error.raw_response() {
        Some(response) => foreign_answer(attempt, response.status().as_u16()),
        None => not_sent(attempt, error),
    }
}

/// Whether the error has this code.
pub(crate) fn is<E: ProvideErrorMetadata>(error: &SdkError<E>, code: &str) -> bool {
    error.code() == Some(code)
}

fn refused(attempt: Attempt<'_>, code: &str, message: &str) -> Failure {
    let said = if message.is_empty() { code.to_owned() } else { format!("{code}: {message}") };
    let detail = format!("cannot {}: AWS answered {said}", attempt.what);
    if EXPIRED.contains(&code) {
        return Failure::new(Exit::Unreachable, "credentials_expired", detail)
            .advise("sign in again (aws sso login, or new temporary keys) and repeat the command");
    }
    if INVALID.contains(&code) {
        return Failure::new(Exit::Unreachable, "credentials_invalid", detail)
            .advise("check the keys or the profile, and this machine's clock: wtb doctor compares it with AWS's");
    }
    if DENIED.contains(&code) {
        return Failure::new(Exit::Unreachable, "access_denied", detail).advise(format!(
            "use an identity that is permitted {}; wtb doctor shows which one is used",
            attempt.permission
        ));
    }
    if THROTTLED.contains(&code) {
        return Failure::new(Exit::Failed, "throttled", detail).advise("wait a minute and repeat the command");
    }
    Failure::new(Exit::Failed, "aws_refused", detail)
}

/// AWS's services give a code with each error.
fn foreign_answer(attempt: Attempt<'_>, status: u16) -> Failure {
    let detail = format!("cannot {}: the answer was {status} and none of AWS's", attempt.what);
    Failure::new(Exit::Failed, "foreign_answer", detail)
        .advise("a proxy may have answered; if AWS_ENDPOINT_URL is set, its server does not know this operation")
}

fn not_sent<E: Error + 'static>(attempt: Attempt<'_>, error: &SdkError<E>) -> Failure {
    let what = attempt.what;
    if has_cause::<CredentialsError>(error) {
        let detail = format!("cannot {what}: no AWS credentials: {}", root_cause(error));
        return Failure::new(Exit::Unreachable, "no_credentials", detail)
            .advise("sign in (aws sso login, aws configure), or choose a profile with --profile");
    }
    if let SdkError::TimeoutError(_) = error {
        return Failure::new(Exit::Unreachable, "timed_out", format!("cannot {what}: AWS did not answer in time"))
            .advise("the command may still be under way; look with wtb status before you repeat it");
    }
    let detail = format!("cannot {what}: {}", root_cause(error));
    Failure::new(Exit::Unreachable, "no_connection", detail)
        .advise("check the network, the region, and AWS_ENDPOINT_URL if it is set")
}

/// Whether the error or one of its sources is a `T`.
fn has_cause<T: Error + 'static>(error: &(dyn Error + 'static)) -> bool {
    let mut current = Some(error);
    while let Some(cause) = current {
        if cause.is::<T>() {
            return true;
        }
        current = cause.source();
    }
    false
}

/// The innermost source, which holds the reason; the errors around it only say that there is one.
fn root_cause(error: &(dyn Error + 'static)) -> String {
    let mut current = error;
    while let Some(source) = current.source() {
        current = source;
    }
    current.to_string()
}
