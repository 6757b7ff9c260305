//! `UpdateSecretVersionStage`.

use serde_json::{Value, json};

use super::values::{ONE, THREE, TWO, assert_refused};
use crate::fixture::{Fixture, Reply};

async fn staged() -> Fixture {
    let fixture = Fixture::new().await;
    fixture.create("wtb/a", ONE, "1").await;
    for (token, text, label) in [(TWO, "2", "two"), (THREE, "3", "three")] {
        let body = json!({
            "SecretId": "wtb/a", "ClientRequestToken": token, "SecretString": text, "VersionStages": [label],
        });
        fixture.aws("PutSecretValue", &body).await;
    }
    fixture
}

async fn shift(fixture: &Fixture, label: &str, from: Option<&str>, to: Option<&str>) -> Reply {
    let mut body = json!({"SecretId": "wtb/a", "VersionStage": label});
    for (name, id) in [("RemoveFromVersionId", from), ("MoveToVersionId", to)] {
        if let Some(id) = id {
            body[name] = json!(id);
        }
    }
    fixture.aws("UpdateSecretVersionStage", &body).await
}

async fn labels(fixture: &Fixture) -> Value {
    let described = fixture.aws("DescribeSecret", &json!({"SecretId": "wtb/a"})).await;
    described.body["VersionIdsToStages"].clone()
}

#[tokio::test]
async fn stage_moves_from_the_version_that_was_read() {
    let fixture = staged().await;
    let reply = shift(&fixture, "AWSCURRENT", Some(ONE), Some(TWO)).await;
    assert_eq!(reply.status, 200);
    assert_eq!(reply.text_of("Name"), "wtb/a");
    let expected = json!({ONE: ["AWSPREVIOUS"], TWO: ["AWSCURRENT", "two"], THREE: ["three"]});
    assert_eq!(labels(&fixture).await, expected);
    assert_eq!(fixture.read("wtb/a").await.text_of("SecretString"), "2");
}

#[tokio::test]
async fn stage_moves_from_one_version_have_one_winner() {
    let fixture = staged().await;
    let (one, other) = tokio::join!(
        shift(&fixture, "AWSCURRENT", Some(ONE), Some(TWO)),
        shift(&fixture, "AWSCURRENT", Some(ONE), Some(THREE)),
    );
    let loser = if one.status == 200 { other } else { one };
    assert_refused(&loser, "InvalidParameterException");
}

#[tokio::test]
async fn stage_current_needs_its_holder_and_stays() {
    let fixture = staged().await;
    let before = labels(&fixture).await;
    let kind = "InvalidParameterException";
    assert_refused(&shift(&fixture, "AWSCURRENT", None, Some(TWO)).await, kind);
    assert_refused(&shift(&fixture, "AWSCURRENT", Some(TWO), Some(TWO)).await, kind);
    assert_refused(&shift(&fixture, "AWSCURRENT", Some(ONE), None).await, kind);
    let unknown = "99999999-9999-4999-8999-999999999999";
    let reply = shift(&fixture, "AWSCURRENT", Some(ONE), Some(unknown)).await;
    assert_refused(&reply, "ResourceNotFoundException");
    assert_eq!(labels(&fixture).await, before);
}

#[tokio::test]
async fn stage_with_a_custom_name_obeys_the_same_rule() {
    let fixture = staged().await;
    let kind = "InvalidParameterException";
    assert_refused(&shift(&fixture, "two", None, Some(THREE)).await, kind);
    assert_eq!(shift(&fixture, "two", Some(TWO), Some(THREE)).await.status, 200);
    assert_eq!(shift(&fixture, "new", None, Some(ONE)).await.status, 200);
    assert_refused(&shift(&fixture, "loose", Some(ONE), Some(TWO)).await, kind);
    assert_eq!(shift(&fixture, "new", Some(ONE), None).await.status, 200);
    let expected = json!({ONE: ["AWSCURRENT"], THREE: ["three", "two"]});
    assert_eq!(labels(&fixture).await, expected);
}
