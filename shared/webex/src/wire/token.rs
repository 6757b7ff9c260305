//! Responses with tokens.

use broker_core::pair::TokenResponse;
use broker_core::token::{AccessToken, RefreshToken};
use jiff::Timestamp;
use serde_json::Value;

use super::{integer, lifetime, take_text};

/// Parses a token response (RFC 6749 section 5.1). An optional field with an unexpected value counts as missing, so
/// that a good pair is not lost.
pub(crate) fn token_response(mut json: Value) -> Result<TokenResponse, &'static str> {
    Ok(TokenResponse {
        access_token: AccessToken::new(take_text(&mut json, "access_token").ok_or("there is no access_token")?),
        expires_in: lifetime(&json, "expires_in").ok_or("expires_in is not a positive integer")?,
        refresh_token: take_text(&mut json, "refresh_token").map(RefreshToken::new),
        refresh_token_expires_in: lifetime(&json, "refresh_token_expires_in"),
        scope: take_text(&mut json, "scope"),
    })
}

/// Parses `{"exp": milliseconds since 1970}`.
#[expect(clippy::needless_pass_by_value, reason = "a `BodyParser` takes the body by value")]
pub(crate) fn expiry(json: Value) -> Result<Timestamp, &'static str> {
    let Some(exp) = integer(&json, "exp") else {
        return Err("exp is not a time in milliseconds");
    };
    Timestamp::from_millisecond(exp).map_err(|_| "exp is not a time in milliseconds")
}
