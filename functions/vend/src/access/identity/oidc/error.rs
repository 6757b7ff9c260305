//! Why a token does not prove an identity.

use super::MAX_TOKEN_BYTES;

/// Why a token does not prove an identity.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum InvalidToken {
    /// The header has the word `Bearer` twice.
    #[error("the header has the word Bearer twice: it must be Authorization: Bearer <token>")]
    SchemeTwice,
    /// The token exceeds the size limit.
    #[error("the token is longer than {MAX_TOKEN_BYTES} bytes")]
    TooLong,
    /// The token is not a signed JWT, or a claim is missing or has the wrong type.
    #[error("the token is not a signed JWT with the claims iss, sub and exp")]
    Malformed,
    /// The algorithm is `none`, uses a shared secret, or is not supported.
    #[error(
        "the token must be signed with RS256, RS384, RS512, PS256, PS384, PS512, ES256, ES384, ES512 or EdDSA (Ed25519)"
    )]
    Algorithm,
    /// The issuer is not configured.
    #[error("the token's issuer is not trusted")]
    Issuer,
    /// The issuer publishes no such key for the algorithm.
    #[error("the token's issuer has no such key")]
    Key,
    /// The signature is wrong.
    #[error("the token's signature is invalid")]
    Signature,
    /// The audience is not the one configured for the issuer.
    #[error("the token is for another audience")]
    Audience,
    /// A claim that the configuration requires has another value or is missing.
    #[error("the token's claim {claim} must be {value:?}")]
    RequiredClaim {
        /// The name of the claim.
        claim: String,
        /// The required value.
        value: String,
    },
    /// The token has expired.
    #[error("the token has expired")]
    Expired,
    /// The token's validity begins in the future.
    #[error("the token is not valid yet")]
    NotYet,
}

/// Why a token cannot be accepted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum TokenError {
    /// The token does not prove an identity.
    Invalid(InvalidToken),
    /// The issuer's keys have never been fetched.
    IssuerUnavailable,
}

impl From<InvalidToken> for TokenError {
    fn from(invalid: InvalidToken) -> Self {
        Self::Invalid(invalid)
    }
}
