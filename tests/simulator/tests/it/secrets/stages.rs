//! `UpdateSecretVersionStage`.

use serde_json::{Value, json};

use super::values::{ONE, THREE, TWO, assert_refused};
use crate::harness::{Reply, Stage};

async fn staged() -> Stage {
    let stage = Stage::set().await;
    stage.create("wtb/a", ONE, "1").await;
    for (token, text, label) in [(TWO, "2", "two"), (THREE, "3", "three")] {
        let body = json!({
            "SecretId": "wtb/a", "ClientRequestToken": token, "SecretString": text, "VersionStages": [label],
        });
        stage.aws("PutSecretValue", &body).await;
    }
    stage
}

async fn shift(stage: &Stage, label: &str, from: Option<&str>, to: Option<&str>) -> Reply {
    let mut body = json!({"SecretId": "wtb/a", "VersionStage": label});
    for (name, id) in [("RemoveFromVersionId", from), ("MoveToVersionId", to)] {
        if let Some(id) = id {
            body[name] = json!(id);
        }
    }
    stage.aws("UpdateSecretVersionStage", &body).await
}

async fn labels(stage: &Stage) -> Value {
    let described = stage.aws("DescribeSecret", &json!({"SecretId": "wtb/a"})).await;
    described.body["VersionIdsToStages"].clone()
}

#[tokio::test]
async fn current_moves_from_the_version_that_was_read() {
    let stage = staged().await;
    let reply = shift(&stage, "AWSCURRENT", Some(ONE), Some(TWO)).await;
    assert_eq!(reply.status, 200);
    assert_eq!(reply.text_of("Name"), "wtb/a");
    let expected = json!({ONE: ["AWSPREVIOUS"], TWO: ["AWSCURRENT", "two"], THREE: ["three"]});
    assert_eq!(labels(&stage).await, expected);
    assert_eq!(stage.read("wtb/a").await.text_of("SecretString"), "2");
}

#[tokio::test]
async fn of_two_moves_from_the_same_version_one_wins() {
    let stage = staged().await;
    let (one, other) = tokio::join!(
        shift(&stage, "AWSCURRENT", Some(ONE), Some(TWO)),
        shift(&stage, "AWSCURRENT", Some(ONE), Some(THREE)),
    );
    let loser = if one.status == 200 { other } else { one };
    assert_refused(&loser, "InvalidParameterException");
}

#[tokio::test]
async fn current_can_be_neither_taken_without_its_holder_nor_removed() {
    let stage = staged().await;
    let before = labels(&stage).await;
    let kind = "InvalidParameterException";
    assert_refused(&shift(&stage, "AWSCURRENT", None, Some(TWO)).await, kind);
    assert_refused(&shift(&stage, "AWSCURRENT", Some(TWO), Some(TWO)).await, kind);
    assert_refused(&shift(&stage, "AWSCURRENT", Some(ONE), None).await, kind);
    let unknown = "99999999-9999-4999-8999-999999999999";
    let reply = shift(&stage, "AWSCURRENT", Some(ONE), Some(unknown)).await;
    assert_refused(&reply, "ResourceNotFoundException");
    assert_eq!(labels(&stage).await, before);
}

#[tokio::test]
async fn a_custom_label_obeys_the_same_rule() {
    let stage = staged().await;
    let kind = "InvalidParameterException";
    assert_refused(&shift(&stage, "two", None, Some(THREE)).await, kind);
    assert_eq!(shift(&stage, "two", Some(TWO), Some(THREE)).await.status, 200);
    assert_eq!(shift(&stage, "new", None, Some(ONE)).await.status, 200);
    assert_refused(&shift(&stage, "loose", Some(ONE), Some(TWO)).await, kind);
    assert_eq!(shift(&stage, "new", Some(ONE), None).await.status, 200);
    let expected = json!({ONE: ["AWSCURRENT"], THREE: ["three", "two"]});
    assert_eq!(labels(&stage).await, expected);
}
