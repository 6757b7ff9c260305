//! Responses with tokens.

use broker_core::pair::TokenResponse;
use broker_core::token::{AccessToken, RefreshToken};
use jiff::{SignedDuration, Timestamp};
use serde_json::Value;

use super::{integer, is_bearer_token, is_refresh_token, lifetime, take_text};

/// The lifetime of an access token if the response has no `expires_in`, which RFC 6749 section 5.1 only recommends. It
/// is short, so that the pair is renewed soon. The pair is kept, because its refresh token may be the only valid one.
const UNSTATED_LIFETIME: SignedDuration = SignedDuration::from_hours(1);

/// Parses and checks a token response (RFC 6749 section 5.1). An optional field with an unexpected type or value counts
/// as missing, so that a good pair is not lost; a refresh token that is malformed makes the response invalid.
pub(crate) fn token_response(mut json: Value) -> Result<TokenResponse, &'static str> {
    Ok(TokenResponse {
        access_token: access_token(&mut json)?,
        expires_in: expires_in(&json)?,
        refresh_token: refresh_token(&mut json)?,
        refresh_token_expires_in: lifetime(&json, "refresh_token_expires_in"),
        scope: scope(&mut json),
    })
}

fn access_token(json: &mut Value) -> Result<AccessToken, &'static str> {
    let token = take_text(json, "access_token").ok_or("there is no access_token")?;
    if !is_bearer_token(&token) {
        return Err("access_token is not a bearer token");
    }
    Ok(AccessToken::new(token))
}

fn refresh_token(json: &mut Value) -> Result<Option<RefreshToken>, &'static str> {
    match take_text(json, "refresh_token") {
        Some(token) if is_refresh_token(&token) => Ok(Some(RefreshToken::new(token))),
        Some(_) => Err("refresh_token is malformed"),
        None => Ok(None),
    }
}

fn expires_in(json: &Value) -> Result<SignedDuration, &'static str> {
    match json.get("expires_in") {
        None | Some(Value::Null) => Ok(UNSTATED_LIFETIME),
        Some(_) => lifetime(json, "expires_in").ok_or("expires_in is not a lifetime"),
    }
}

/// The scopes (RFC 6749 section 3.3): visible ASCII characters and blanks.
fn scope(json: &mut Value) -> Option<String> {
    let scope = take_text(json, "scope")?;
    if scope.chars().all(|c| c.is_ascii_graphic() || c == ' ') { Some(scope) } else { None }
}

/// Parses `{"exp": milliseconds since 1970}`.
#[expect(clippy::needless_pass_by_value, reason = "a `BodyParser` takes the body by value")]
pub(crate) fn expiry(json: Value) -> Result<Timestamp, &'static str> {
    let Some(exp) = integer(&json, "exp") else {
        return Err("exp is not a time in milliseconds");
    };
    Timestamp::from_millisecond(exp).map_err(|_| "exp is not a time in milliseconds")
}
