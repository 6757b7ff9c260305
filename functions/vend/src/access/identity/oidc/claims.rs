//! The claims of an identity token: validity, audience and subject.

use jiff::{SignedDuration, Timestamp};
use serde_json::{Map, Value};

use super::{InvalidToken, OidcIdentity, TrustedIssuer};

/// Accepted difference between the issuer's clock and this one.
const LEEWAY: SignedDuration = SignedDuration::from_secs(30);
/// Longest `sub`, in bytes (OIDC Core 1.0 section 2).
const MAX_SUBJECT_BYTES: usize = 255;
/// Deepest nesting of claims that are passed to the policy.
const MAX_DEPTH: usize = 4;
/// Claims that differ from token to token or are passed to the policy as attributes.
const OMITTED_CLAIMS: [&str; 6] = ["iss", "sub", "exp", "nbf", "iat", "jti"];

/// Checks the claims and returns the subject.
pub(super) fn read(
    claims: Map<String, Value>,
    trusted: &TrustedIssuer,
    now: Timestamp,
) -> Result<OidcIdentity, InvalidToken> {
    if claims.get("iss").and_then(Value::as_str) != Some(&trusted.issuer) {
        return Err(InvalidToken::Issuer);
    }
    if !names_audience(claims.get("aud"), &trusted.audiences) {
        return Err(InvalidToken::Audience);
    }
    check_times(&claims, now)?;
    let subject = claims.get("sub").and_then(Value::as_str).unwrap_or_default().to_owned();
    if subject.is_empty() || subject.len() > MAX_SUBJECT_BYTES {
        return Err(InvalidToken::Malformed);
    }
    let mut tags = Vec::new();
    for (name, value) in claims {
        if !OMITTED_CLAIMS.contains(&name.as_str()) {
            flatten(name, value, MAX_DEPTH, &mut tags);
        }
    }
    Ok(OidcIdentity { issuer: trusted.issuer.clone(), subject, claims: tags })
}

fn names_audience(claim: Option<&Value>, audiences: &[String]) -> bool {
    let is_ours = |value: &Value| match value.as_str() {
        Some(name) => audiences.iter().any(|audience| audience == name),
        None => false,
    };
    match claim {
        Some(Value::Array(names)) => names.iter().any(is_ours),
        Some(name) => is_ours(name),
        None => false,
    }
}

fn check_times(claims: &Map<String, Value>, now: Timestamp) -> Result<(), InvalidToken> {
    let Some(expires_at) = numeric_date(claims, "exp")? else {
        return Err(InvalidToken::Malformed);
    };
    if expires_at <= now - LEEWAY {
        return Err(InvalidToken::Expired);
    }
    match numeric_date(claims, "nbf")? {
        Some(begins_at) if begins_at > now + LEEWAY => Err(InvalidToken::NotYet),
        _ => Ok(()),
    }
}

/// A `NumericDate` (RFC 7519 section 2), which may have a fraction.
fn numeric_date(claims: &Map<String, Value>, name: &str) -> Result<Option<Timestamp>, InvalidToken> {
    let Some(value) = claims.get(name) else { return Ok(None) };
    let seconds = value.as_f64().ok_or(InvalidToken::Malformed)?;
    let since_epoch = SignedDuration::try_from_secs_f64(seconds).map_err(|_| InvalidToken::Malformed)?;
    let timestamp = Timestamp::from_duration(since_epoch).map_err(|_| InvalidToken::Malformed)?;
    Ok(Some(timestamp))
}

/// Adds a claim as a set of strings. The fields of an object become claims with dotted names.
fn flatten(name: String, value: Value, depth: usize, tags: &mut Vec<(String, Vec<String>)>) {
    match value {
        Value::Object(fields) if depth > 0 => {
            for (field, value) in fields {
                flatten(format!("{name}.{field}"), value, depth - 1, tags);
            }
        }
        Value::Array(values) => tags.push((name, values.into_iter().filter_map(scalar).collect())),
        value => {
            if let Some(value) = scalar(value) {
                tags.push((name, vec![value]));
            }
        }
    }
}

fn scalar(value: Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text),
        Value::Bool(flag) => Some(flag.to_string()),
        Value::Number(number) => Some(number.to_string()),
        Value::Null | Value::Array(_) | Value::Object(_) => None,
    }
}

#[cfg(test)]
mod tests;
