//! What the portal shows once: ids and secrets.

use std::fmt;

use super::tokens::{Pair, seconds};
use jiff::Timestamp;

/// A registered Integration.
#[derive(Clone)]
pub struct IntegrationCredentials {
    /// `C` and 64 hex digits.
    pub client_id: String,
    /// The client secret.
    pub client_secret: String,
    /// base64url of the client id's URN.
    pub application_id: String,
    /// The one registered redirect URI.
    pub redirect_uri: String,
}

/// A registered Service App.
#[derive(Clone)]
pub struct ServiceAppCredentials {
    /// `C` and 64 hex digits.
    pub client_id: String,
    /// The client secret.
    pub client_secret: String,
    /// base64url of the client id's URN.
    pub application_id: String,
}

/// A developer and the org they belong to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Developer {
    /// The name that owns apps.
    pub name: String,
    /// In base64.
    pub person_id: String,
    /// Bare.
    pub org: String,
}

/// A token pair as the browser flow or the portal gives it.
#[derive(Clone, PartialEq, Eq)]
pub struct Tokens {
    /// The access token.
    pub access_token: String,
    /// Seconds.
    pub expires_in: i64,
    /// The refresh token.
    pub refresh_token: String,
    /// Seconds.
    pub refresh_token_expires_in: i64,
    /// Separated by spaces.
    pub scope: String,
}

impl Tokens {
    pub(crate) fn of(pair: Pair, now: Timestamp) -> Self {
        let (refresh_token, refresh_expires_at) = pair.refresh.unwrap_or_default();
        Self {
            access_token: pair.access_token,
            expires_in: seconds(now, pair.access_expires_at),
            refresh_token,
            refresh_token_expires_in: seconds(now, refresh_expires_at),
            scope: pair.scopes.join(" "),
        }
    }
}

impl AsRef<str> for IntegrationCredentials {
    fn as_ref(&self) -> &str {
        &self.client_id
    }
}

impl AsRef<str> for ServiceAppCredentials {
    fn as_ref(&self) -> &str {
        &self.client_id
    }
}

impl fmt::Debug for IntegrationCredentials {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut fields = f.debug_struct("IntegrationCredentials");
        fields.field("client_id", &self.client_id).finish_non_exhaustive()
    }
}

impl fmt::Debug for ServiceAppCredentials {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut fields = f.debug_struct("ServiceAppCredentials");
        fields.field("client_id", &self.client_id).finish_non_exhaustive()
    }
}

impl fmt::Debug for Tokens {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut fields = f.debug_struct("Tokens");
        fields.field("expires_in", &self.expires_in).finish_non_exhaustive()
    }
}
