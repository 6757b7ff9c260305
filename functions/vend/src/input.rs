//! Query parameters and bodies.

use std::borrow::Cow;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jiff::SignedDuration;
use lambda_http::Request;
use serde::de::DeserializeOwned;
use url::form_urlencoded;

use crate::error::Error;

/// `min_ttl` of a request that has none: 5 minutes.
pub(crate) const DEFAULT_MIN_TTL: SignedDuration = SignedDuration::from_mins(5);
/// Greatest `min_ttl`, in seconds: 7 days, half of the life of Webex's tokens.
const MAX_MIN_TTL: i64 = 604_800;
/// Most edits by which an unknown parameter differs from a known one that was probably meant.
const MAX_TYPO: usize = 2;
/// Longest accepted body: twice 256 characters, each escaped as two surrogates, and the field names.
const MAX_BODY_BYTES: usize = 8 * 1024;

/// Reads `min_ttl`.
pub(crate) fn min_ttl(request: &Request) -> Result<SignedDuration, Error> {
    let Some(text) = single_parameter(request, "min_ttl")? else {
        return Ok(DEFAULT_MIN_TTL);
    };
    // `parse` alone would accept a sign.
    if text.bytes().all(|c| c.is_ascii_digit())
        && let Ok(seconds) = text.parse()
        && seconds <= MAX_MIN_TTL
    {
        return Ok(SignedDuration::from_secs(seconds));
    }
    Err(Error::InvalidParameter(format!("min_ttl must be a whole number from 0 to {MAX_MIN_TTL}")))
}

/// Reads `next`, which an earlier page gave, as the cursor of the store.
pub(crate) fn next(request: &Request) -> Result<Option<String>, Error> {
    let Some(next) = single_parameter(request, "next")? else {
        return Ok(None);
    };
    if let Ok(cursor) = URL_SAFE_NO_PAD.decode(next.as_bytes())
        && let Ok(cursor) = String::from_utf8(cursor)
    {
        return Ok(Some(cursor));
    }
    Err(Error::InvalidParameter("next does not come from an earlier page".to_owned()))
}

/// The `next` for a cursor of the store. Callers can put it into a URL as it is.
pub(crate) fn next_of(cursor: &str) -> String {
    URL_SAFE_NO_PAD.encode(cursor)
}

/// The value of the endpoint's only parameter, which may occur once. A parameter that looks like it is an error, because
/// the caller would get another answer than it asked for; other unknown parameters are ignored.
fn single_parameter<'a>(request: &'a Request, name: &str) -> Result<Option<Cow<'a, str>>, Error> {
    let query = request.uri().query().unwrap_or_default();
    let mut found = None;
    for (key, value) in form_urlencoded::parse(query.as_bytes()) {
        if key == name {
            if found.is_some() {
                return Err(Error::InvalidParameter(format!("{name} occurs more than once")));
            }
            found = Some(value);
        } else if is_typo(&key, name) {
            return Err(Error::InvalidParameter(format!("unknown parameter; did you mean {name}?")));
        }
    }
    Ok(found)
}

fn is_typo(key: &str, name: &str) -> bool {
    // The distance takes time in proportion to the length.
    key.len() <= 2 * name.len() && strsim::damerau_levenshtein(&key.to_ascii_lowercase(), name) <= MAX_TYPO
}

/// Reads the body, a JSON object. The error describes what is expected and does not quote the body.
pub(crate) fn json_body<T: DeserializeOwned>(request: &Request, expected: &'static str) -> Result<T, Error> {
    let body: &[u8] = request.body();
    // serde would read a struct from an array too, field by field.
    let is_object = body.trim_ascii_start().starts_with(b"{");
    if !is_object || body.len() > MAX_BODY_BYTES {
        return Err(Error::InvalidBody(expected));
    }
    serde_json::from_slice(body).map_err(|_| Error::InvalidBody(expected))
}

#[cfg(test)]
mod tests {
    use super::*;
    use lambda_http::Body;

    fn request(query: &str, body: &str) -> Request {
        let request = lambda_http::http::Request::get(format!("/x{query}"));
        request.body(Body::from(body)).unwrap()
    }

    fn seconds(query: &str) -> Option<i64> {
        min_ttl(&request(query, "")).ok().map(|ttl| ttl.as_secs())
    }

    #[test]
    fn min_ttl_is_a_whole_number_of_seconds_up_to_a_week() {
        let good = [
            ("", 300),
            ("?min_ttl=0", 0),
            ("?min_ttl=604800", 604_800),
            ("?x=1&min_ttl=007", 7),
            ("?ttl=9", 300),
            ("?other=1", 300),
        ];
        for (query, expected) in good {
            assert_eq!(seconds(query), Some(expected), "{query}");
        }
        for bad in [
            "?min_ttl=",
            "?min_ttl=-1",
            "?min_ttl=+1",
            "?min_ttl=%2B1",
            "?min_ttl=604801",
            "?min_ttl=1.5",
            "?min_ttl=5s",
            "?min_ttl=99999999999999999999",
            "?min_ttl=1&min_ttl=1",
            "?minttl=1",
            "?min-ttl=1",
            "?minTtl=1",
            "?MIN_TTL=1",
            "?min_tll=1",
            "?min_ttl=1&mim_ttl=1",
        ] {
            assert_eq!(seconds(bad), None, "{bad}");
        }
    }

    #[test]
    fn json_body_accepts_small_objects_only() {
        let is_accepted = |text: &str| json_body::<serde_json::Value>(&request("", text), "JSON").is_ok();
        assert!(is_accepted("{}"));
        assert!(is_accepted(" \n{}"));
        assert!(!is_accepted(""));
        assert!(!is_accepted("{"));
        assert!(!is_accepted("[]"));
        assert!(!is_accepted(&format!("{{\"a\":\"{}\"}}", "a".repeat(MAX_BODY_BYTES))));
    }

    #[test]
    fn misspelt_next_is_refused() {
        for bad in ["?nxt=YQ", "?Next=YQ", "?nextt=YQ"] {
            assert!(next(&request(bad, "")).is_err(), "{bad}");
        }
        for good in ["?cursor=a", "?limit=1", "?x"] {
            assert!(next(&request(good, "")).is_ok(), "{good}");
        }
    }

    #[test]
    fn next_is_url_safe_and_comes_back_as_the_cursor() {
        for cursor in ["b.a+b/c==", "l.~?&#%", "b.é"] {
            let text = next_of(cursor);
            assert!(text.bytes().all(|c| c.is_ascii_alphanumeric() || c == b'-' || c == b'_'), "{text}");
            assert_eq!(next(&request(&format!("?next={text}"), "")).unwrap().as_deref(), Some(cursor));
        }
        assert!(next(&request("", "")).unwrap().is_none());
        for bad in ["?next=a", "?next=b.x", "?next=%00", "?next=_w"] {
            assert!(next(&request(bad, "")).is_err(), "{bad}");
        }
    }
}
