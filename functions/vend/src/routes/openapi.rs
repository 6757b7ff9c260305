//! `GET /openapi.json`.

use lambda_http::http::StatusCode;
use lambda_http::{Body, Response};
use lambda_kit::http_function;

/// The contract of this function as an OpenAPI document.
const DOCUMENT: &str = include_str!("../../openapi.json");

/// Answers with the document.
pub(crate) fn handle() -> Response<Body> {
    http_function::answer(StatusCode::OK, "application/json", DOCUMENT.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::Value;

    #[test]
    fn document_describes_every_endpoint() {
        let document: Value = serde_json::from_str(DOCUMENT).unwrap();
        let paths = document["paths"].as_object().unwrap();
        for path in [
            "/healthz",
            "/openapi.json",
            "/v1/apps/{app}/grants",
            "/v1/apps/{app}/grants/{subject}/token",
            "/v1/apps/{app}/grants/{subject}/token/rejected",
            "/v1/apps/{app}/grants/{subject}/guests",
        ] {
            assert!(paths.contains_key(path), "{path}");
        }
    }

    #[test]
    fn document_references_exist() {
        let document: Value = serde_json::from_str(DOCUMENT).unwrap();
        for (at, _) in DOCUMENT.match_indices("\"#/") {
            let pointer = DOCUMENT[at + 2..].split('"').next().unwrap();
            assert!(document.pointer(pointer).is_some(), "{pointer}");
        }
    }
}
