//! Converts the event of a gateway into a [`Request`], and the [`Response`] into the gateway's payload format 2.0.
//!
//! Replaces the adapter of `lambda_http`, whose types these are. The adapter builds a URL from the event and panics if it
//! is invalid: a `"` in the query or a blank in the `Host` header would end the process, and any client can send those.
//! The adapter also parses each event twice and copies each response once more.

use std::convert::Infallible;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use lambda_http::aws_lambda_events::apigw::ApiGatewayV2httpResponse;
use lambda_http::http::header::{COOKIE, SET_COOKIE};
use lambda_http::http::{HeaderValue, Uri};
use lambda_http::{Body, BoxFuture, LambdaEvent, Request, RequestExt as _, Response, Service, service_fn};
use percent_encoding::{AsciiSet, CONTROLS, utf8_percent_encode};

use crate::http_event::HttpEvent;
use crate::http_function::HttpFunction;

/// Characters that a path escapes (RFC 3986 section 3.3). Characters outside ASCII are always escaped.
const ESCAPED_IN_PATH: &AsciiSet = &ESCAPED_IN_QUERY.add(b'?');
/// Characters that a query escapes (RFC 3986 section 3.4).
const ESCAPED_IN_QUERY: &AsciiSet = &CONTROLS
    .add(b' ')
    .add(b'"')
    .add(b'<')
    .add(b'>')
    .add(b'#')
    .add(b'\\')
    .add(b'^')
    .add(b'`')
    .add(b'{')
    .add(b'|')
    .add(b'}');

/// Wraps `function` as a service for the runtime client. Its futures are boxed, because the client nests them deeper than
/// the compiler can lay out.
pub fn service<F: HttpFunction>(
    function: &F,
) -> impl Service<LambdaEvent<HttpEvent>, Response = ApiGatewayV2httpResponse, Error = Infallible, Future: Send> {
    service_fn(|event| -> BoxFuture<'_, _> {
        Box::pin(async {
            let response = function.handle(request(event)).await;
            Ok(to_payload(response))
        })
    })
}

/// Converts an event into a request. The URI has no host, because a client can set the `Host` header to anything. The
/// [`RequestContext`](crate::http_event::RequestContext) is an extension of the request.
pub fn request(event: LambdaEvent<HttpEvent>) -> Request {
    let LambdaEvent { payload: event, context } = event;
    let mut request = Request::new(body(event.body, event.is_base64));
    *request.method_mut() = event.method;
    *request.uri_mut() = uri(&event.path, &event.query);
    *request.headers_mut() = event.headers;
    // A gateway moves cookies from the headers to a list.
    if !event.cookies.is_empty()
        && let Ok(cookies) = HeaderValue::try_from(event.cookies.join("; "))
    {
        request.headers_mut().insert(COOKIE, cookies);
    }
    request.extensions_mut().insert(event.context);
    request.with_lambda_context(context)
}

/// The body as the client sent it. Invalid base64 does not come from a gateway and counts as an empty body.
fn body(text: String, is_base64: bool) -> Body {
    if !is_base64 {
        return Body::Text(text);
    }
    match STANDARD.decode(text) {
        Ok(bytes) => Body::Binary(bytes),
        Err(_) => Body::Empty,
    }
}

/// Path and query, escaped where necessary; `/` if they exceed the 64 KiB of a URI, many times the limit of a gateway.
fn uri(path: &str, query: &str) -> Uri {
    let path = utf8_percent_encode(path.trim_start_matches('/'), ESCAPED_IN_PATH);
    let query = utf8_percent_encode(query, ESCAPED_IN_QUERY);
    Uri::try_from(format!("/{path}?{query}")).unwrap_or_default()
}

/// Converts a response into the gateway's payload format 2.0, which has cookies beside the headers.
fn to_payload(response: Response<Body>) -> ApiGatewayV2httpResponse {
    let (mut parts, body) = response.into_parts();
    let mut payload = ApiGatewayV2httpResponse::default();
    for cookie in parts.headers.get_all(SET_COOKIE) {
        if let Ok(cookie) = cookie.to_str() {
            payload.cookies.push(cookie.to_owned());
        }
    }
    parts.headers.remove(SET_COOKIE);
    payload.headers = parts.headers;
    payload.status_code = i64::from(parts.status.as_u16());
    payload.is_base64_encoded = matches!(body, Body::Binary(_));
    if !matches!(body, Body::Empty) {
        payload.body = Some(body);
    }
    payload
}

#[cfg(test)]
pub(crate) mod tests;
