//! Bearer tokens of OIDC issuers (RFC 7519, OIDC Discovery 1.0).
//!
//! The token's claim `iss` only selects a configured issuer. Keys, audience and required claims come from the configuration
//! of that issuer, and the algorithms from its keys; key references in the token's header are ignored.

mod algorithm;
mod claims;
mod compact_token;
mod error;
mod issuer;
mod issuer_client;
mod key_set;
mod trusted;

use broker_core::clock::Clock;
use serde_json::{Map, Value};

use compact_token::CompactToken;
pub use error::{InvalidToken, TokenError};
use issuer::{Issuer, KeyError};
pub(crate) use trusted::check_issuer_url;
pub use trusted::{AudienceRule, KeySource, TrustedIssuer};

/// Longest accepted token, in bytes. Issuers' tokens have 1 to 2 KB; API Gateway accepts 10,240 bytes of headers in all.
const MAX_TOKEN_BYTES: usize = 8 * 1024;

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
    /// The identity that a token claims, with nothing verified: for tools that explain a token.
    pub fn unverified(token: &str) -> Result<Self, InvalidToken> {
        let token = CompactToken::parse(token)?;
        let issuer = token.claims.get("iss").and_then(Value::as_str).ok_or(InvalidToken::Malformed)?.to_owned();
        claims::subject(token.claims, issuer)
    }

    /// `ISSUER#SUBJECT`. The URL of an issuer has no fragment, so the name is unambiguous.
    pub fn name(&self) -> String {
        format!("{}#{}", self.issuer, self.subject)
    }

    /// The values of a claim; `None` without the claim.
    pub(crate) fn claim(&self, name: &str) -> Option<&[String]> {
        let (_, values) = self.claims.iter().find(|(known, _)| known == name)?;
        Some(values)
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
        let token = CompactToken::parse(token)?;
        let issuer = self.issuer_of(&token.claims)?;
        // Everything that needs no key is checked first, so that a useless token neither waits for the issuer nor is
        // answered 503 while the issuer is unavailable. The claims count only after the signature.
        claims::check(&token.claims, &issuer.trusted, self.clock.now())?;
        let key = match issuer.key(token.key_id.as_deref(), token.algorithm).await {
            Ok(key) => key,
            Err(KeyError::Unknown) => return Err(InvalidToken::Key.into()),
            Err(KeyError::IssuerUnavailable) => return Err(TokenError::IssuerUnavailable),
        };
        if !token.is_signed_by(&key) {
            return Err(InvalidToken::Signature.into());
        }
        Ok(claims::subject(token.claims, issuer.trusted.issuer.clone())?)
    }

    fn issuer_of(&self, claims: &Map<String, Value>) -> Result<&Issuer<C>, InvalidToken> {
        let Some(name) = claims.get("iss").and_then(Value::as_str) else {
            return Err(InvalidToken::Malformed);
        };
        self.issuers.iter().find(|issuer| issuer.trusted.issuer == name).ok_or(InvalidToken::Issuer)
    }
}
