//! Bearer tokens of OIDC issuers (RFC 7519, OIDC Discovery 1.0).
//!
//! The token's claim `iss` only selects a configured issuer. Keys, algorithms and audience come from the configuration of
//! that issuer; key references in the token's header are ignored.

mod claims;
mod issuer;
mod issuer_client;
mod key_set;
mod trusted;

use broker_core::clock::Clock;
use jsonwebtoken::dangerous::insecure_decode;
use jsonwebtoken::errors::ErrorKind;
use jsonwebtoken::{Algorithm, DecodingKey, Header, Validation, decode, decode_header};
use serde_json::{Map, Value};

use issuer::{Issuer, KeyError};
pub use trusted::TrustedIssuer;
pub(crate) use trusted::is_issuer_url;

/// Longest accepted token, in bytes. Issuers' tokens have 1 to 2 KB; API Gateway accepts 10,240 bytes of headers in all.
const MAX_TOKEN_BYTES: usize = 8 * 1024;
/// Accepted signature algorithms. All use public keys, and the type of a key determines its algorithms.
const ALGORITHMS: [Algorithm; 4] = [Algorithm::RS256, Algorithm::PS256, Algorithm::ES256, Algorithm::EdDSA];
/// Length in base64url of the 64 bytes of an ES256 or `EdDSA` signature (RFC 7518 section 3.4, RFC 8037 section 3.1).
const CURVE_SIGNATURE_CHARS: usize = 86;
/// Length in base64url of the 256 bytes of a signature by the smallest RSA key (RFC 7518 section 3.3).
const MIN_RSA_SIGNATURE_CHARS: usize = 342;

/// The subject of a verified identity token.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct OidcIdentity {
    /// The claim `iss`, as configured.
    pub issuer: String,
    /// The claim `sub`.
    pub subject: String,
    /// All other claims as sets of strings, nested ones under dotted names, without those that differ from token to token.
    pub claims: Vec<(String, Vec<String>)>,
}

impl OidcIdentity {
    /// `ISSUER#SUBJECT`. The URL of an issuer has no fragment, so the name is unambiguous.
    pub fn name(&self) -> String {
        format!("{}#{}", self.issuer, self.subject)
    }
}

/// Why a token does not prove an identity.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum InvalidToken {
    /// The token exceeds the size limit.
    #[error("the token is longer than {MAX_TOKEN_BYTES} bytes")]
    TooLong,
    /// The token is not a signed JWT, or a claim is missing or has the wrong type.
    #[error("the token is not a signed JWT with the claims iss, sub, aud and exp")]
    Malformed,
    /// The algorithm is `none`, uses a shared secret, or is not supported.
    #[error("the token must be signed with RS256, PS256, ES256 or EdDSA")]
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
    /// The token has expired.
    #[error("the token has expired")]
    Expired,
    /// The token's validity begins in the future.
    #[error("the token is not valid yet")]
    NotYet,
}

/// Why a token cannot be accepted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
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

/// The trusted issuers.
pub struct IdentityProviders<C> {
    clock: C,
    issuers: Vec<Issuer<C>>,
}

impl<C: Clock> IdentityProviders<C> {
    /// The issuers of the configuration. Their keys are fetched when the first token arrives.
    pub fn new(trusted: Vec<TrustedIssuer>, clock: C) -> Self {
        let issuers = trusted.into_iter().map(|trusted| Issuer::new(trusted, clock.clone())).collect();
        Self { clock, issuers }
    }

    /// Whether no issuer is configured.
    pub fn is_empty(&self) -> bool {
        self.issuers.is_empty()
    }

    /// The subject of `token`, if its signature, audience and times are valid.
    pub async fn verify(&self, token: &str) -> Result<OidcIdentity, TokenError> {
        let header = read_header(token)?;
        let unverified = unverified_claims(token)?;
        let issuer = self.issuer_of(&unverified)?;
        // Everything that needs no key is checked first, so that a useless token neither waits for the issuer nor is
        // answered 503 while the issuer is unavailable.
        claims::read(unverified, &issuer.trusted, self.clock.now())?;
        let key = match issuer.key(header.kid.as_deref(), header.alg).await {
            Ok(key) => key,
            Err(KeyError::Unknown) => return Err(InvalidToken::Key.into()),
            Err(KeyError::IssuerUnavailable) => return Err(TokenError::IssuerUnavailable),
        };
        let claims = verified_claims(token, header.alg, &key, &issuer.trusted)?;
        Ok(claims::read(claims, &issuer.trusted, self.clock.now())?)
    }

    fn issuer_of(&self, claims: &Map<String, Value>) -> Result<&Issuer<C>, InvalidToken> {
        let Some(name) = claims.get("iss").and_then(Value::as_str) else {
            return Err(InvalidToken::Malformed);
        };
        self.issuers.iter().find(|issuer| issuer.trusted.issuer == name).ok_or(InvalidToken::Issuer)
    }
}

fn read_header(token: &str) -> Result<Header, InvalidToken> {
    if token.len() > MAX_TOKEN_BYTES {
        return Err(InvalidToken::TooLong);
    }
    let Ok(header) = decode_header(token) else {
        // `none` and algorithms that the library does not know fail to parse.
        let has_three_parts = token.splitn(4, '.').count() == 3;
        return Err(if has_three_parts { InvalidToken::Algorithm } else { InvalidToken::Malformed });
    };
    if !ALGORITHMS.contains(&header.alg) {
        return Err(InvalidToken::Algorithm);
    }
    // RFC 7515 section 4.1.11: extensions that the token calls critical must be understood. None is.
    if header.crit.is_some() {
        return Err(InvalidToken::Malformed);
    }
    if !has_signature(token, header.alg) {
        return Err(InvalidToken::Signature);
    }
    Ok(header)
}

/// The claims before the signature is verified. Nothing but the choice of the issuer's keys may depend on them.
fn unverified_claims(token: &str) -> Result<Map<String, Value>, InvalidToken> {
    match insecure_decode(token) {
        Ok(decoded) => Ok(decoded.claims),
        Err(_) => Err(InvalidToken::Malformed),
    }
}

/// Whether the token's third part can be a signature of `alg`: base64url of the right length.
fn has_signature(token: &str, alg: Algorithm) -> bool {
    let signature = token.rsplit('.').next().unwrap_or_default();
    let is_base64url = signature.bytes().all(|c| c.is_ascii_alphanumeric() || c == b'-' || c == b'_');
    let has_length = match alg {
        Algorithm::ES256 | Algorithm::EdDSA => signature.len() == CURVE_SIGNATURE_CHARS,
        _ => signature.len() >= MIN_RSA_SIGNATURE_CHARS,
    };
    is_base64url && has_length
}

/// Verifies the signature and returns the claims. Times are checked in [`claims`], because the library would read the
/// system clock.
fn verified_claims(
    token: &str,
    alg: Algorithm,
    key: &DecodingKey,
    trusted: &TrustedIssuer,
) -> Result<Map<String, Value>, InvalidToken> {
    let mut rules = Validation::new(alg);
    rules.validate_exp = false;
    rules.validate_nbf = false;
    rules.set_required_spec_claims(&["iss", "sub", "aud", "exp"]);
    rules.set_issuer(&[&trusted.issuer]);
    rules.set_audience(&trusted.audiences);
    match decode::<Map<String, Value>>(token, key, &rules) {
        Ok(decoded) => Ok(decoded.claims),
        Err(error) => match error.kind() {
            ErrorKind::InvalidAudience => Err(InvalidToken::Audience),
            ErrorKind::InvalidIssuer => Err(InvalidToken::Issuer),
            ErrorKind::InvalidSignature => Err(InvalidToken::Signature),
            _ => Err(InvalidToken::Malformed),
        },
    }
}
