//! Authorization codes and PKCE (sections 3 and 4).

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jiff::Timestamp;
use sha2::{Digest as _, Sha256};

/// What the browser sends along to prove later that it was the one that asked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Challenge {
    /// `code_challenge_method=S256`: base64url of the SHA-256 of the verifier.
    S256(String),
    /// `code_challenge_method=plain`: the verifier itself.
    Plain(String),
}

impl Challenge {
    /// The S256 challenge for `verifier`.
    pub fn s256(verifier: &str) -> Self {
        Self::S256(URL_SAFE_NO_PAD.encode(Sha256::digest(verifier)))
    }

    fn is_met_by(&self, verifier: &str) -> bool {
        match self {
            Self::S256(_) => *self == Self::s256(verifier),
            Self::Plain(expected) => expected == verifier,
        }
    }
}

/// A code that waits to be exchanged.
pub(crate) struct Code {
    pub(crate) client_id: String,
    pub(crate) user: String,
    pub(crate) scopes: Vec<String>,
    pub(crate) redirect_uri: String,
    pub(crate) challenge: Option<Challenge>,
    pub(crate) expires_at: Timestamp,
}

impl Code {
    /// Why this exchange is to be refused, if it is.
    pub(crate) fn objection(
        &self,
        client_id: &str,
        redirect_uri: Option<&str>,
        verifier: Option<&str>,
        now: Timestamp,
    ) -> Option<&'static str> {
        let proven = match (&self.challenge, verifier) {
            (None, _) => true,
            (Some(challenge), Some(verifier)) => challenge.is_met_by(verifier),
            (Some(_), None) => false,
        };
        match () {
            () if self.expires_at <= now => Some("The authorization code has expired."),
            () if self.client_id != client_id => Some("The code was issued to another client."),
            () if redirect_uri != Some(&self.redirect_uri) => Some("redirect_uri does not match."),
            () if !proven => Some("code_verifier does not match the challenge."),
            () => None,
        }
    }
}
