//! `GET /healthz`.

use lambda_http::http::StatusCode;
use lambda_http::{Body, Response};
use lambda_kit::http_function;
use serde_json::json;

/// Answers without a call to any other service.
pub(crate) fn handle() -> Response<Body> {
    http_function::json(StatusCode::OK, &json!({"status": "ok"}))
}
