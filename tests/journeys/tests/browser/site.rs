//! What a Function URL does: HTTP in, an event for the function, its answer out.

use std::sync::Arc;

use axum::Router;
use axum::body::{Body, Bytes};
use axum::extract::State;
use axum::http::{HeaderMap, Method, Uri};
use axum::response::Response;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use consent::Consent;
use serde_json::{Map, Value, json};
use tokio::net::TcpListener;

use crate::harness::TestClock;

type Function = Arc<Consent<TestClock>>;

/// Serves `function`, to which every request comes from `source`.
pub(super) fn serve(listener: TcpListener, function: Consent<TestClock>, source: &'static str) {
    let router = Router::new().fallback(receive).with_state((Arc::new(function), source));
    tokio::spawn(async move { axum::serve(listener, router).await });
}

async fn receive(
    State((function, source)): State<(Function, &'static str)>,
    method: Method,
    uri: Uri,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let event = event(&method, &uri, &headers, &body, source);
    let request = lambda_http::request::from_str(&event.to_string()).unwrap();
    let (parts, body) = function.handle(request).await.into_parts();
    let mut response = Response::new(Body::from(body.to_vec()));
    *response.status_mut() = parts.status;
    *response.headers_mut() = parts.headers;
    response
}

fn event(method: &Method, uri: &Uri, headers: &HeaderMap, body: &[u8], source: &str) -> Value {
    let text = |name: &str| headers.get(name).and_then(|value| value.to_str().ok());
    let cookies: Vec<_> = text("cookie").unwrap_or_default().split("; ").filter(|pair| !pair.is_empty()).collect();
    let headers: Map<_, _> =
        headers.keys().filter_map(|name| Some((name.to_string(), json!(text(name.as_str())?)))).collect();
    json!({
        "version": "2.0", "routeKey": "$default", "rawPath": uri.path(), "rawQueryString": uri.query().unwrap_or_default(),
        "headers": headers, "cookies": cookies, "body": STANDARD.encode(body), "isBase64Encoded": true,
        "requestContext": {"stage": "$default", "domainName": "localhost",
            "http": {"method": method.as_str(), "path": uri.path(), "protocol": "HTTP/1.1", "sourceIp": source}},
    })
}
