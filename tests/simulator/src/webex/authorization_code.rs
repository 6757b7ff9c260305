//! Authorization codes and PKCE (sections 3 and 4).

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jiff::Timestamp;
use sha2::{Digest as _, Sha256};

/// A PKCE challenge (RFC 7636), which binds a code to the client that asked for it.
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

    fn accepts(&self, verifier: &str) -> bool {
        match self {
            Self::S256(_) => *self == Self::s256(verifier),
            Self::Plain(expected) => expected == verifier,
        }
    }
}

/// A code that has not been exchanged yet.
pub(crate) struct AuthorizationCode {
    pub(crate) client_id: String,
    pub(crate) user: String,
    pub(crate) scopes: Vec<String>,
    pub(crate) redirect_uri: String,
    pub(crate) challenge: Option<Challenge>,
    pub(crate) expires_at: Timestamp,
}

impl AuthorizationCode {
    /// Checks an exchange; the error says why it is refused.
    pub(crate) fn check(
        &self,
        client_id: &str,
        redirect_uri: Option<&str>,
        verifier: Option<&str>,
        now: Timestamp,
    ) -> Result<(), &'static str> {
        if self.expires_at <= now {
            return Err("The authorization code has expired.");
        }
        if self.client_id != client_id {
            return Err("The code was issued to another client.");
        }
        if redirect_uri != Some(&self.redirect_uri) {
            return Err("redirect_uri does not match.");
        }
        if let Some(challenge) = &self.challenge
            && !challenge.accepts(verifier.unwrap_or_default())
        {
            return Err("code_verifier does not match the challenge.");
        }
        Ok(())
    }
}
