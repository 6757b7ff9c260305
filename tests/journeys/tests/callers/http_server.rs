//! What stands in front of a function: HTTP in, events as Lambda makes them, HTTP out. A signature that holds becomes an
//! IAM identity, one that does not is refused as AWS refuses it, and without one there is none.

use std::sync::Arc;

use axum::Router;
use axum::body::{Body, Bytes};
use axum::extract::State;
use axum::http::{HeaderMap, Method, Uri};
use axum::response::Response;
use jiff::SignedDuration;
use serde_json::{Value, json};
use tokio::net::TcpListener;

use super::sigv4::Signed;
use crate::harness::{Deployment, event, to_request};

/// What a request takes of the deployment's time.
const BETWEEN_REQUESTS: SignedDuration = SignedDuration::from_millis(10);

/// Listens on loopback in front of the deployment's vend, and says where.
pub(super) async fn start(world: Arc<Deployment>) -> String {
    let router = Router::new().fallback(pass).with_state(world);
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    tokio::spawn(async move { axum::serve(listener, router).await });
    url
}

async fn pass(
    State(world): State<Arc<Deployment>>,
    method: Method,
    uri: Uri,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let (path, query) = (uri.path(), uri.query().unwrap_or_default());
    let signed = Signed { method: method.as_str(), path, query, headers: &headers, body: &body };
    let is_signed = headers.get("authorization").is_some_and(|value| value.as_bytes().starts_with(b"AWS4-"));
    let arn = if is_signed { signed.signer() } else { None };
    if is_signed && arn.is_none() {
        return Response::builder().status(403).body(Body::from(r#"{"Message":"Forbidden"}"#)).unwrap();
    }
    // Time passes, so that a caller who never stops is not throttled for ever.
    world.wait(BETWEEN_REQUESTS);
    let event = event_of(&method, path, query, &headers, &body, arn);
    let (parts, body) = world.vend.handle(to_request(&event)).await.into_parts();
    Response::from_parts(parts, Body::from(body.to_vec()))
}

fn event_of(method: &Method, path: &str, query: &str, headers: &HeaderMap, body: &[u8], arn: Option<&str>) -> Value {
    let mut event = crate::harness::addressed(event("vend-token"), method.as_str(), path, Some(body));
    // Not through `addressed`, which splits at the first question mark of what it takes for one text.
    event["rawQueryString"] = query.into();
    let headers = headers.iter().map(|(name, value)| {
        let value = String::from_utf8_lossy(value.as_bytes()).into_owned();
        (name.as_str().to_owned(), Value::from(value))
    });
    event["headers"] = headers.collect();
    event["requestContext"]["authorizer"] = arn.map_or(Value::Null, |arn| json!({"iam": {"userArn": arn}}));
    event
}
