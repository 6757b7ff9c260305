//! The bodies of successful responses. Their types have no `Debug`, and no error quotes a value.

pub(crate) mod data_source;
pub(crate) mod device;
pub(crate) mod guest;
pub(crate) mod organization;
pub(crate) mod person;
pub(crate) mod token;
pub(crate) mod webhook;

use jiff::SignedDuration;
use serde_json::Value;

/// Longest lifetime that is accepted. Webex's longest is 90 days, and a token that seems to live for ever would never be
/// renewed.
const LONGEST_LIFETIME: SignedDuration = SignedDuration::from_hours(366 * 24);
/// Most bytes of a token. Webex's JWTs have about 2,500, and a secret of Secrets Manager holds 65,536.
const LONGEST_TOKEN: usize = 16 * 1024;

/// Takes the text at `name` out of the object. `None` if it is empty or not text.
fn take_text(json: &mut Value, name: &str) -> Option<String> {
    match json.get_mut(name)?.take() {
        Value::String(text) if !text.is_empty() => Some(text),
        _ => None,
    }
}

/// The integer at `name`. It may be written `3600.0` or `"3600"`.
fn integer(json: &Value, name: &str) -> Option<i64> {
    let value = json.get(name)?;
    let text = match value {
        Value::Number(number) => number.to_string(),
        Value::String(text) => text.trim().to_owned(),
        _ => return None,
    };
    match text.parse() {
        Ok(integer) => Some(integer),
        Err(_) => whole_number(text.parse().ok()?),
    }
}

/// The integer that a float holds exactly.
fn whole_number(float: f64) -> Option<i64> {
    /// From here on a float cannot tell neighbouring integers apart.
    const EXACT: f64 = 9_007_199_254_740_992.0;
    if float.fract() != 0.0 || float.abs() >= EXACT {
        return None;
    }
    #[expect(clippy::cast_possible_truncation, reason = "checked to be whole and in range")]
    Some(float as i64)
}

/// The lifetime at `name`, in seconds. `None` unless it is between one second and `LONGEST_LIFETIME`.
fn lifetime(json: &Value, name: &str) -> Option<SignedDuration> {
    let lifetime = SignedDuration::from_secs(integer(json, name)?);
    if lifetime.is_positive() && lifetime <= LONGEST_LIFETIME { Some(lifetime) } else { None }
}

/// Whether `text` has the form of a bearer token (`b64token`, RFC 6750 section 2.1). A token of another form cannot be
/// sent in a header as it is.
fn is_bearer_token(text: &str) -> bool {
    let without_padding = text.trim_end_matches('=');
    !without_padding.is_empty()
        && text.len() <= LONGEST_TOKEN
        && without_padding.chars().all(|c| c.is_ascii_alphanumeric() || "-._~+/".contains(c))
}

/// Whether `text` can be a refresh token: visible ASCII characters (RFC 6749 appendix A.17, without the blank).
fn is_refresh_token(text: &str) -> bool {
    text.len() <= LONGEST_TOKEN && text.chars().all(|c| c.is_ascii_graphic())
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn lifetime_is_an_integer_within_bounds_in_any_notation() {
        for (written, read) in [
            (json!(1_209_599), Some(1_209_599)),
            (json!(1_209_599.0), Some(1_209_599)),
            (json!("1209599"), Some(1_209_599)),
            (json!(" 3600.0 "), Some(3600)),
            (json!(1), Some(1)),
            (json!(31_622_400), Some(31_622_400)),
            (json!(31_622_401), None),
            (json!(i64::MAX), None),
            (json!(0), None),
            (json!(-1), None),
            (json!(0.5), None),
            (json!(1e300), None),
            (json!(u64::MAX), None),
            (json!("soon"), None),
            (json!("NaN"), None),
            (json!(null), None),
            (json!([3600]), None),
        ] {
            let found = lifetime(&json!({ "in": written }), "in");
            assert_eq!(found, read.map(SignedDuration::from_secs), "{written}");
        }
    }

    #[test]
    fn bearer_token_has_the_alphabet_of_rfc_6750() {
        for token in ["a", "A-z0._~+/9", "eyJh.eyJp.c2ln", "YWJj==", &"a".repeat(LONGEST_TOKEN)] {
            assert!(is_bearer_token(token), "{token}");
        }
        for text in
            ["", "=", "a=b", "a b", "a\r\nX-Evil: 1", "a\0", "a\u{7f}", "é", "\"a\"", &"a".repeat(LONGEST_TOKEN + 1)]
        {
            assert!(!is_bearer_token(text), "{text:?}");
        }
    }

    #[test]
    fn refresh_token_has_visible_ascii_characters_only() {
        for token in ["a", "a!b\"c%&=", &"a".repeat(LONGEST_TOKEN)] {
            assert!(is_refresh_token(token), "{token}");
        }
        for text in ["a b", "a\n", "\t", "a\0", "a\u{7f}", "é", &"a".repeat(LONGEST_TOKEN + 1)] {
            assert!(!is_refresh_token(text), "{text:?}");
        }
    }
}
