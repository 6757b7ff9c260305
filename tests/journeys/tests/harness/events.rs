//! Events as Lambda delivers them, from the files in `events/`, which `cargo lambda invoke --data-file` takes as well.

use std::path::Path;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use lambda_http::{Body, Context, LambdaEvent, Request, Response};
use serde_json::{Value, json};

use super::Answer;

/// The event in `events/{name}.json`.
pub(crate) fn event(name: &str) -> Value {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("events").join(name).with_extension("json");
    serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap()
}

/// The event with another method, path and body. The body is in base64, as API Gateway sends a binary one.
pub(crate) fn addressed(mut event: Value, method: &str, path_and_query: &str, body: Option<&[u8]>) -> Value {
    let (path, query) = path_and_query.split_once('?').unwrap_or((path_and_query, ""));
    event["rawPath"] = path.into();
    event["rawQueryString"] = query.into();
    event["requestContext"]["http"]["path"] = path.into();
    event["requestContext"]["http"]["method"] = method.into();
    if !query.is_empty() {
        let pairs = query.split('&').filter_map(|pair| pair.split_once('='));
        event["queryStringParameters"] = pairs.map(|(name, value)| (name.to_owned(), json!(value))).collect();
    }
    if let Some(body) = body {
        event["body"] = STANDARD.encode(body).into();
        event["isBase64Encoded"] = true.into();
    }
    event
}

/// The event as the request that a handler receives, in the account of the events.
pub(crate) fn to_request(event: &Value) -> Request {
    let mut context = Context::default();
    context.invoked_function_arn.push_str("arn:aws:lambda:eu-central-1:123456789012:function:vend");
    lambda_kit::gateway::request(LambdaEvent { payload: serde_json::from_value(event.clone()).unwrap(), context })
}

/// The handler's response as a caller receives it.
pub(crate) fn answered(response: Response<Body>) -> Answer {
    let (parts, body) = response.into_parts();
    let text = String::from_utf8(body.to_vec()).unwrap();
    Answer { status: parts.status.as_u16(), headers: parts.headers, text }
}
