//! Does what a Function URL does: turns an HTTP request into an event for the function, and its answer into a response.

use std::sync::Arc;

use axum::Router;
use axum::body::{Body, Bytes};
use axum::extract::State;
use axum::http::{HeaderMap, Method, Uri};
use axum::response::Response;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use consent::Consent;
use lambda_http::{Context, LambdaEvent, Service as _};
use serde_json::{Map, Value, json};
use tokio::net::TcpListener;

use crate::harness::ManualClock;

type Function = Arc<Consent<ManualClock>>;

/// Serves `function`. Every request seems to come from the address `source`.
pub(super) fn serve(listener: TcpListener, function: Consent<ManualClock>, source: &'static str) {
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
    let event = LambdaEvent { payload: serde_json::from_value(event).unwrap(), context: Context::default() };
    let answer = lambda_kit::gateway::service(&*function).call(event).await.unwrap();
    let mut response = Response::new(Body::from(answer.body.map(|body| body.to_vec()).unwrap_or_default()));
    *response.status_mut() = u16::try_from(answer.status_code).unwrap().try_into().unwrap();
    *response.headers_mut() = answer.headers;
    for cookie in answer.cookies {
        response.headers_mut().append("set-cookie", cookie.try_into().unwrap());
    }
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
