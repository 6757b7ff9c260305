//! The response with a guest's token.

use broker_core::token::AccessToken;
use jiff::SignedDuration;
use serde_json::Value;

use super::{is_bearer_token, lifetime, take_text};

/// A guest and its token (webex-api.md section 8).
#[derive(Debug, Clone)]
pub struct Guest {
    /// The guest's Webex id.
    pub id: String,
    /// The guest's token. Webex issues no refresh token with it.
    pub access_token: AccessToken,
    /// Lifetime of the token from the moment of the response.
    pub expires_in: SignedDuration,
}

/// Parses the response of `POST /guests/token`.
pub(crate) fn parse(mut json: Value) -> Result<Guest, &'static str> {
    let token = take_text(&mut json, "accessToken").ok_or("there is no accessToken")?;
    if !is_bearer_token(&token) {
        return Err("accessToken is not a bearer token");
    }
    Ok(Guest {
        id: take_text(&mut json, "id").ok_or("there is no id")?,
        access_token: AccessToken::new(token),
        expires_in: lifetime(&json, "expiresIn").ok_or("expiresIn is not a lifetime")?,
    })
}
