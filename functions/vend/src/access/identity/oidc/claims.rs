//! The claims of an identity token: validity, audience and subject.

use std::collections::HashMap;

use jiff::{SignedDuration, Timestamp};
use serde_json::{Map, Value};

use super::{AudienceRule, InvalidToken, OidcIdentity, TrustedIssuer};

/// Accepted difference between the issuer's clock and this one.
const LEEWAY: SignedDuration = SignedDuration::from_secs(30);
/// Longest `sub`, in bytes (OIDC Core 1.0 section 2).
const MAX_SUBJECT_BYTES: usize = 255;
/// Deepest nesting of claims that are passed to the policy.
const MAX_DEPTH: usize = 4;
/// Claims that differ from token to token or are passed to the policy as attributes.
const OMITTED_CLAIMS: [&str; 6] = ["iss", "sub", "exp", "nbf", "iat", "jti"];

/// Checks everything but the signature: issuer, audience, required claims, times and subject.
pub(super) fn check(claims: &Map<String, Value>, trusted: &TrustedIssuer, now: Timestamp) -> Result<(), InvalidToken> {
    if claims.get("iss").and_then(Value::as_str) != Some(&trusted.issuer) {
        return Err(InvalidToken::Issuer);
    }
    check_audience(claims, &trusted.audiences)?;
    check_times(claims, now)?;
    subject_of(claims)?;
    Ok(())
}

/// The subject and the claims for the policy, of a token of `issuer`.
pub(super) fn subject(claims: Map<String, Value>, issuer: String) -> Result<OidcIdentity, InvalidToken> {
    let subject = subject_of(&claims)?.to_owned();
    let mut tags = Vec::new();
    for (name, value) in claims {
        if !OMITTED_CLAIMS.contains(&name.as_str()) {
            flatten(name, value, MAX_DEPTH, &mut tags);
        }
    }
    drop_ambiguous(&mut tags);
    Ok(OidcIdentity { issuer, subject, claims: tags })
}

fn subject_of(claims: &Map<String, Value>) -> Result<&str, InvalidToken> {
    match claims.get("sub").and_then(Value::as_str) {
        Some(subject) if !subject.is_empty() && subject.len() <= MAX_SUBJECT_BYTES => Ok(subject),
        _ => Err(InvalidToken::Malformed),
    }
}

/// Accepts a token that one of the rules accepts.
fn check_audience(claims: &Map<String, Value>, rules: &[AudienceRule]) -> Result<(), InvalidToken> {
    let mut error = InvalidToken::Audience;
    for rule in rules {
        if !has_value(claims.get(&rule.claim), &rule.audience) {
            continue;
        }
        let differing = rule.required.iter().find(|(claim, value)| !has_value(claims.get(claim), value));
        let Some((claim, value)) = differing else {
            return Ok(());
        };
        error = InvalidToken::RequiredClaim { claim: claim.clone(), value: value.clone() };
    }
    Err(error)
}

/// Whether a claim is `wanted`, or a list that contains it.
fn has_value(claim: Option<&Value>, wanted: &str) -> bool {
    match claim {
        Some(Value::Array(values)) => values.iter().any(|value| value.as_str() == Some(wanted)),
        Some(value) => value.as_str() == Some(wanted),
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

/// Removes all claims with the same dotted name, such as `{"a.b":1}` and `{"a":{"b":2}}`: one may be chosen by the caller,
/// as the tags of a session are, and be taken for the other.
fn drop_ambiguous(tags: &mut Vec<(String, Vec<String>)>) {
    let mut occurrences: HashMap<String, usize> = HashMap::new();
    for (name, _) in tags.iter() {
        *occurrences.entry(name.clone()).or_default() += 1;
    }
    tags.retain(|(name, _)| occurrences.get(name) == Some(&1));
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
