//! The ids and secrets that the portal shows once.

use std::fmt;

use jiff::Timestamp;

use super::tokens::{IssuedPair, seconds};

/// A registered Integration.
#[derive(Clone)]
pub struct IntegrationCredentials {
    /// The client id: `C` and 64 hex digits.
    pub client_id: String,
    /// The client secret.
    pub client_secret: String,
    /// The application id: base64url of the client id's URN.
    pub application_id: String,
    /// The one registered redirect URI.
    pub redirect_uri: String,
}

/// A registered Service App.
#[derive(Clone)]
pub struct ServiceAppCredentials {
    /// The client id: `C` and 64 hex digits.
    pub client_id: String,
    /// The client secret.
    pub client_secret: String,
    /// The application id: base64url of the client id's URN.
    pub application_id: String,
}

/// A developer and their org.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Developer {
    /// The name under which the developer owns apps.
    pub name: String,
    /// The person id, in base64.
    pub person_id: String,
    /// The bare id of the org.
    pub org: String,
}

/// A token pair as the browser flow or the portal returns it.
#[derive(Clone, PartialEq, Eq)]
pub struct Tokens {
    /// The access token.
    pub access_token: String,
    /// The access token's lifetime in seconds.
    pub expires_in: i64,
    /// The refresh token.
    pub refresh_token: String,
    /// The refresh token's lifetime in seconds.
    pub refresh_token_expires_in: i64,
    /// The scopes, separated by spaces.
    pub scope: String,
}

impl Tokens {
    pub(crate) fn of(pair: IssuedPair, now: Timestamp) -> Self {
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
