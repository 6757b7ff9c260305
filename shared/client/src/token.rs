//! A token that may be used.

use std::time::SystemTime;

use secrecy::{ExposeSecret, SecretString};
use sha2::{Digest, Sha256};

/// A Webex access token.
#[derive(Debug, Clone)]
pub struct Token {
    text: SecretString,
    /// When it ends.
    pub expires_at: SystemTime,
}

impl Token {
    pub(crate) fn new(text: String, expires_at: SystemTime) -> Self {
        Self { text: text.into(), expires_at }
    }

    /// The token itself, for the `Authorization` header of a request to Webex and nothing else.
    pub fn expose(&self) -> &str {
        self.text.expose_secret()
    }

    /// What tells it apart from others without giving it away.
    pub(crate) fn sha256(&self) -> String {
        hex::encode(Sha256::digest(self.text.expose_secret()))
    }
}
