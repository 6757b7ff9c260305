//! The bodies of successful responses. Their types have no `Debug`, and no error quotes a value.

pub(crate) mod device;
pub(crate) mod guest;
pub(crate) mod token;
pub(crate) mod webhook;

use jiff::SignedDuration;
use serde_json::Value;

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

/// The lifetime at `name`, in seconds. `None` unless it is positive.
fn lifetime(json: &Value, name: &str) -> Option<SignedDuration> {
    integer(json, name).filter(|seconds| *seconds > 0).map(SignedDuration::from_secs)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn lifetime_is_a_positive_integer_in_any_notation() {
        for (written, read) in [
            (json!(1_209_599), Some(1_209_599)),
            (json!(1_209_599.0), Some(1_209_599)),
            (json!("1209599"), Some(1_209_599)),
            (json!(" 3600.0 "), Some(3600)),
            (json!(1), Some(1)),
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
}
