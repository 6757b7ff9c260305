//! Responses with data sources. Their JWS is read for its end and dropped.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use broker_core::data_sources::{RemoteDataSource, short_digest};
use jiff::Timestamp;
use serde_json::Value;

use super::{integer, take_text};

/// Longest `errorMessage` that is passed on, in characters.
const LONGEST_MESSAGE: usize = 160;
/// Length from which a word of an `errorMessage` may be a token.
const LONGEST_WORD: usize = 40;
/// The first second of the year 5138: a larger number counts milliseconds.
const MILLISECONDS_FROM: i64 = 100_000_000_000;

/// Parses one page of `GET /dataSources`: a list, or an object with one.
pub(crate) fn page(mut json: Value) -> Result<Vec<RemoteDataSource>, &'static str> {
    for name in ["items", "dataSources"] {
        if let Some(items) = json.get_mut(name) {
            json = items.take();
            break;
        }
    }
    match json {
        Value::Array(items) => items.into_iter().map(saved).collect(),
        _ => Err("there is no list of data sources"),
    }
}

/// Parses one data source. All but the id may be missing, and a field of an unexpected type counts as missing.
pub(crate) fn saved(mut json: Value) -> Result<RemoteDataSource, &'static str> {
    let id = take_text(&mut json, "id").ok_or("a data source has no id")?;
    let expires_at = stated_expiry(&json);
    let jws = take_text(&mut json, "jwsToken").or_else(|| take_text(&mut json, "jwtToken"));
    let expires_at = match (expires_at, jws) {
        (Some(expires_at), _) => Some(expires_at),
        (None, Some(jws)) => unverified_exp(&jws),
        (None, None) => None,
    };
    let schema_id = schema_id(&mut json);
    let mut text = |name| take_text(&mut json, name);
    let is_active = match text("status") {
        Some(status) => status.eq_ignore_ascii_case("active"),
        None => true,
    };
    Ok(RemoteDataSource {
        id,
        url: text("url").unwrap_or_default(),
        subject: text("subject").unwrap_or_default(),
        audience: text("audience"),
        schema_id,
        is_active,
        error_message: text("errorMessage").map(|message| shortened(&message)),
        expires_at,
        nonce_digest: text("nonce").map(|nonce| short_digest(&nonce)),
    })
}

/// The message without words that are as long as a token, shortened.
fn shortened(message: &str) -> String {
    let words = message.split_whitespace().map(|word| if word.len() < LONGEST_WORD { word } else { "…" });
    words.collect::<Vec<_>>().join(" ").chars().take(LONGEST_MESSAGE).collect()
}

/// Older pages write `schemaId` as a list.
fn schema_id(json: &mut Value) -> Option<String> {
    for name in ["schemaId", "schemaIds"] {
        if let Some(Value::String(schema)) = json.get(name).and_then(|list| list.get(0)) {
            return Some(schema.clone());
        }
    }
    take_text(json, "schemaId")
}

/// `tokenExpiryTime`, written as RFC 3339 or as a number of seconds or milliseconds since 1970.
fn stated_expiry(json: &Value) -> Option<Timestamp> {
    if let Some(text) = json.get("tokenExpiryTime")?.as_str()
        && let Ok(at) = text.parse()
    {
        return Some(at);
    }
    since_1970(integer(json, "tokenExpiryTime")?)
}

fn since_1970(number: i64) -> Option<Timestamp> {
    if number >= MILLISECONDS_FROM {
        Timestamp::from_millisecond(number).ok()
    } else {
        Timestamp::from_second(number).ok()
    }
}

/// The claim `exp` of a JWS whose signature nobody has verified. It says when to renew, and decides nothing else.
fn unverified_exp(jws: &str) -> Option<Timestamp> {
    let payload = jws.split('.').nth(1)?;
    let claims = URL_SAFE_NO_PAD.decode(payload.trim_end_matches('=')).ok()?;
    let claims: Value = serde_json::from_slice(&claims).ok()?;
    since_1970(integer(&claims, "exp")?)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    const ENDS: &str = "2026-11-27T12:00:00Z";

    fn ends_of(field: &str, value: &Value) -> Option<String> {
        let read = saved(json!({"id": "a", field: value})).unwrap();
        read.expires_at.map(|at| at.to_string())
    }

    fn jws(claims: &Value) -> Value {
        json!(format!("e30.{}.c2ln", URL_SAFE_NO_PAD.encode(claims.to_string())))
    }

    #[test]
    fn expiry_is_read_in_every_notation() {
        for (field, value) in [
            ("tokenExpiryTime", json!(ENDS)),
            ("tokenExpiryTime", json!("2026-11-27T12:00:00.000+00:00")),
            ("tokenExpiryTime", json!(1_795_780_800)),
            ("tokenExpiryTime", json!("1795780800")),
            ("tokenExpiryTime", json!(1_795_780_800_000_i64)),
            ("jwsToken", jws(&json!({"exp": 1_795_780_800}))),
            ("jwtToken", jws(&json!({"exp": "1795780800"}))),
        ] {
            assert_eq!(ends_of(field, &value).as_deref(), Some(ENDS), "{field} {value}");
        }
        for (field, value) in [
            ("tokenExpiryTime", json!("soon")),
            ("tokenExpiryTime", json!(null)),
            ("jwsToken", json!("no-jws")),
            ("jwsToken", json!("a.b!.c")),
            ("jwsToken", jws(&json!({"exp": "later"}))),
        ] {
            assert_eq!(ends_of(field, &value), None, "{field} {value}");
        }
    }

    #[test]
    fn page_is_a_list_or_holds_one() {
        let one = json!({"id": "a", "schemaId": ["s"], "status": "DISABLED", "errorMessage": "full"});
        for body in [json!([one]), json!({"items": [one]}), json!({"dataSources": [one]})] {
            let listed = page(body).unwrap();
            assert_eq!((listed[0].schema_id.as_deref(), listed[0].is_active), (Some("s"), false));
            assert_eq!(listed[0].error_message.as_deref(), Some("full"));
        }
        for body in [json!({}), json!("a"), json!({"items": {}}), json!([{"url": "no id"}])] {
            assert!(page(body).is_err(), "what holds no data sources is no list");
        }
    }
}
