//! Query parameters and bodies.

use std::borrow::Cow;

use jiff::SignedDuration;
use lambda_http::Request;
use serde::de::DeserializeOwned;
use url::form_urlencoded;

use crate::Refusal;

/// Life that a vended token has at least, if the caller does not say: 5 minutes.
pub(crate) const DEFAULT_MIN_TTL: SignedDuration = SignedDuration::from_mins(5);
/// The most that a caller may ask for, in seconds: 7 days, half of what Webex gives.
const LONGEST_MIN_TTL: i64 = 604_800;
/// The most that is read of a body: twice 256 characters, each escaped as two surrogates, and their names.
const LONGEST_BODY: usize = 8 * 1024;

/// `min_ttl`; unknown parameters are ignored.
pub(crate) fn min_ttl(request: &Request) -> Result<SignedDuration, Refusal> {
    let Some(text) = only(request, "min_ttl")? else {
        return Ok(DEFAULT_MIN_TTL);
    };
    let digits = !text.is_empty() && text.bytes().all(|c| c.is_ascii_digit());
    let seconds = text.parse().ok().filter(|seconds| digits && *seconds <= LONGEST_MIN_TTL);
    let bad = || Refusal::BadParameter(format!("min_ttl must be a whole number from 0 to {LONGEST_MIN_TTL}"));
    seconds.map(SignedDuration::from_secs).ok_or_else(bad)
}

/// `next`, as the page before gave it.
pub(crate) fn next(request: &Request) -> Result<Option<String>, Refusal> {
    Ok(only(request, "next")?.map(Cow::into_owned))
}

/// The value of a parameter that may be there once.
fn only<'a>(request: &'a Request, name: &str) -> Result<Option<Cow<'a, str>>, Refusal> {
    let query = request.uri().query().unwrap_or_default();
    let mut values = form_urlencoded::parse(query.as_bytes()).filter(|(key, _)| key == name);
    let first = values.next().map(|(_, value)| value);
    match values.next() {
        Some(_) => Err(Refusal::BadParameter(format!("{name} is there more than once"))),
        None => Ok(first),
    }
}

/// The body, a JSON object. What is wrong with it is said without quoting it.
pub(crate) fn body<T: DeserializeOwned>(request: &Request, expected: &'static str) -> Result<T, Refusal> {
    let body: &[u8] = request.body();
    // serde reads a struct from an array as well, field by field in their order.
    let is_object = body.trim_ascii_start().starts_with(b"{");
    let read = (is_object && body.len() <= LONGEST_BODY).then(|| serde_json::from_slice(body).ok());
    read.flatten().ok_or(Refusal::BadBody(expected))
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
        let good = [("", 300), ("?min_ttl=0", 0), ("?min_ttl=604800", 604_800), ("?x=1&min_ttl=007", 7)];
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
        ] {
            assert_eq!(seconds(bad), None, "{bad}");
        }
    }

    #[test]
    fn a_body_is_a_small_json_object() {
        let read = |text: &str| body::<serde_json::Value>(&request("", text), "JSON").is_ok();
        assert!(read("{}"));
        assert!(!read(""));
        assert!(read(" \n{}"));
        assert!(!read("{"));
        assert!(!read("[]"));
        assert!(!read(&format!("{{\"a\":\"{}\"}}", "a".repeat(LONGEST_BODY))));
    }

    #[test]
    fn next_is_passed_on_as_it_was_given() {
        assert_eq!(next(&request("?next=a%2Bb%3D", "")).unwrap().as_deref(), Some("a+b="));
        assert!(next(&request("", "")).unwrap().is_none());
    }
}
