//! AWS's protocols: REST for Lambda, JSON for Secrets Manager, forms and XML for `CloudFormation` and STS, CBOR for
//! CloudWatch.

use std::fmt::Write;
use std::sync::{Arc, Mutex};

use axum::body::Bytes;
use axum::extract::State as Extract;
use axum::http::{HeaderMap, Method, StatusCode, Uri};
use axum::response::{IntoResponse, Response};
use serde_json::{Value, json};

use super::State;
use crate::cbor;

type Shared = (Arc<Mutex<State>>, Arc<Mutex<Vec<String>>>);

/// Answers one request.
pub(crate) async fn answer(
    Extract((state, journal)): Extract<Shared>,
    method: Method,
    uri: Uri,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let mut state = state.lock().unwrap();
    let operation = operation(&method, uri.path(), &headers, &body);
    let mut step = operation.clone();
    if operation == "Invoke" {
        step = format!("Invoke {}", tag(&body));
    }
    journal.lock().unwrap().push(step);
    let error = state.errors.get(&operation).cloned();
    let mut response = match error {
        Some((code, message)) => error_response(&operation, &code, &message),
        None => success(&mut state, &operation, uri.path(), &headers, &body),
    };
    response.headers_mut().insert("date", state.date.parse().unwrap());
    response
}

fn operation(method: &Method, path: &str, headers: &HeaderMap, body: &Bytes) -> String {
    if let Some(target) = headers.get("x-amz-target") {
        return target.to_str().unwrap().trim_start_matches("secretsmanager.").to_owned();
    }
    if let Some(operation) = path.split("/operation/").nth(1) {
        return operation.to_owned();
    }
    let name = match path.rsplit('/').next().unwrap() {
        "invocations" => "Invoke",
        "configuration" => "GetFunctionConfiguration",
        "concurrency" => "GetFunctionConcurrency",
        "account-settings" => "GetAccountSettings",
        _ => "",
    };
    if *method == Method::POST && name.is_empty() {
        let form = String::from_utf8_lossy(body);
        let action = form.split('&').find_map(|pair| pair.strip_prefix("Action=")).unwrap();
        return action.to_owned();
    }
    name.to_owned()
}

fn tag(body: &[u8]) -> String {
    let payload: Value = serde_json::from_slice(body).unwrap_or_default();
    let tags = payload.as_object().into_iter().flatten().map(|(tag, _)| tag.as_str());
    tags.filter(|tag| *tag != "operator").collect::<Vec<_>>().join("+")
}

fn success(state: &mut State, operation: &str, path: &str, headers: &HeaderMap, body: &Bytes) -> Response {
    let request: Value = serde_json::from_slice(body).unwrap_or_default();
    match operation {
        "Invoke" => invoke(state, headers, &request),
        "GetFunctionConfiguration" => {
            let name = path.split('/').rev().nth(1).unwrap();
            json_response(&json!({
                "FunctionName": name, "MemorySize": 256, "LastModified": "2026-11-20T08:00:00.000+0000",
                "State": "Active", "LastUpdateStatus": "Successful", "Environment": { "Variables": state.variables },
            }))
        }
        "GetFunctionConcurrency" => json_response(&json!({ "ReservedConcurrentExecutions": state.reserved })),
        "GetAccountSettings" => json_response(&json!({
            "AccountLimit": { "ConcurrentExecutions": 1000, "UnreservedConcurrentExecutions": 865 },
        })),
        "DescribeStacks" => xml("DescribeStacks", &stack(state)),
        "GetCallerIdentity" => {
            let arn = "arn:aws:sts::123456789012:assumed-role/ops/alex";
            xml("GetCallerIdentity", &format!("<Arn>{arn}</Arn><Account>123456789012</Account>"))
        }
        "DescribeAlarms" => alarms(state),
        _ => secrets(state, operation, &request),
    }
}

fn invoke(state: &mut State, headers: &HeaderMap, payload: &Value) -> Response {
    if headers.get("x-amz-invocation-type").is_some_and(|kind| kind == "DryRun") {
        return StatusCode::NO_CONTENT.into_response();
    }
    state.payloads.push(payload.clone());
    if let Some(crash) = &state.crash {
        return ([("x-amz-function-error", "Unhandled")], crash.to_string()).into_response();
    }
    let tag = tag(payload.to_string().as_bytes());
    let Some(answers) = state.answers.get_mut(&tag) else {
        let detail = "the payload must have exactly one of: sweep, renew";
        return json_response(&json!({ "error": { "code": "invalid_request", "detail": detail } }));
    };
    let answer = if answers.len() > 1 { answers.pop_front() } else { answers.front().cloned() };
    json_response(&answer.unwrap())
}

fn secrets(state: &mut State, operation: &str, request: &Value) -> Response {
    let id = request["SecretId"].as_str().or(request["Name"].as_str()).unwrap_or_default().to_owned();
    let parse = |request: &Value| serde_json::from_str(request["SecretString"].as_str().unwrap()).unwrap();
    match operation {
        "ListSecrets" => {
            let names: Vec<_> = state.secrets.keys().map(|name| json!({ "Name": name })).collect();
            return json_response(&json!({ "SecretList": names }));
        }
        "CreateSecret" if state.secrets.contains_key(&id) => {
            return error_response(operation, "ResourceExistsException", "the secret exists");
        }
        "CreateSecret" => {
            state.secrets.insert(id.clone(), parse(request));
        }
        _ if !state.secrets.contains_key(&id) => {
            return error_response(operation, "ResourceNotFoundException", "Secrets Manager can't find the secret.");
        }
        "PutSecretValue" => {
            state.secrets.insert(id.clone(), parse(request));
        }
        "DeleteSecret" => {
            state.secrets.remove(&id);
        }
        _ => {}
    }
    let value = state.secrets.get(&id).map(|document| document.to_string().trim_matches('"').to_owned());
    json_response(&json!({ "Name": id, "SecretString": value }))
}

fn stack(state: &State) -> String {
    let mut xml = String::from("<Stacks><member><StackName>webex-token-broker</StackName>");
    xml.push_str(
        "<CreationTime>2026-11-01T00:00:00Z</CreationTime><StackStatus>UPDATE_COMPLETE</StackStatus><Outputs>",
    );
    for (key, value) in &state.outputs {
        let _ = write!(xml, "<member><OutputKey>{key}</OutputKey><OutputValue>{value}</OutputValue></member>");
    }
    xml.push_str("</Outputs><Parameters>");
    for (key, value) in &state.parameters {
        let _ =
            write!(xml, "<member><ParameterKey>{key}</ParameterKey><ParameterValue>{value}</ParameterValue></member>");
    }
    xml.push_str("</Parameters></member></Stacks>");
    xml
}

fn alarms(state: &State) -> Response {
    let alarm = |(name, value): &(String, String)| {
        let actions = cbor::list(&[cbor::text("arn:aws:sns:eu-central-1:123456789012:ops")]);
        cbor::map(&[("AlarmName", cbor::text(name)), ("StateValue", cbor::text(value)), ("AlarmActions", actions)])
    };
    let alarms: Vec<_> = state.alarms.iter().map(alarm).collect();
    let body = cbor::map(&[("MetricAlarms", cbor::list(&alarms))]);
    ([("smithy-protocol", "rpc-v2-cbor"), ("content-type", "application/cbor")], body).into_response()
}

fn json_response(document: &Value) -> Response {
    ([("content-type", "application/json")], document.to_string()).into_response()
}

fn xml(action: &str, result: &str) -> Response {
    let body = format!("<{action}Response><{action}Result>{result}</{action}Result></{action}Response>");
    ([("content-type", "text/xml")], body).into_response()
}

fn error_response(operation: &str, code: &str, message: &str) -> Response {
    let status = StatusCode::BAD_REQUEST;
    if code.is_empty() {
        return (StatusCode::BAD_GATEWAY, "<html>Bad Gateway</html>").into_response();
    }
    if ["DescribeStacks", "GetCallerIdentity"].contains(&operation) {
        let error = format!("<Error><Type>Sender</Type><Code>{code}</Code><Message>{message}</Message></Error>");
        let body = format!("<ErrorResponse>{error}<RequestId>1</RequestId></ErrorResponse>");
        return (status, [("content-type", "text/xml")], body).into_response();
    }
    if operation == "DescribeAlarms" {
        let body = cbor::map(&[("__type", cbor::text(code)), ("message", cbor::text(message))]);
        return (status, [("smithy-protocol", "rpc-v2-cbor")], body).into_response();
    }
    let body = json!({ "__type": code, "message": message }).to_string();
    (status, [("x-amzn-errortype", code)], body).into_response()
}
