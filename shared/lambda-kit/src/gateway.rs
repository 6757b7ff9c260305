//! A door behind its gateway: from an [`Event`] to a [`Request`], and from the [`Response`] to what the gateway makes an
//! answer of.
//!
//! Ours instead of `lambda_http`'s adapter, whose types these are. That one builds a URL of whatever the event holds and
//! panics if it is none: a `"` in the query or a blank in the `Host` header would end the process, and anybody can send
//! those. It also reads each event twice and copies each answer once more.

use std::convert::Infallible;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use lambda_http::aws_lambda_events::apigw::ApiGatewayV2httpResponse;
use lambda_http::http::header::{COOKIE, SET_COOKIE};
use lambda_http::http::{HeaderValue, Uri};
use lambda_http::{Body, BoxFuture, LambdaEvent, Request, RequestExt as _, Response, Service, service_fn};
use percent_encoding::{AsciiSet, CONTROLS, utf8_percent_encode};

use crate::event::Event;
use crate::http_function::HttpFunction;

/// What a path cannot hold as it is (RFC 3986 section 3.3); all that is not ASCII is escaped as well.
const NOT_IN_A_PATH: &AsciiSet = &NOT_IN_A_QUERY.add(b'?');
/// The same of a query (section 3.4).
const NOT_IN_A_QUERY: &AsciiSet = &CONTROLS
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

/// `door` as the runtime's client takes it. Its futures are boxed: the client wraps them deeper than the compiler follows.
pub fn service<D: HttpFunction>(
    door: &D,
) -> impl Service<LambdaEvent<Event>, Response = ApiGatewayV2httpResponse, Error = Infallible, Future: Send> {
    service_fn(|event| -> BoxFuture<'_, _> { Box::pin(async { Ok(answer(door.handle(request(event)).await)) }) })
}

/// The request that an event tells of. Its URI has no host: the `Host` header may say anything. What the gateway says
/// is an extension, [`Gateway`](crate::event::Gateway).
pub fn request(event: LambdaEvent<Event>) -> Request {
    let LambdaEvent { payload: event, context } = event;
    let mut request = Request::new(body(event.body, event.is_base64));
    *request.method_mut() = event.method;
    *request.uri_mut() = uri(&event.path, &event.query);
    *request.headers_mut() = event.headers;
    // Gateways take them out of the headers.
    if let Some(cookies) = HeaderValue::try_from(event.cookies.join("; ")).ok().filter(|cookies| !cookies.is_empty()) {
        request.headers_mut().insert(COOKIE, cookies);
    }
    request.extensions_mut().insert(event.gateway);
    request.with_lambda_context(context)
}

/// A body as it was sent. What is said to be base64 and is not was no gateway's, and is nobody's body.
fn body(text: String, is_base64: bool) -> Body {
    if is_base64 { STANDARD.decode(text).map_or(Body::Empty, Body::Binary) } else { Body::Text(text) }
}

/// Path and query, escaped where they are no URI's; `/` alone if that is too long for one: 64 KiB, many times what gateways
/// take.
fn uri(path: &str, query: &str) -> Uri {
    let path = utf8_percent_encode(path.trim_start_matches('/'), NOT_IN_A_PATH);
    let query = utf8_percent_encode(query, NOT_IN_A_QUERY);
    Uri::try_from(format!("/{path}?{query}")).unwrap_or_default()
}

/// What the gateway makes an answer of. It wants cookies beside the headers.
fn answer(response: Response<Body>) -> ApiGatewayV2httpResponse {
    let (mut parts, body) = response.into_parts();
    let mut answer = ApiGatewayV2httpResponse::default();
    let cookies = parts.headers.get_all(SET_COOKIE).iter().filter_map(|cookie| cookie.to_str().ok());
    answer.cookies = cookies.map(str::to_owned).collect();
    parts.headers.remove(SET_COOKIE);
    answer.headers = parts.headers;
    answer.status_code = i64::from(parts.status.as_u16());
    answer.is_base64_encoded = matches!(body, Body::Binary(_));
    answer.body = Some(body).filter(|body| !matches!(body, Body::Empty));
    answer
}

#[cfg(test)]
#[path = "gateway_tests.rs"]
pub(crate) mod tests;
