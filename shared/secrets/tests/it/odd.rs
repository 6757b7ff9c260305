//! Answers that neither the service nor the simulator would ever give.

use broker_core::port::{Found, Store as _, StoreError};
use serde_json::json;
use wiremock::matchers::header;
use wiremock::{Mock, MockServer, ResponseTemplate};

use crate::shop::{Shop, id, soon};

async fn answering(operation: &str, answer: ResponseTemplate) -> (Shop, MockServer) {
    let server = MockServer::start().await;
    let target = format!("secretsmanager.{operation}");
    Mock::given(header("x-amz-target", target.as_str())).respond_with(answer).mount(&server).await;
    (Shop::at(&server.uri(), "wtb"), server)
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
async fn pages_without_an_end_are_left() {
    let page = json!({"SecretValues": [record()], "NextToken": "round and round"});
    let answer = ResponseTemplate::new(200).set_body_json(page);
    let (shop, _server) = answering("BatchGetSecretValue", answer).await;
    let scan = shop.vault.grants(soon()).await.unwrap();
    assert_eq!(scan.items.len(), 1, "what two pages show is there once");
    let Some(StoreError::Unavailable { code, .. }) = scan.cut_short else {
        panic!("{:?}", scan.cut_short);
    };
    assert_eq!(code, "RepeatedNextToken");
}

#[tokio::test]
async fn an_empty_page_is_not_the_end() {
    let server = MockServer::start().await;
    let page = |body| ResponseTemplate::new(200).set_body_json(body);
    let first = page(json!({"NextToken": "on"}));
    Mock::given(wiremock::matchers::any()).respond_with(first).up_to_n_times(1).mount(&server).await;
    let second = page(json!({"SecretValues": [record()], "Errors": []}));
    Mock::given(wiremock::matchers::any()).respond_with(second).mount(&server).await;
    let scan = Shop::at(&server.uri(), "wtb").vault.grants(soon()).await.unwrap();
    assert_eq!((scan.items.len(), scan.cut_short.is_none()), (1, true));
}

#[tokio::test]
async fn errors_of_single_secrets_are_named_once_and_retired_ones_not_at_all() {
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
    let (shop, _server) = answering("BatchGetSecretValue", answer).await;
    let scan = shop.vault.grants(soon()).await.unwrap();
    let unreadable: Vec<_> = scan.unreadable.iter().map(|it| (it.name.as_str(), it.reason.as_str())).collect();
    assert_eq!(unreadable, [("grants/a/denied", "the store refused it: AccessDeniedException")]);
    assert_eq!(scan.items.len(), 1);
}

#[tokio::test]
async fn a_code_with_a_namespace_or_another_status_means_the_same() {
    let not_found = json!({"__type": "com.amazonaws.secretsmanager#ResourceNotFoundException", "message": "canary"});
    for status in [400, 404] {
        let answer = ResponseTemplate::new(status).set_body_json(&not_found);
        let (shop, _server) = answering("GetSecretValue", answer).await;
        assert!(matches!(shop.vault.load(&id("a/b")).await, Ok(Found::Absent)));
    }
}

#[tokio::test]
async fn messages_of_the_store_are_in_no_error() {
    let body = json!({"__type": "Surprise", "message": "canary", "Message": "canary"});
    let (shop, _server) = answering("GetSecretValue", ResponseTemplate::new(400).set_body_json(body)).await;
    let error = shop.vault.load(&id("a/b")).await.unwrap_err();
    assert_eq!(error.to_string(), "the store refused GetSecretValue: Surprise");
    assert!(!format!("{error:?}").contains("canary"));
}

#[tokio::test]
async fn an_answer_that_makes_no_sense_is_an_outage() {
    let answer = ResponseTemplate::new(200).set_body_string("<html>canary");
    let (shop, _server) = answering("GetSecretValue", answer).await;
    let error = shop.vault.load(&id("a/b")).await.unwrap_err();
    assert!(matches!(error, StoreError::Unavailable { .. }), "{error:?}");
}

#[tokio::test]
async fn an_answer_without_a_version_can_not_be_built_upon() {
    let answer = ResponseTemplate::new(200).set_body_json(json!({"SecretString": "{}"}));
    let (shop, _server) = answering("GetSecretValue", answer).await;
    let error = shop.vault.load(&id("a/b")).await.unwrap_err();
    assert!(matches!(&error, StoreError::Refused { code, .. } if code == "NoVersionId"), "{error:?}");
}
