//! Guests.

use broker_core::token::AccessToken;
use jiff::SignedDuration;
use serde_json::Value;

use super::{lifetime, take_text};

/// A guest, and a token to act as one (webex-api.md section 8).
#[derive(Debug, Clone)]
pub struct Guest {
    /// Webex's id for the guest.
    pub id: String,
    /// The guest's token. There is no refresh token.
    pub access_token: AccessToken,
    /// Lifetime of the token from the moment of the answer.
    pub expires_in: SignedDuration,
}

/// The answer to `POST /guests/token`.
pub(crate) fn read(mut json: Value) -> Result<Guest, &'static str> {
    Ok(Guest {
        id: take_text(&mut json, "id").ok_or("there is no id")?,
        access_token: AccessToken::new(take_text(&mut json, "accessToken").ok_or("there is no accessToken")?),
        expires_in: lifetime(&json, "expiresIn").ok_or("expiresIn is not a positive integer")?,
    })
}
