//! What the functions that face HTTP have in common.

use std::borrow::Cow;
use std::future::Future;
use std::net::IpAddr;

use broker_core::clock::Deadline;
use jiff::{SignedDuration, Timestamp};
use lambda_http::http::header::{CACHE_CONTROL, CONTENT_TYPE, HOST};
use lambda_http::http::{HeaderValue, StatusCode};
use lambda_http::{Body, Request, RequestExt, Response};
use percent_encoding::percent_decode_str;
use serde::Serialize;

use crate::config::is_loopback;
use crate::event::Gateway;

/// Room for an answer with a token, so that it is made in one piece.
const USUAL_ANSWER: usize = 512;
static NO_STORE: HeaderValue = HeaderValue::from_static("no-store");

/// An HTTP function. Whatever goes wrong is an answer.
pub trait HttpFunction: Send + Sync {
    /// Answers one request.
    fn handle(&self, request: Request) -> impl Future<Output = Response<Body>> + Send;
}

/// The segments of the path, percent-decoded, without the API's stage: `/prod/webhooks/a` of stage `prod` is
/// `["webhooks", "a"]`, as are `/webhooks/a` of a Function URL and what `cargo lambda watch` leaves of
/// `/lambda-url/webhook/webhooks/a`.
pub fn segments(request: &Request) -> Vec<Cow<'_, str>> {
    let path = request.uri().path().trim_start_matches('/');
    let staged = named_stage(request).and_then(|stage| path.strip_prefix(stage)?.strip_prefix('/'));
    staged.unwrap_or(path).split('/').map(decoded).collect()
}

fn decoded(part: &str) -> Cow<'_, str> {
    // Nearly all are as they are meant, and asking is cheaper than decoding them.
    if part.contains('%') { percent_decode_str(part).decode_utf8_lossy() } else { Cow::Borrowed(part) }
}

fn named_stage(request: &Request) -> Option<&str> {
    gateway(request)?.stage.as_deref().filter(|stage| *stage != "$default")
}

/// What the gateway says about the request; nothing, if it came through none.
pub fn gateway(request: &Request) -> Option<&Gateway> {
    request.extensions().get()
}

/// Whether the request comes from this machine, to a name of this machine, and through nobody.
///
/// Lambda writes the source address itself and never a loopback one. `cargo lambda watch` writes 127.0.0.1 whoever asks,
/// so that the `Host` header must say the same (another site's page in our browser cannot make it) and no proxy or tunnel
/// may have passed the request on.
pub fn is_from_this_machine(request: &Request) -> bool {
    let source = gateway(request).and_then(|gateway| gateway.source_ip.as_deref());
    let source = source.and_then(|ip| ip.parse::<IpAddr>().ok());
    let host = request.headers().get(HOST).and_then(|host| host.to_str().ok());
    let passed_on = ["forwarded", "via", "x-forwarded-for", "x-forwarded-host", "x-real-ip"];
    source.is_some_and(|ip| ip.to_canonical().is_loopback())
        && host.is_some_and(|host| !host.contains(['@', '/', '?', '#']) && is_loopback(&format!("http://{host}/")))
        && !passed_on.iter().any(|name| request.headers().contains_key(*name))
}

/// The moment by which `request` must be answered; see [`crate::clock::deadline`].
pub fn deadline(request: &Request, now: Timestamp, configured: SignedDuration) -> Deadline {
    match request.lambda_context_ref() {
        Some(context) => crate::clock::deadline(context, now, configured),
        None => Deadline::at(now + configured),
    }
}

/// An answer in JSON that nobody may store.
pub fn json(status: StatusCode, value: &impl Serialize) -> Response<Body> {
    let mut body = Vec::with_capacity(USUAL_ANSWER);
    // Our answers are structs of strings and numbers, which always serialise, and what is serialised is UTF-8.
    let _ = serde_json::to_writer(&mut body, value);
    answer(status, "application/json", String::from_utf8(body).unwrap_or_default())
}

/// An answer with a body that nobody may store.
pub fn answer(status: StatusCode, content_type: &'static str, body: String) -> Response<Body> {
    let mut response = Response::new(Body::Text(body));
    *response.status_mut() = status;
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static(content_type));
    headers.insert(CACHE_CONTROL, NO_STORE.clone());
    response
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::gateway::tests::requested;

    fn request(path: &str, stage: &str) -> Request {
        let event = serde_json::json!({
            "version": "2.0", "rawPath": path, "rawQueryString": "", "headers": {"host": "x.example"},
            "requestContext": {"stage": stage, "http": {"method": "POST", "path": path}},
            "isBase64Encoded": false,
        });
        requested(event)
    }

    #[test]
    fn a_path_is_the_same_wherever_it_came_in() {
        assert_eq!(segments(&request("/webhooks/reports", "$default")), ["webhooks", "reports"]);
        assert_eq!(segments(&request("/prod/webhooks/reports", "prod")), ["webhooks", "reports"]);
        assert_eq!(segments(&request("/webhooks/reports", "prod")), ["webhooks", "reports"]);
    }

    #[test]
    fn segments_are_decoded_once_and_none_are_made_up() {
        assert_eq!(segments(&request("/a/b%3D%3D", "$default")), ["a", "b=="]);
        assert_eq!(segments(&request("/a%2Fb/%253D", "$default")), ["a/b", "%3D"]);
        assert_eq!(segments(&request("/a/", "$default")), ["a", ""]);
        assert_eq!(segments(&request("/", "$default")), [""]);
    }

    #[test]
    fn only_this_machine_asking_itself_is_this_machine() {
        let asked = |source: &str, headers: serde_json::Value| {
            let event = serde_json::json!({
                "version": "2.0", "rawPath": "/", "rawQueryString": "", "headers": headers, "isBase64Encoded": false,
                "requestContext": {"stage": "$default", "domainName": "localhost",
                    "http": {"method": "GET", "path": "/", "sourceIp": source}},
            });
            is_from_this_machine(&requested(event))
        };
        let host = |host: &str| serde_json::json!({"host": host});
        assert!(asked("127.0.0.1", host("localhost:9000")));
        assert!(asked("::1", host("[::1]:9000")));
        assert!(asked("::ffff:127.0.0.1", host("127.0.0.1")));
        assert!(!asked("203.0.113.7", host("localhost")));
        assert!(!asked("", host("localhost")));
        assert!(!asked("127.0.0.1", serde_json::json!({})));
        for other in ["192.168.1.5:9000", "abc.lambda-url.eu-central-1.on.aws", "localhost.evil.example", "a@localhost"]
        {
            assert!(!asked("127.0.0.1", host(other)), "{other}");
        }
        for header in ["x-forwarded-for", "forwarded", "via", "x-forwarded-host"] {
            let tunnel = serde_json::json!({"host": "localhost", header: "203.0.113.7"});
            assert!(!asked("127.0.0.1", tunnel), "{header}");
        }
    }

    #[test]
    fn a_request_built_by_hand_has_its_uris_path() {
        let request = lambda_http::http::Request::get("http://x/healthz").body(Body::Empty).unwrap();
        assert_eq!(segments(&request), ["healthz"]);
        assert!(gateway(&request).is_none());
    }
}
