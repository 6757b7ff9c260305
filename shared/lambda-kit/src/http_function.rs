//! What functions with an HTTP front share.

use std::borrow::Cow;
use std::future::Future;
use std::net::IpAddr;

use broker_core::clock::Deadline;
use jiff::{SignedDuration, Timestamp};
use lambda_http::http::header::{CACHE_CONTROL, CONTENT_TYPE, HOST};
use lambda_http::http::{HeaderMap, HeaderValue, StatusCode};
use lambda_http::{Body, Request, RequestExt, Response};
use percent_encoding::percent_decode_str;
use serde::Serialize;

use crate::config::is_loopback;
use crate::http_event::RequestContext;

/// Initial capacity of a JSON body; enough for an answer with a token.
const BODY_CAPACITY: usize = 512;

/// Headers that proxies and tunnels add.
const PROXY_HEADERS: [&str; 5] = ["forwarded", "via", "x-forwarded-for", "x-forwarded-host", "x-real-ip"];

/// Shared by all responses: cloning a static header value allocates nothing.
static NO_STORE: HeaderValue = HeaderValue::from_static("no-store");

/// A function with an HTTP front. Every failure is a response.
pub trait HttpFunction: Send + Sync {
    /// Answers one request.
    fn handle(&self, request: Request) -> impl Future<Output = Response<Body>> + Send;

    /// Opens the connections that the first request needs. Lambda gives a start a whole processor, and the first request
    /// the share of its memory. Called once, before the first request; given up after 200 ms, and without a failure.
    fn connect(&self) -> impl Future<Output = ()> + Send {
        std::future::ready(())
    }
}

/// The segments of the path, percent-decoded, without the stage of the API: `/prod/webhooks/a` of the stage `prod` is
/// `["webhooks", "a"]`, as is `/webhooks/a` of a Function URL or of `cargo lambda watch`. A slash at the end makes no
/// difference.
pub fn segments(request: &Request) -> Vec<Cow<'_, str>> {
    let path = request.uri().path().trim_start_matches('/');
    let path = without_stage(request, path);
    path.strip_suffix('/').unwrap_or(path).split('/').map(decode).collect()
}

fn without_stage<'a>(request: &Request, path: &'a str) -> &'a str {
    let Some(stage) = gateway(request).and_then(|context| context.stage.as_deref()) else {
        return path;
    };
    match path.strip_prefix(stage).and_then(|rest| rest.strip_prefix('/')) {
        Some(rest) if stage != "$default" => rest,
        _ => path,
    }
}

fn decode(segment: &str) -> Cow<'_, str> {
    // Nearly no segment is escaped, and the check is cheaper than decoding.
    if segment.contains('%') { percent_decode_str(segment).decode_utf8_lossy() } else { Cow::Borrowed(segment) }
}

/// The facts that the gateway added to the request; `None` for a request that came through no gateway.
pub fn gateway(request: &Request) -> Option<&RequestContext> {
    request.extensions().get()
}

/// Whether a client on this machine sent the request, to a name of this machine, without a proxy or tunnel between.
///
/// Lambda sets the source address itself and never to a loopback address. `cargo lambda watch` sets 127.0.0.1 for every
/// client, so that the `Host` header must name this machine too: a page of another site, open in a browser on this
/// machine, cannot forge it.
pub fn is_from_this_machine(request: &Request) -> bool {
    let headers = request.headers();
    has_loopback_source(request) && names_loopback_host(headers) && proxy_header(headers).is_none()
}

/// A header that a proxy or a tunnel has added, if there is one.
pub fn proxy_header(headers: &HeaderMap) -> Option<&'static str> {
    PROXY_HEADERS.into_iter().find(|name| headers.contains_key(*name))
}

fn has_loopback_source(request: &Request) -> bool {
    let Some(source) = gateway(request).and_then(|context| context.source_ip.as_deref()) else {
        return false;
    };
    match source.parse::<IpAddr>() {
        Ok(address) => address.to_canonical().is_loopback(),
        Err(_) => false,
    }
}

fn names_loopback_host(headers: &HeaderMap) -> bool {
    let Some(host) = headers.get(HOST).and_then(|host| host.to_str().ok()) else {
        return false;
    };
    !host.contains(['@', '/', '?', '#']) && is_loopback(&format!("http://{host}/"))
}

/// When `request` must be answered; see [`crate::clock::deadline`].
pub fn deadline(request: &Request, now: Timestamp, time_out: SignedDuration) -> Deadline {
    match request.lambda_context_ref() {
        Some(context) => crate::clock::deadline(context, now, time_out),
        None => Deadline::at(now + time_out),
    }
}

/// A JSON response, not to be stored by any cache.
pub fn json(status: StatusCode, value: &impl Serialize) -> Response<Body> {
    let mut body = Vec::with_capacity(BODY_CAPACITY);
    // Our answers are structs of strings and numbers. They always serialise, and JSON is UTF-8.
    let _ = serde_json::to_writer(&mut body, value);
    answer(status, "application/json", String::from_utf8(body).unwrap_or_default())
}

/// A response with a body, not to be stored by any cache.
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
    use crate::gateway::tests::to_request;

    fn request(path: &str, stage: &str) -> Request {
        let event = serde_json::json!({
            "version": "2.0", "rawPath": path, "rawQueryString": "", "headers": {"host": "x.example"},
            "requestContext": {"stage": stage, "http": {"method": "POST", "path": path}},
            "isBase64Encoded": false,
        });
        to_request(event)
    }

    #[test]
    fn segments_leave_out_the_stage() {
        assert_eq!(segments(&request("/webhooks/reports", "$default")), ["webhooks", "reports"]);
        assert_eq!(segments(&request("/prod/webhooks/reports", "prod")), ["webhooks", "reports"]);
        assert_eq!(segments(&request("/webhooks/reports", "prod")), ["webhooks", "reports"]);
    }

    #[test]
    fn segments_are_decoded_once() {
        assert_eq!(segments(&request("/a/b%3D%3D", "$default")), ["a", "b=="]);
        assert_eq!(segments(&request("/a%2Fb/%253D", "$default")), ["a/b", "%3D"]);
        assert_eq!(segments(&request("/a/", "$default")), ["a"]);
        assert_eq!(segments(&request("/a//", "$default")), ["a", ""]);
        assert_eq!(segments(&request("/", "$default")), [""]);
    }

    #[test]
    fn this_machine_needs_loopback_source_and_host() {
        let is_local = |source: &str, headers: serde_json::Value| {
            let event = serde_json::json!({
                "version": "2.0", "rawPath": "/", "rawQueryString": "", "headers": headers, "isBase64Encoded": false,
                "requestContext": {"stage": "$default", "domainName": "localhost",
                    "http": {"method": "GET", "path": "/", "sourceIp": source}},
            });
            is_from_this_machine(&to_request(event))
        };
        let host = |host: &str| serde_json::json!({"host": host});
        assert!(is_local("127.0.0.1", host("localhost:9000")));
        assert!(is_local("::1", host("[::1]:9000")));
        assert!(is_local("::ffff:127.0.0.1", host("127.0.0.1")));
        assert!(!is_local("203.0.113.7", host("localhost")));
        assert!(!is_local("", host("localhost")));
        assert!(!is_local("127.0.0.1", serde_json::json!({})));
        for other in ["192.168.1.5:9000", "abc.lambda-url.eu-central-1.on.aws", "localhost.evil.example", "a@localhost"]
        {
            assert!(!is_local("127.0.0.1", host(other)), "{other}");
        }
        for header in ["x-forwarded-for", "forwarded", "via", "x-forwarded-host"] {
            let tunnel = serde_json::json!({"host": "localhost", header: "203.0.113.7"});
            assert!(!is_local("127.0.0.1", tunnel), "{header}");
        }
    }

    #[test]
    fn request_without_a_gateway_has_the_path_of_its_uri() {
        let request = lambda_http::http::Request::get("http://x/healthz").body(Body::Empty).unwrap();
        assert_eq!(segments(&request), ["healthz"]);
        assert!(gateway(&request).is_none());
    }
}
