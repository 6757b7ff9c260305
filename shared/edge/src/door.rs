//! What the functions that face HTTP have in common.

use std::future::Future;

use broker_core::clock::Deadline;
use jiff::{SignedDuration, Timestamp};
use lambda_http::aws_lambda_events::apigw::ApiGatewayV2httpRequestContext;
use lambda_http::http::header::{CACHE_CONTROL, CONTENT_TYPE};
use lambda_http::http::{HeaderValue, StatusCode};
use lambda_http::request::RequestContext;
use lambda_http::{Body, Request, RequestExt, Response};
use percent_encoding::percent_decode_str;
use serde::Serialize;

/// An HTTP function. Whatever goes wrong is an answer.
pub trait Door: Send + Sync {
    /// Answers one request.
    fn handle(&self, request: Request) -> impl Future<Output = Response<Body>> + Send;
}

/// The segments of the path, percent-decoded, without the API's stage: `/prod/webhooks/a` of stage `prod` is
/// `["webhooks", "a"]`, as are `/webhooks/a` of a Function URL and what `cargo lambda watch` leaves of
/// `/lambda-url/webhook/webhooks/a`.
pub fn segments(request: &Request) -> Vec<String> {
    let raw = request.raw_http_path();
    let path = if raw.is_empty() { request.uri().path() } else { raw };
    let mut parts: Vec<&str> = path.trim_start_matches('/').split('/').collect();
    if named_stage(request).is_some_and(|stage| parts.first() == Some(&stage)) {
        parts.remove(0);
    }
    let decode = |part| percent_decode_str(part).decode_utf8_lossy().into_owned();
    parts.into_iter().map(decode).collect()
}

fn named_stage(request: &Request) -> Option<&str> {
    context(request)?.stage.as_deref().filter(|stage| *stage != "$default")
}

/// What the gateway says about the request.
pub fn context(request: &Request) -> Option<&ApiGatewayV2httpRequestContext> {
    match request.request_context_ref() {
        Some(RequestContext::ApiGatewayV2(context)) => Some(context),
        _ => None,
    }
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
    // Our answers are structs of strings and numbers, which always serialise.
    let body = serde_json::to_string(value).unwrap_or_default();
    answer(status, "application/json", body)
}

/// An answer with a body that nobody may store.
pub fn answer(status: StatusCode, content_type: &'static str, body: String) -> Response<Body> {
    let mut response = Response::new(Body::Text(body));
    *response.status_mut() = status;
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static(content_type));
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}

#[cfg(test)]
mod tests {
    use super::*;

    fn request(path: &str, stage: &str) -> Request {
        let event = serde_json::json!({
            "version": "2.0", "rawPath": path, "rawQueryString": "", "headers": {"host": "x.example"},
            "requestContext": {"stage": stage, "http": {"method": "POST", "path": path}},
            "isBase64Encoded": false,
        });
        lambda_http::request::from_str(&event.to_string()).unwrap()
    }

    #[test]
    fn a_path_is_the_same_wherever_it_came_in() {
        assert_eq!(
            segments(&request("/webhooks/reports", "$default")),
            ["webhooks", "reports"]
        );
        assert_eq!(
            segments(&request("/prod/webhooks/reports", "prod")),
            ["webhooks", "reports"]
        );
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
    fn a_request_built_by_hand_has_its_uris_path() {
        let request = lambda_http::http::Request::get("http://x/healthz")
            .body(Body::Empty)
            .unwrap();
        assert_eq!(segments(&request), ["healthz"]);
        assert!(context(&request).is_none());
    }
}
