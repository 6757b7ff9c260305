//! What a genuine token says: whether it is valid now, and about whom.

use jiff::{SignedDuration, Timestamp};
use serde_json::{Map, Value};

use super::{BadToken, OidcIdentity, Trusted};

/// By how much the issuer's clock and ours may differ.
const LEEWAY: SignedDuration = SignedDuration::from_secs(30);
/// Longest `sub` (OIDC Core 1.0 section 2).
const LONGEST_SUBJECT: usize = 255;
/// How deep claims are followed.
const DEPTH: usize = 4;
/// Claims that say nothing about whom the token is about.
const NOT_ABOUT: [&str; 6] = ["iss", "sub", "exp", "nbf", "iat", "jti"];

/// Whom the claims are about.
pub(super) fn read(claims: Map<String, Value>, trusted: &Trusted, now: Timestamp) -> Result<OidcIdentity, BadToken> {
    if claims.get("iss").and_then(Value::as_str) != Some(&trusted.issuer) {
        return Err(BadToken::Issuer);
    }
    if !is_for(claims.get("aud"), &trusted.audiences) {
        return Err(BadToken::Audience);
    }
    if moment(&claims, "exp")?.ok_or(BadToken::Malformed)? <= now - LEEWAY {
        return Err(BadToken::Expired);
    }
    if moment(&claims, "nbf")?.is_some_and(|begins| begins > now + LEEWAY) {
        return Err(BadToken::NotYet);
    }
    let subject = claims.get("sub").and_then(Value::as_str).unwrap_or_default();
    if subject.is_empty() || subject.len() > LONGEST_SUBJECT {
        return Err(BadToken::Malformed);
    }
    let (issuer, subject) = (trusted.issuer.clone(), subject.to_owned());
    let mut tags = Vec::new();
    for (name, value) in claims.into_iter().filter(|(name, _)| !NOT_ABOUT.contains(&name.as_str())) {
        flatten(name, value, DEPTH, &mut tags);
    }
    Ok(OidcIdentity { issuer, subject, claims: tags })
}

fn is_for(claim: Option<&Value>, audiences: &[String]) -> bool {
    let ours = |value: &Value| value.as_str().is_some_and(|name| audiences.iter().any(|known| known == name));
    match claim {
        Some(Value::Array(names)) => names.iter().any(ours),
        Some(name) => ours(name),
        None => false,
    }
}

/// A `NumericDate`, which may have a fraction.
fn moment(claims: &Map<String, Value>, name: &str) -> Result<Option<Timestamp>, BadToken> {
    let Some(value) = claims.get(name) else { return Ok(None) };
    let seconds = value.as_f64().ok_or(BadToken::Malformed)?;
    let duration = SignedDuration::try_from_secs_f64(seconds).map_err(|_| BadToken::Malformed)?;
    Timestamp::from_duration(duration).map(Some).map_err(|_| BadToken::Malformed)
}

/// A claim as a set of strings: lists are sets, objects are more claims.
fn flatten(name: String, value: Value, depth: usize, tags: &mut Vec<(String, Vec<String>)>) {
    match value {
        Value::Object(fields) if depth > 0 => {
            for (field, value) in fields {
                flatten(format!("{name}.{field}"), value, depth - 1, tags);
            }
        }
        Value::Array(values) => tags.push((name, values.into_iter().filter_map(word).collect())),
        value => tags.extend(word(value).map(|value| (name, vec![value]))),
    }
}

fn word(value: Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text),
        Value::Bool(flag) => Some(flag.to_string()),
        Value::Number(number) => Some(number.to_string()),
        Value::Null | Value::Array(_) | Value::Object(_) => None,
    }
}

#[cfg(test)]
#[path = "claims_tests.rs"]
mod tests;
