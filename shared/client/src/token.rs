//! A token from the broker.

use std::time::SystemTime;

use secrecy::{ExposeSecret, SecretString};
use sha2::{Digest, Sha256};

/// A Webex access token. `Debug` does not show it.
#[derive(Debug, Clone)]
pub struct VendedToken {
    text: SecretString,
    /// The time at which the token expires.
    pub expires_at: SystemTime,
}

impl VendedToken {
    pub(crate) fn new(text: String, expires_at: SystemTime) -> Self {
        Self { text: text.into(), expires_at }
    }

    /// The text of the token, for the `Authorization` header of a request to Webex and nothing else.
    pub fn expose(&self) -> &str {
        self.text.expose_secret()
    }

    /// The SHA-256 in hex, which identifies the token without revealing it.
    pub(crate) fn sha256(&self) -> String {
        hex::encode(Sha256::digest(self.text.expose_secret()))
    }
}
