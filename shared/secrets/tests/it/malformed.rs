//! Answers that neither the service nor the simulator would ever give.

use broker_core::port::{Found, Store as _, StoreError};
use serde_json::json;
use wiremock::matchers::header;
use wiremock::{Mock, MockServer, ResponseTemplate};

use crate::fixture::{SecretsFixture, all_grants, id, soon};

async fn answering(operation: &str, answer: ResponseTemplate) -> (SecretsFixture, MockServer) {
    let server = MockServer::start().await;
    let target = format!("secretsmanager.{operation}");
    Mock::given(header("x-amz-target", target.as_str())).respond_with(answer).mount(&server).await;
    (SecretsFixture::at(&server.uri(), "wtb"), server)
}

fn record() -> serde_json::Value {
    json!({
        "ARN": "arn:aws:secretsmanager:us-east-1:1:secret:wtb/grants/a/b-AbCdEf",
        "Name": "wtb/grants/a/b",
        "VersionId": "v",
        "VersionStages": ["AWSCURRENT"],
        "SecretString": r#"{"version":1,"app":"a","subject":"b","state":"pending"}"#,
    })
}

#[tokio::test]
async fn scan_stops_at_a_repeated_page() {
    let page = json!({"SecretValues": [record()], "NextToken": "round and round"});
    let answer = ResponseTemplate::new(200).set_body_json(page);
    let (fixture, _server) = answering("BatchGetSecretValue", answer).await;
    let scan = all_grants(&fixture.store, soon()).await.unwrap();
    assert_eq!(scan.items.len(), 1, "what two pages show is there once");
    let Some(StoreError::Unavailable { code, .. }) = scan.cut_short else {
        panic!("{:?}", scan.cut_short);
    };
    assert_eq!(code, "RepeatedNextToken");
}

#[tokio::test]
async fn scan_goes_on_after_an_empty_page() {
    let server = MockServer::start().await;
    let page = |body| ResponseTemplate::new(200).set_body_json(body);
    let first = page(json!({"NextToken": "on"}));
    Mock::given(wiremock::matchers::any()).respond_with(first).up_to_n_times(1).mount(&server).await;
    let second = page(json!({"SecretValues": [record()], "Errors": []}));
    Mock::given(wiremock::matchers::any()).respond_with(second).mount(&server).await;
    let scan = all_grants(&SecretsFixture::at(&server.uri(), "wtb").store, soon()).await.unwrap();
    assert_eq!((scan.items.len(), scan.cut_short.is_none()), (1, true));
}

#[tokio::test]
async fn scan_names_each_refused_secret_once() {
    let error = |name: &str, code: &str| {
        let arn = format!("arn:aws:secretsmanager:us-east-1:1:secret:wtb/grants/a/{name}-AbCdEf");
        json!({"SecretId": arn, "ErrorCode": code, "Message": "canary"})
    };
    let errors = [
        error("denied", "AccessDeniedException"),
        error("denied", "AccessDeniedException"),
        error("retired", "InvalidRequestException"),
        error("gone", "ResourceNotFoundException"),
    ];
    let answer = ResponseTemplate::new(200).set_body_json(json!({"SecretValues": [record()], "Errors": errors}));
    let (fixture, _server) = answering("BatchGetSecretValue", answer).await;
    let scan = all_grants(&fixture.store, soon()).await.unwrap();
    let unreadable: Vec<_> = scan.unreadable.iter().map(|it| (it.name.as_str(), it.reason.as_str())).collect();
    assert_eq!(unreadable, [("grants/a/denied", "Secrets Manager refused to read it: AccessDeniedException")]);
    assert_eq!(scan.items.len(), 1);
}

#[tokio::test]
async fn code_with_a_namespace_is_understood() {
    let not_found = json!({"__type": "com.amazonaws.secretsmanager#ResourceNotFoundException", "message": "canary"});
    for status in [400, 404] {
        let answer = ResponseTemplate::new(status).set_body_json(&not_found);
        let (fixture, _server) = answering("GetSecretValue", answer).await;
        assert!(matches!(fixture.store.load(&id("a/b")).await, Ok(Found::Absent)));
    }
}

#[tokio::test]
async fn errors_do_not_contain_the_services_message() {
    let body = json!({"__type": "Surprise", "message": "canary", "Message": "canary"});
    let (fixture, _server) = answering("GetSecretValue", ResponseTemplate::new(400).set_body_json(body)).await;
    let error = fixture.store.load(&id("a/b")).await.unwrap_err();
    assert_eq!(error.to_string(), "the store refused GetSecretValue: Surprise");
    assert!(!format!("{error:?}").contains("canary"));
}

#[tokio::test]
async fn unparsable_answer_is_an_outage() {
    let answer = ResponseTemplate::new(200).set_body_string("<html>canary");
    let (fixture, _server) = answering("GetSecretValue", answer).await;
    let error = fixture.store.load(&id("a/b")).await.unwrap_err();
    assert!(matches!(error, StoreError::Unavailable { .. }), "{error:?}");
}

#[tokio::test]
async fn answer_without_a_version_id_is_refused() {
    let answer = ResponseTemplate::new(200).set_body_json(json!({"SecretString": "{}"}));
    let (fixture, _server) = answering("GetSecretValue", answer).await;
    let error = fixture.store.load(&id("a/b")).await.unwrap_err();
    assert!(matches!(&error, StoreError::Refused { code, .. } if code == "NoVersionId"), "{error:?}");
}
