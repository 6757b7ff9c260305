//! Error responses of this function.

use broker_core::id::InvalidName;
use broker_core::port::{StoreError, WebexError, WebexErrorKind};
use broker_core::request::CommandError;
use jiff::SignedDuration;
use lambda_kit::problem::{Problem, ProblemKind};
use lambda_kit::refresher::InvokeError;

use crate::access::AccessError;
use crate::availability::Unavailable;

/// `Retry-After` of a pending grant: the refresher usually asks Webex within seconds of the event.
const PENDING_RETRY: SignedDuration = SignedDuration::from_secs(5);
/// `Retry-After` while Secrets Manager is unavailable.
const STORE_RETRY: SignedDuration = SignedDuration::from_secs(2);
/// `Retry-After` of a failed renewal, if the refresher gives none.
const RENEWAL_RETRY: SignedDuration = SignedDuration::from_secs(30);
/// `Retry-After` while Webex is unavailable, if Webex gives none.
const WEBEX_RETRY: SignedDuration = SignedDuration::from_secs(10);
/// `Retry-After` while the keys of an issuer cannot be fetched.
const ISSUER_RETRY: SignedDuration = SignedDuration::from_secs(5);

/// The refresher's code for a grant whose callers have had all the renewals of a day.
const TOO_MANY_RENEWALS: &str = "too_many_renewals";

/// Codes of a failed renewal that the caller may see, beside `http_…`: Webex's own about this grant, and how the call to
/// Webex ended. All others are about the minter, the store or the configuration, and go to the log only.
const PUBLIC_CODES: [&str; 6] =
    ["foreign_answer", "invalid_client", "invalid_grant", "not_authorized", "timed_out", "unreachable"];

/// Why a request is refused.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// No endpoint has this path.
    #[error("no endpoint has this path")]
    UnknownPath,
    /// The endpoint takes another method.
    #[error("the method must be {0}")]
    Method(&'static str),
    /// The caller is not admitted.
    #[error(transparent)]
    Access(#[from] AccessError),
    /// The grant is one of the minter's app, or its token can mint.
    #[error("tokens that can mint are never vended")]
    MinterGrant,
    /// The name of an app or a grant is invalid.
    #[error(transparent)]
    InvalidName(#[from] InvalidName),
    /// A query parameter is invalid. The text says what is allowed.
    #[error("{0}")]
    InvalidParameter(String),
    /// The body is invalid. The text says what is expected.
    #[error("the body must be {0}")]
    InvalidBody(&'static str),
    /// There is no such grant.
    #[error("the grant does not exist")]
    GrantNotFound,
    /// Webex has not confirmed the grant yet.
    #[error("the grant is waiting for confirmation by Webex")]
    Pending,
    /// The grant is fenced.
    #[error("the grant is fenced")]
    Fenced,
    /// The grant is revoked.
    #[error("the grant is revoked")]
    Revoked,
    /// The record could not be read.
    #[error("cannot read the grant's record")]
    Store(#[source] StoreError),
    /// Callers have had all the renewals of this grant that a day allows.
    #[error("too many renewals of this token were requested today")]
    TooManyRenewals {
        /// When the next renewal is allowed.
        retry_after: SignedDuration,
    },
    /// The token expires too soon and was not renewed.
    #[error("the token cannot be renewed now")]
    NotRenewed(#[source] RenewalError),
    /// Webex did not create a guest.
    #[error("Webex did not create a guest")]
    Guest(#[source] WebexError),
}

/// Why a token was not renewed.
#[derive(Debug, thiserror::Error)]
pub enum RenewalError {
    /// The refresher could not be invoked.
    #[error("the refresher did not answer")]
    NoAnswer(#[source] InvokeError),
    /// The refresher answered with an error.
    #[error("{}: {}", .0.code, .0.detail)]
    Failed(CommandError),
    /// The renewal brought no token that lives long enough.
    #[error("no token that lives long enough was issued")]
    TooShort,
}

impl From<Unavailable> for Error {
    fn from(unavailable: Unavailable) -> Self {
        match unavailable {
            Unavailable::Absent => Self::GrantNotFound,
            Unavailable::Pending => Self::Pending,
            Unavailable::Fenced => Self::Fenced,
            Unavailable::Revoked => Self::Revoked,
            Unavailable::CanMint => Self::MinterGrant,
            Unavailable::ExpiresTooSoon(_) => Self::NotRenewed(RenewalError::TooShort),
        }
    }
}

impl From<RenewalError> for Error {
    fn from(error: RenewalError) -> Self {
        match &error {
            RenewalError::Failed(failed) if failed.code == TOO_MANY_RENEWALS => {
                Self::TooManyRenewals { retry_after: retry_after(failed) }
            }
            _ => Self::NotRenewed(error),
        }
    }
}

/// How long after a failed renewal another one makes sense.
pub(crate) fn retry_after(failed: &CommandError) -> SignedDuration {
    match failed.retry_after {
        Some(seconds) => SignedDuration::from_secs(seconds.into()),
        None => RENEWAL_RETRY,
    }
}

impl Error {
    /// Whether the operator must look at the error: it is neither the caller's nor the organisation's doing.
    pub(crate) fn is_server_error(&self) -> bool {
        Problem::from(self).kind.status().is_server_error()
    }

    /// The value of `outcome` in the log.
    pub(crate) fn outcome(&self) -> &'static str {
        match self {
            Self::UnknownPath => "no_such_route",
            Self::Method(_) => "method_not_allowed",
            Self::Access(AccessError::Unidentified { .. } | AccessError::InvalidToken(_)) => "unidentified",
            Self::Access(AccessError::IssuerUnavailable) => "issuer_unavailable",
            Self::Access(AccessError::ForeignAccount { .. } | AccessError::Denied { .. }) => "forbidden",
            Self::Access(AccessError::RateLimited { .. }) => "throttled",
            Self::MinterGrant => "forbidden",
            Self::InvalidName(_) | Self::InvalidParameter(_) | Self::InvalidBody(_) => "bad_request",
            Self::GrantNotFound => "no_such_grant",
            Self::Pending => "pending",
            Self::Fenced => "fenced",
            Self::Revoked => "revoked",
            Self::Store(_) => "store_unavailable",
            Self::TooManyRenewals { .. } => TOO_MANY_RENEWALS,
            Self::NotRenewed(_) => "not_renewed",
            Self::Guest(_) => "webex_refused",
        }
    }
}

impl From<&Error> for Problem {
    fn from(error: &Error) -> Self {
        let kind = match error {
            Error::Access(denied) => return access_problem(denied),
            Error::NotRenewed(reason) => return renewal_problem(reason),
            Error::Guest(refused) => return guest_problem(refused),
            Error::Method(allowed) => return Self::method(allowed),
            Error::Store(_) => return Self::new(ProblemKind::Unavailable, error.to_string()).retry_after(STORE_RETRY),
            Error::Pending => return Self::new(ProblemKind::Pending, error.to_string()).retry_after(PENDING_RETRY),
            Error::TooManyRenewals { retry_after } => {
                return Self::new(ProblemKind::Throttled, error.to_string()).retry_after(*retry_after);
            }
            Error::MinterGrant => return forbidden(),
            Error::UnknownPath | Error::GrantNotFound => ProblemKind::NotFound,
            Error::InvalidName(_) | Error::InvalidParameter(_) | Error::InvalidBody(_) => ProblemKind::BadRequest,
            Error::Fenced => ProblemKind::Fenced,
            Error::Revoked => ProblemKind::Revoked,
        };
        Self::new(kind, error.to_string())
    }
}

fn access_problem(error: &AccessError) -> Problem {
    match error {
        AccessError::Unidentified { accepts_bearer: false } => {
            Problem::new(ProblemKind::Unidentified, error.to_string()).challenge("AWS4-HMAC-SHA256")
        }
        AccessError::Unidentified { accepts_bearer: true } => {
            Problem::new(ProblemKind::Unidentified, error.to_string()).challenge("AWS4-HMAC-SHA256, Bearer")
        }
        AccessError::InvalidToken(_) => {
            Problem::new(ProblemKind::Unidentified, error.to_string()).challenge("Bearer error=\"invalid_token\"")
        }
        AccessError::IssuerUnavailable => {
            Problem::new(ProblemKind::Unavailable, error.to_string()).retry_after(ISSUER_RETRY)
        }
        AccessError::ForeignAccount { .. } => {
            Problem::new(ProblemKind::Forbidden, "the caller is not of this deployment's account")
        }
        AccessError::Denied { .. } => forbidden(),
        AccessError::RateLimited { retry_after } => {
            Problem::new(ProblemKind::Throttled, error.to_string()).retry_after(*retry_after)
        }
    }
}

/// The same answer for a grant that the policy denies and one that is never vended: a caller must not learn which.
fn forbidden() -> Problem {
    Problem::new(ProblemKind::Forbidden, "the caller may not do this")
}

fn renewal_problem(reason: &RenewalError) -> Problem {
    let detail = "the token cannot be renewed now; tokens that live long enough are still vended";
    let RenewalError::Failed(failed) = reason else {
        return Problem::new(ProblemKind::NotRenewed, detail).retry_after(RENEWAL_RETRY);
    };
    let code = failed.code.as_str();
    let detail = if code.starts_with("http_") || PUBLIC_CODES.contains(&code) {
        format!("{detail} ({code})")
    } else {
        detail.to_owned()
    };
    Problem::new(ProblemKind::NotRenewed, detail)
        .tracking_id(failed.tracking_id.clone())
        .retry_after(retry_after(failed))
}

/// A 429 is passed on, because only the caller can send less. Another 4xx is permanent; everything else may pass.
fn guest_problem(error: &WebexError) -> Problem {
    let wait = error.retry_after.unwrap_or(WEBEX_RETRY);
    let problem = match error.kind {
        WebexErrorKind::Answered(429) => {
            Problem::new(ProblemKind::Throttled, "Webex limits the creation of guests").retry_after(wait)
        }
        WebexErrorKind::Answered(400..=499) => {
            let description = error.description.as_deref().unwrap_or_default();
            Problem::new(ProblemKind::WebexRefused, format!("{}: {description}", error.code()))
        }
        _ => {
            Problem::new(ProblemKind::Unavailable, format!("Webex did not answer: {}", error.code())).retry_after(wait)
        }
    };
    problem.tracking_id(error.tracking_id.clone())
}

#[cfg(test)]
mod tests;
