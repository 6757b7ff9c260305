//! Creating, writing and reading.

use serde_json::json;

use crate::harness::{Reply, Stage};

pub(crate) const ONE: &str = "11111111-1111-4111-8111-111111111111";
pub(crate) const TWO: &str = "22222222-2222-4222-8222-222222222222";
pub(crate) const THREE: &str = "33333333-3333-4333-8333-333333333333";

/// Asserts on an error as AWS JSON 1.1 has it.
#[track_caller]
pub(crate) fn assert_refused(reply: &Reply, kind: &str) {
    assert_eq!(reply.text_of("__type"), kind, "{}", reply.text);
    assert_eq!(reply.header("x-amzn-errortype"), Some(kind));
    assert_eq!(reply.status, 400);
    assert!(reply.body["Message"].is_string());
}

impl Stage {
    pub(crate) async fn create(&self, name: &str, token: &str, text: &str) -> Reply {
        let body = json!({"Name": name, "ClientRequestToken": token, "SecretString": text});
        self.aws("CreateSecret", &body).await
    }

    pub(crate) async fn write(&self, name: &str, token: &str, text: &str) -> Reply {
        let body = json!({"SecretId": name, "ClientRequestToken": token, "SecretString": text});
        self.aws("PutSecretValue", &body).await
    }

    pub(crate) async fn read(&self, name: &str) -> Reply {
        self.aws("GetSecretValue", &json!({"SecretId": name})).await
    }
}

#[tokio::test]
async fn the_request_token_becomes_the_version_id() {
    let stage = Stage::set().await;
    let created = stage.create("wtb/a", ONE, "1").await;
    assert_eq!(created.status, 200);
    assert_eq!(created.text_of("VersionId"), ONE);
    assert!(created.text_of("ARN").starts_with("arn:aws:secretsmanager:us-east-1:123456789012:secret:wtb/a-"));
    let read = stage.read("wtb/a").await;
    assert_eq!(read.text_of("SecretString"), "1");
    assert_eq!(read.body["VersionStages"], json!(["AWSCURRENT"]));
    assert_eq!(read.body["CreatedDate"], 1_768_478_400.0);
    let by_arn = stage.read(created.text_of("ARN")).await;
    assert_eq!(by_arn.body, read.body);
    assert!(read.header("x-amzn-requestid").is_some());
}

#[tokio::test]
async fn a_repeated_request_is_idempotent_and_a_changed_one_is_refused() {
    let stage = Stage::set().await;
    stage.create("wtb/a", ONE, "1").await;
    assert_eq!(stage.create("wtb/a", ONE, "1").await.status, 200);
    assert_refused(&stage.create("wtb/a", TWO, "1").await, "ResourceExistsException");
    stage.write("wtb/a", TWO, "2").await;
    assert_eq!(stage.write("wtb/a", TWO, "2").await.status, 200);
    assert_refused(&stage.write("wtb/a", TWO, "3").await, "ResourceExistsException");
    assert_eq!(stage.simulator.secrets.versions("wtb/a").len(), 2);
}

#[tokio::test]
async fn a_write_moves_current_and_previous() {
    let stage = Stage::set().await;
    stage.create("wtb/a", ONE, "1").await;
    let written = stage.write("wtb/a", TWO, "2").await;
    assert_eq!(written.body["VersionStages"], json!(["AWSCURRENT"]));
    stage.write("wtb/a", THREE, "3").await;
    let describe = stage.aws("DescribeSecret", &json!({"SecretId": "wtb/a"})).await;
    let expected = json!({TWO: ["AWSPREVIOUS"], THREE: ["AWSCURRENT"]});
    assert_eq!(describe.body["VersionIdsToStages"], expected);
    let oldest = json!({"SecretId": "wtb/a", "VersionId": ONE});
    assert_eq!(stage.aws("GetSecretValue", &oldest).await.text_of("SecretString"), "1");
}

#[tokio::test]
async fn a_write_with_stages_moves_those_labels_only() {
    let stage = Stage::set().await;
    stage.create("wtb/a", ONE, "1").await;
    let body = json!({
        "SecretId": "wtb/a", "ClientRequestToken": TWO, "SecretString": "2", "VersionStages": ["staged"],
    });
    let staged = stage.aws("PutSecretValue", &body).await;
    assert_eq!(staged.body["VersionStages"], json!(["staged"]));
    assert_eq!(stage.read("wtb/a").await.text_of("SecretString"), "1");
    let by_stage = json!({"SecretId": "wtb/a", "VersionStage": "staged"});
    assert_eq!(stage.aws("GetSecretValue", &by_stage).await.text_of("SecretString"), "2");
    let both = json!({"SecretId": "wtb/a", "VersionId": ONE, "VersionStage": "staged"});
    assert_refused(&stage.aws("GetSecretValue", &both).await, "ResourceNotFoundException");
}

#[tokio::test]
async fn what_is_missing_is_http_400() {
    let stage = Stage::set().await;
    assert_refused(&stage.read("wtb/none").await, "ResourceNotFoundException");
    assert_refused(&stage.write("wtb/none", ONE, "1").await, "ResourceNotFoundException");
    stage.aws("CreateSecret", &json!({"Name": "wtb/empty"})).await;
    assert_refused(&stage.read("wtb/empty").await, "ResourceNotFoundException");
}

#[tokio::test]
async fn names_sizes_and_tokens_are_checked() {
    let stage = Stage::set().await;
    assert_refused(&stage.create("wtb a", ONE, "1").await, "ValidationException");
    let large = "x".repeat(65_536);
    assert_eq!(stage.create("wtb/large", ONE, &large).await.status, 200);
    let larger = "x".repeat(65_537);
    assert_refused(&stage.write("wtb/large", TWO, &larger).await, "ValidationException");
    assert_refused(&stage.write("wtb/large", "short", "1").await, "InvalidParameterException");
    let nothing = json!({"SecretId": "wtb/large"});
    assert_refused(&stage.aws("PutSecretValue", &nothing).await, "InvalidParameterException");
    let unknown = stage.aws("RotateSecret", &nothing).await;
    assert_refused(&unknown, "UnknownOperationException");
}

#[tokio::test]
async fn an_update_writes_metadata_a_version_or_both() {
    let stage = Stage::set().await;
    stage.create("wtb/a", ONE, "1").await;
    let body = json!({"SecretId": "wtb/a", "Description": "words"});
    let updated = stage.aws("UpdateSecret", &body).await;
    assert!(updated.body.get("VersionId").is_none());
    let body = json!({"SecretId": "wtb/a", "SecretString": "2", "ClientRequestToken": TWO});
    assert_eq!(stage.aws("UpdateSecret", &body).await.text_of("VersionId"), TWO);
    let described = stage.aws("DescribeSecret", &json!({"SecretId": "wtb/a"})).await;
    assert_eq!(described.text_of("Description"), "words");
    assert_eq!(stage.read("wtb/a").await.text_of("SecretString"), "2");
}
