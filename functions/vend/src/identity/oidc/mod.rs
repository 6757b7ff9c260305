//! Bearer tokens of OIDC issuers (RFC 7519, OIDC Discovery 1.0).
//!
//! The issuer is chosen by what the token claims and everything else by what is configured for that issuer: its keys,
//! the algorithms, the audience. Nothing that the token says about keys is followed.

mod claims;
mod fetch;
mod issuer;
mod keys;
mod trusted;

use broker_core::clock::Clock;
use jsonwebtoken::dangerous::insecure_decode;
use jsonwebtoken::{Algorithm, DecodingKey, Validation, decode, decode_header};
use serde::Deserialize;
use serde_json::{Map, Value};

use issuer::{Issuer, NoKey};
pub use trusted::Trusted;
pub(crate) use trusted::is_issuer;

use crate::Refusal;

/// Longest token, in bytes: issuers' are one or two thousand; API Gateway takes 10,240 for all headers.
const LONGEST: usize = 8 * 1024;
/// What a token may be signed with: public keys only, each of which is pinned to its algorithm by its own type.
const ALGORITHMS: [Algorithm; 4] = [Algorithm::RS256, Algorithm::PS256, Algorithm::ES256, Algorithm::EdDSA];

/// Somebody that an issuer vouches for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OidcIdentity {
    /// `iss`, as it is configured.
    pub issuer: String,
    /// `sub`.
    pub subject: String,
    /// All other claims as sets of strings, nested ones by dotted names; without times and ids of tokens.
    pub claims: Vec<(String, Vec<String>)>,
}

impl OidcIdentity {
    /// `ISSUER#SUBJECT`; an issuer has no fragment.
    pub fn name(&self) -> String {
        format!("{}#{}", self.issuer, self.subject)
    }
}

/// Why a token proves nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum BadToken {
    /// More than is read.
    #[error("the token is longer than {LONGEST} bytes")]
    TooLong,
    /// No three parts, no base64url, no JSON, or claims of the wrong type.
    #[error("the token is no signed JWT of the kind that issuers give")]
    Malformed,
    /// `none`, a shared secret, or another that is not taken.
    #[error("the token must be signed with RS256, PS256, ES256 or EdDSA")]
    Algorithm,
    /// No issuer that is configured.
    #[error("the token's issuer is not trusted here")]
    Issuer,
    /// The issuer has no such key for that algorithm.
    #[error("the token's key is none of its issuer's")]
    Key,
    /// The signature does not hold.
    #[error("the token's signature does not hold")]
    Signature,
    /// Meant for somebody else.
    #[error("the token is for another audience")]
    Audience,
    /// Over.
    #[error("the token has expired")]
    Expired,
    /// Not yet.
    #[error("the token is not valid yet")]
    NotYet,
}

/// What is looked at before the signature, to know whose keys to use.
#[derive(Deserialize)]
struct Unproven {
    iss: String,
}

/// The issuers that are trusted.
pub struct Issuers<C> {
    clock: C,
    issuers: Vec<Issuer<C>>,
}

impl<C: Clock> Issuers<C> {
    /// Nothing is fetched before the first token comes.
    pub fn new(trusted: Vec<Trusted>, clock: C) -> Self {
        let issuers = trusted.into_iter().map(|trusted| Issuer::new(trusted, clock.clone())).collect();
        Self { clock, issuers }
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.issuers.is_empty()
    }

    /// Whom `token` is about, if it is genuine, meant for us, and valid now.
    pub async fn verify(&self, token: &str) -> Result<OidcIdentity, Refusal> {
        if token.len() > LONGEST {
            return Err(BadToken::TooLong.into());
        }
        let header = decode_header(token).map_err(|_| bad_header(token))?;
        if !ALGORITHMS.contains(&header.alg) {
            return Err(BadToken::Algorithm.into());
        }
        // An extension that the token calls critical and we do not know (RFC 7515 section 4.1.11): all of them.
        let claimed = insecure_decode::<Unproven>(token).ok().filter(|_| header.crit.is_none());
        let claimed = claimed.ok_or(BadToken::Malformed)?.claims.iss;
        let issuer = self.issuers.iter().find(|issuer| issuer.trusted.issuer == claimed).ok_or(BadToken::Issuer)?;
        let key = issuer.key(header.kid.as_deref(), header.alg).await.map_err(|no| match no {
            NoKey::Unknown => Refusal::from(BadToken::Key),
            NoKey::IssuerDown => Refusal::IssuerDown,
        })?;
        let claims = genuine(token, header.alg, &key, &issuer.trusted)?;
        Ok(claims::read(claims, &issuer.trusted, self.clock.now())?)
    }
}

/// `none` and algorithms that the library has never heard of fail to parse.
fn bad_header(token: &str) -> BadToken {
    if token.splitn(4, '.').count() == 3 { BadToken::Algorithm } else { BadToken::Malformed }
}

/// The claims, once the signature holds. Times are looked at elsewhere: the library would ask the system's clock.
fn genuine(token: &str, alg: Algorithm, key: &DecodingKey, trusted: &Trusted) -> Result<Map<String, Value>, BadToken> {
    let mut rules = Validation::new(alg);
    rules.validate_exp = false;
    rules.validate_nbf = false;
    rules.set_required_spec_claims(&["iss", "sub", "aud", "exp"]);
    rules.set_issuer(&[&trusted.issuer]);
    rules.set_audience(&trusted.audiences);
    match decode::<Map<String, Value>>(token, key, &rules) {
        Ok(decoded) => Ok(decoded.claims),
        Err(error) => Err(match error.kind() {
            jsonwebtoken::errors::ErrorKind::InvalidAudience => BadToken::Audience,
            jsonwebtoken::errors::ErrorKind::InvalidIssuer => BadToken::Issuer,
            jsonwebtoken::errors::ErrorKind::InvalidSignature => BadToken::Signature,
            _ => BadToken::Malformed,
        }),
    }
}
