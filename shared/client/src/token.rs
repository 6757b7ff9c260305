//! A token from the broker.

use std::time::{Duration, SystemTime};

use secrecy::{ExposeSecret, SecretString};
use sha2::{Digest, Sha256};

/// A Webex access token. `Debug` does not show it.
#[derive(Debug, Clone)]
pub struct VendedToken {
    text: SecretString,
    received_at: SystemTime,
    /// The time at which the token expires.
    pub expires_at: SystemTime,
    /// The subject in the broker's own form, if the answer had it: an org's UUID for any form of its id.
    pub subject: Option<String>,
    /// What the token may be used for, if the answer said so.
    pub scope: Option<String>,
}

impl VendedToken {
    /// A token that arrived at `received_at` and lives for `lifetime` from then on.
    pub(crate) fn new(text: String, received_at: SystemTime, lifetime: Duration) -> Self {
        let expires_at = received_at + lifetime;
        Self { text: text.into(), received_at, expires_at, subject: None, scope: None }
    }

    /// The text of the token, for the `Authorization` header of a request to Webex and nothing else.
    pub fn expose(&self) -> &str {
        self.text.expose_secret()
    }

    /// The SHA-256 in lower-case hex, which identifies the token without revealing it.
    pub fn sha256(&self) -> String {
        hex::encode(Sha256::digest(self.text.expose_secret()))
    }

    /// Whether more than `min_ttl` is left at `now`. The life of a token is unknown after the clock was set back to before
    /// its arrival.
    pub fn lives(&self, now: SystemTime, min_ttl: Duration) -> bool {
        match self.expires_at.duration_since(now) {
            Ok(left) => left > min_ttl && self.received_at <= now,
            Err(_) => false,
        }
    }
}
