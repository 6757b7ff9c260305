//! Why a caller is not admitted.

use jiff::SignedDuration;

use super::identity::{InvalidToken, TokenError};
use super::policy::NearestPermit;

const USE_IAM: &str = "sign the request with AWS Signature Version 4";
const USE_IAM_OR_OIDC: &str =
    "sign the request with AWS Signature Version 4, or send an identity token in the header Authorization: Bearer";

/// Why a caller is not admitted.
#[derive(Debug, thiserror::Error)]
pub enum AccessError {
    /// The request proves no identity.
    #[error("the request carries no identity: {}", if *.accepts_bearer { USE_IAM_OR_OIDC } else { USE_IAM })]
    Unidentified {
        /// Whether OIDC issuers are configured.
        accepts_bearer: bool,
    },
    /// The bearer token is not valid.
    #[error(transparent)]
    InvalidToken(InvalidToken),
    /// The keys of the token's issuer have never been fetched, so the token cannot be verified.
    #[error("cannot fetch the signing keys of the token's issuer")]
    IssuerUnavailable,
    /// The caller is not of the deployment's account, and no policy admits others.
    #[error("the caller {caller} is not of this deployment's account")]
    ForeignAccount {
        /// The caller's name.
        caller: String,
    },
    /// The operator's policy does not permit the request.
    #[error("{}", denial_reason(.policies, .nearest.as_ref()))]
    Denied {
        /// The policies that forbid it; empty if no policy permits it.
        policies: Vec<String>,
        /// The permit that misses the caller's token by the fewest claims, if no policy permits the request.
        nearest: Option<NearestPermit>,
    },
    /// The caller sends too many requests.
    #[error("the caller sends too many requests")]
    RateLimited {
        /// When the next request will be admitted.
        retry_after: SignedDuration,
    },
}

impl From<TokenError> for AccessError {
    fn from(error: TokenError) -> Self {
        match error {
            TokenError::Invalid(invalid) => Self::InvalidToken(invalid),
            TokenError::IssuerUnavailable => Self::IssuerUnavailable,
        }
    }
}

fn denial_reason(policies: &[String], nearest: Option<&NearestPermit>) -> String {
    match nearest {
        _ if !policies.is_empty() => format!("the request is forbidden by {}", policies.join(" ")),
        Some(nearest) => format!("no policy permits the request; {nearest}"),
        None => "no policy permits the request".to_owned(),
    }
}
