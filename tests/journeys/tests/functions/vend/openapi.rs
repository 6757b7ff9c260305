//! Checks every answer that a test here receives against openapi.json.

use serde_json::Value;

use super::TestDeployment;
use crate::harness::{Answer, TestRequest};

/// Where an answer stands in the document.
pub(super) type Place = (String, String, u16);

fn document() -> Value {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../functions/vend/openapi.json");
    serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap()
}

/// All operations: path, method, description.
fn operations(document: &Value) -> Vec<(String, String, Value)> {
    let paths = document["paths"].as_object().unwrap();
    let operations = paths.iter().flat_map(|(path, item)| {
        let methods = item.as_object().unwrap().iter();
        methods
            .filter(|(method, _)| ["get", "post", "put", "delete", "patch"].contains(&method.as_str()))
            .map(|(method, operation)| (path.clone(), method.to_uppercase(), operation.clone()))
    });
    operations.collect()
}

/// All answers that the document describes.
pub(super) fn described() -> Vec<Place> {
    let places = operations(&document()).into_iter().flat_map(|(path, method, operation)| {
        let statuses = operation["responses"].as_object().unwrap().keys().cloned().collect::<Vec<_>>();
        statuses.into_iter().map(move |status| (path.clone(), method.clone(), status.parse().unwrap()))
    });
    places.collect()
}

/// Asserts that the document describes this answer to this request, and returns its place. The answer to an unknown path
/// must be 404.
#[track_caller]
pub(super) fn holds(request: &TestRequest, answer: &Answer) -> Option<Place> {
    let document = document();
    let path = request.0["rawPath"].as_str().unwrap();
    let Some((template, method, operation)) =
        operations(&document).into_iter().find(|(template, ..)| fits(template, path))
    else {
        assert_eq!((answer.status, answer.problem()), (404, "not-found".to_owned()), "{path}");
        return None;
    };
    let status = answer.status.to_string();
    let response = resolved(&document, &operation["responses"][&status]);
    assert!(response.is_object(), "{method} {template} may answer {status}: {}", answer.text);
    for header in response["headers"].as_object().into_iter().flat_map(|headers| headers.keys()) {
        assert!(!answer.header(header).is_empty(), "{method} {template} {status} without {header}");
    }
    let content = &response["content"][answer.header("content-type")]["schema"];
    assert!(!content.is_null(), "{method} {template} {status} as {}", answer.header("content-type"));
    matches(&document, content, &answer.json(), "");
    Some((template, method, answer.status))
}

fn fits(template: &str, path: &str) -> bool {
    let (template, path) = (template.split('/').collect::<Vec<_>>(), path.split('/').collect::<Vec<_>>());
    let same = |(known, given): (&&str, &&str)| known.starts_with('{') || known == given;
    template.len() == path.len() && template.iter().zip(&path).all(same)
}

fn resolved<'d>(document: &'d Value, value: &'d Value) -> &'d Value {
    match value["$ref"].as_str() {
        Some(pointer) => document.pointer(pointer.trim_start_matches('#')).unwrap(),
        None => value,
    }
}

/// As much of JSON Schema as the document uses; what a schema does not name must not be there.
#[track_caller]
fn matches(document: &Value, schema: &Value, value: &Value, at: &str) {
    let schema = resolved(document, schema);
    let fits = match schema["type"].as_str() {
        Some("object") => value.is_object(),
        Some("array") => value.is_array(),
        Some("string") => value.is_string(),
        Some("integer") => value.is_i64(),
        Some("boolean") => value.is_boolean(),
        _ => true,
    };
    assert!(fits, "{at}: {value} is no {}", schema["type"]);
    assert!(schema["const"].is_null() || schema["const"] == *value, "{at}: {value}");
    assert!(schema["enum"].as_array().is_none_or(|known| known.contains(value)), "{at}: {value}");
    let required = schema["required"].as_array().into_iter().flatten();
    required.for_each(|name| assert!(value.get(name.as_str().unwrap()).is_some(), "{at}: {name} is missing"));
    if let Some(properties) = schema["properties"].as_object() {
        for (name, value) in value.as_object().unwrap() {
            let known = properties.get(name);
            let known = known.unwrap_or_else(|| panic!("{at}: {name} is not described"));
            matches(document, known, value, &format!("{at}/{name}"));
        }
    }
    for item in value.as_array().into_iter().flatten() {
        matches(document, &schema["items"], item, &format!("{at}[]"));
    }
}

#[tokio::test]
async fn document_is_served_without_identity() {
    let deployment = TestDeployment::new().await;
    let served = deployment.ask(&TestRequest::get("/openapi.json").caller(None)).await;
    assert_eq!(served.status, 200);
    assert_eq!(served.json(), document());
    assert_eq!(served.json()["openapi"], "3.1.0");
    let health = deployment.ask(&TestRequest::get("/healthz").caller(None)).await;
    assert_eq!((health.status, health.json()["status"].as_str()), (200, Some("ok")));
}

#[test]
fn operations_have_ids_security_and_parameters() {
    let document = document();
    for (path, method, operation) in operations(&document) {
        assert!(operation["operationId"].is_string(), "{method} {path}");
        let open = operation["security"].as_array().is_some_and(Vec::is_empty);
        assert_eq!(open, !path.starts_with("/v1/"), "{method} {path}");
        let variables = path.matches('{').count();
        let parameters = document["paths"][&path]["parameters"].as_array().map_or(0, Vec::len);
        assert_eq!(parameters, variables, "{path}: one parameter a variable");
    }
}

#[test]
fn wrong_answer_is_noticed() {
    let (document, problem) = (document(), serde_json::json!({"$ref": "#/components/schemas/Problem"}));
    let good = serde_json::json!({"type": "urn:x", "title": "t", "status": 404, "detail": "d"});
    matches(&document, &problem, &good, "");
    for (field, value) in [("status", serde_json::json!("404")), ("more", serde_json::json!(1)), ("title", Value::Null)]
    {
        let mut bad = good.clone();
        bad[field] = value;
        let noticed = std::panic::catch_unwind(|| matches(&document, &problem, &bad, ""));
        assert!(noticed.is_err(), "{field}");
    }
}
