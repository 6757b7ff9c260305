//! Answers about tokens.

use broker_core::pair::TokenResponse;
use broker_core::token::{AccessToken, RefreshToken};
use jiff::Timestamp;
use serde_json::Value;

use super::{integer, lifetime, take_text};

/// A token response (RFC 6749 section 5.1). What must be there must be right; what may be missing is missing if it is
/// odd, since a good pair is not to be lost over it.
pub(crate) fn issued(mut json: Value) -> Result<TokenResponse, &'static str> {
    Ok(TokenResponse {
        access_token: AccessToken::new(take_text(&mut json, "access_token").ok_or("there is no access_token")?),
        expires_in: lifetime(&json, "expires_in").ok_or("expires_in is not a positive integer")?,
        refresh_token: take_text(&mut json, "refresh_token").map(RefreshToken::new),
        refresh_token_expires_in: lifetime(&json, "refresh_token_expires_in"),
        scope: take_text(&mut json, "scope"),
    })
}

/// `{"exp": milliseconds since 1970}`.
#[expect(clippy::needless_pass_by_value, reason = "a Reader takes the body, which for others holds secrets")]
pub(crate) fn expiry(json: Value) -> Result<Timestamp, &'static str> {
    let exp = integer(&json, "exp").and_then(|exp| Timestamp::from_millisecond(exp).ok());
    exp.ok_or("exp is not a time in milliseconds")
}
