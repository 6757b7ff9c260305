//! Creating, writing and reading.

use serde_json::json;

use crate::fixture::{Fixture, Reply};

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

impl Fixture {
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
async fn create_uses_the_request_token_as_version_id() {
    let fixture = Fixture::new().await;
    let created = fixture.create("wtb/a", ONE, "1").await;
    assert_eq!(created.status, 200);
    assert_eq!(created.text_of("VersionId"), ONE);
    assert!(created.text_of("ARN").starts_with("arn:aws:secretsmanager:us-east-1:123456789012:secret:wtb/a-"));
    let read = fixture.read("wtb/a").await;
    assert_eq!(read.text_of("SecretString"), "1");
    assert_eq!(read.body["VersionStages"], json!(["AWSCURRENT"]));
    assert_eq!(read.body["CreatedDate"], 1_768_478_400.0);
    let by_arn = fixture.read(created.text_of("ARN")).await;
    assert_eq!(by_arn.body, read.body);
    assert!(read.header("x-amzn-requestid").is_some());
}

#[tokio::test]
async fn write_repeated_is_idempotent_and_changed_is_refused() {
    let fixture = Fixture::new().await;
    fixture.create("wtb/a", ONE, "1").await;
    assert_eq!(fixture.create("wtb/a", ONE, "1").await.status, 200);
    assert_refused(&fixture.create("wtb/a", TWO, "1").await, "ResourceExistsException");
    fixture.write("wtb/a", TWO, "2").await;
    assert_eq!(fixture.write("wtb/a", TWO, "2").await.status, 200);
    assert_refused(&fixture.write("wtb/a", TWO, "3").await, "ResourceExistsException");
    assert_eq!(fixture.simulator.secrets.versions("wtb/a").len(), 2);
}

#[tokio::test]
async fn put_moves_current_and_previous() {
    let fixture = Fixture::new().await;
    fixture.create("wtb/a", ONE, "1").await;
    let written = fixture.write("wtb/a", TWO, "2").await;
    assert_eq!(written.body["VersionStages"], json!(["AWSCURRENT"]));
    fixture.write("wtb/a", THREE, "3").await;
    let describe = fixture.aws("DescribeSecret", &json!({"SecretId": "wtb/a"})).await;
    let expected = json!({TWO: ["AWSPREVIOUS"], THREE: ["AWSCURRENT"]});
    assert_eq!(describe.body["VersionIdsToStages"], expected);
    let oldest = json!({"SecretId": "wtb/a", "VersionId": ONE});
    assert_eq!(fixture.aws("GetSecretValue", &oldest).await.text_of("SecretString"), "1");
}

#[tokio::test]
async fn put_with_stages_moves_those_labels_only() {
    let fixture = Fixture::new().await;
    fixture.create("wtb/a", ONE, "1").await;
    let body = json!({
        "SecretId": "wtb/a", "ClientRequestToken": TWO, "SecretString": "2", "VersionStages": ["staged"],
    });
    let staged = fixture.aws("PutSecretValue", &body).await;
    assert_eq!(staged.body["VersionStages"], json!(["staged"]));
    assert_eq!(fixture.read("wtb/a").await.text_of("SecretString"), "1");
    let by_stage = json!({"SecretId": "wtb/a", "VersionStage": "staged"});
    assert_eq!(fixture.aws("GetSecretValue", &by_stage).await.text_of("SecretString"), "2");
    let both = json!({"SecretId": "wtb/a", "VersionId": ONE, "VersionStage": "staged"});
    assert_refused(&fixture.aws("GetSecretValue", &both).await, "ResourceNotFoundException");
}

#[tokio::test]
async fn missing_secret_is_400() {
    let fixture = Fixture::new().await;
    assert_refused(&fixture.read("wtb/none").await, "ResourceNotFoundException");
    assert_refused(&fixture.write("wtb/none", ONE, "1").await, "ResourceNotFoundException");
    fixture.aws("CreateSecret", &json!({"Name": "wtb/empty"})).await;
    assert_refused(&fixture.read("wtb/empty").await, "ResourceNotFoundException");
}

#[tokio::test]
async fn write_checks_names_sizes_and_tokens() {
    let fixture = Fixture::new().await;
    assert_refused(&fixture.create("wtb a", ONE, "1").await, "ValidationException");
    let large = "x".repeat(65_536);
    assert_eq!(fixture.create("wtb/large", ONE, &large).await.status, 200);
    let larger = "x".repeat(65_537);
    assert_refused(&fixture.write("wtb/large", TWO, &larger).await, "ValidationException");
    assert_refused(&fixture.write("wtb/large", "short", "1").await, "InvalidParameterException");
    let nothing = json!({"SecretId": "wtb/large"});
    assert_refused(&fixture.aws("PutSecretValue", &nothing).await, "InvalidParameterException");
    let unknown = fixture.aws("RotateSecret", &nothing).await;
    assert_refused(&unknown, "UnknownOperationException");
}

#[tokio::test]
async fn update_writes_metadata_or_a_version() {
    let fixture = Fixture::new().await;
    fixture.create("wtb/a", ONE, "1").await;
    let body = json!({"SecretId": "wtb/a", "Description": "words"});
    let updated = fixture.aws("UpdateSecret", &body).await;
    assert!(updated.body.get("VersionId").is_none());
    assert_eq!(fixture.simulator.secrets.versions("wtb/a").len(), 1);
    let body = json!({"SecretId": "wtb/a", "SecretString": "2", "ClientRequestToken": TWO});
    assert_eq!(fixture.aws("UpdateSecret", &body).await.text_of("VersionId"), TWO);
    let described = fixture.aws("DescribeSecret", &json!({"SecretId": "wtb/a"})).await;
    assert_eq!(described.text_of("Description"), "words");
    assert_eq!(fixture.read("wtb/a").await.text_of("SecretString"), "2");
}

#[tokio::test]
async fn describe_shows_description_and_tags_without_the_value() {
    let fixture = Fixture::new().await;
    let tags = json!([{"Key": "app", "Value": "reports"}]);
    let body = json!({"Name": "wtb/a", "SecretString": "hidden", "Description": "mark 1", "Tags": tags});
    fixture.aws("CreateSecret", &body).await;
    let describe = json!({"SecretId": "wtb/a"});
    let created = fixture.aws("DescribeSecret", &describe).await;
    assert_eq!((created.text_of("Description"), &created.body["Tags"]), ("mark 1", &tags));
    fixture.aws("UpdateSecret", &json!({"SecretId": "wtb/a", "Description": "mark 2"})).await;
    let updated = fixture.aws("DescribeSecret", &describe).await;
    assert_eq!((updated.text_of("Description"), &updated.body["Tags"]), ("mark 2", &tags));
    assert_eq!(updated.body["VersionIdsToStages"], created.body["VersionIdsToStages"]);
    assert!(!updated.text.contains("hidden"));
}
