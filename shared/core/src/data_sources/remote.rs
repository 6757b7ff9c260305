//! A data source as Webex lists it.

use jiff::{SignedDuration, Timestamp};

/// A data source in an org. It may belong to someone else, so its fields are plain text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RemoteDataSource {
    /// The id that Webex gave it.
    pub id: String,
    /// Where Webex delivers.
    pub url: String,
    /// The claim `sub` of its JWS.
    pub subject: String,
    /// The claim `aud` of its JWS, if Webex states it.
    pub audience: Option<String>,
    /// The schema, if Webex states one.
    pub schema_id: Option<String>,
    /// Whether Webex delivers.
    pub is_active: bool,
    /// Why it was disabled, as the administrator sees it.
    pub error_message: Option<String>,
    /// When its JWS ends, if Webex states it or the JWS does. Nobody has verified it.
    pub expires_at: Option<Timestamp>,
    /// The digest of its nonce, if it is known.
    pub nonce_digest: Option<String>,
}

impl RemoteDataSource {
    /// When the JWS ends: as stated, but no later than a JWS that begins `now` can end, since nobody has verified it.
    pub fn credible_expiry(&self, longest: SignedDuration, now: Timestamp) -> Option<Timestamp> {
        Some(self.expires_at?.min(now + longest))
    }
}
