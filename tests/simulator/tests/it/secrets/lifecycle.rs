//! Deletion and return.

use jiff::SignedDuration;
use serde_json::json;

use super::values::{ONE, TWO, assert_refused};
use crate::harness::Stage;

#[tokio::test]
async fn what_is_marked_for_deletion_answers_to_little() {
    let stage = Stage::set().await;
    stage.create("wtb/a", ONE, "1").await;
    let body = json!({"SecretId": "wtb/a", "RecoveryWindowInDays": 7});
    let deleted = stage.aws("DeleteSecret", &body).await;
    assert_eq!(deleted.body["DeletionDate"], 1_768_478_400.0 + 7.0 * 86_400.0);
    assert!(stage.simulator.secrets.is_scheduled_for_deletion("wtb/a"));
    let kind = "InvalidRequestException";
    assert_refused(&stage.read("wtb/a").await, kind);
    assert_refused(&stage.write("wtb/a", TWO, "2").await, kind);
    assert_refused(&stage.create("wtb/a", TWO, "2").await, kind);
    assert_refused(&stage.aws("DeleteSecret", &body).await, kind);
    let tags = json!({"SecretId": "wtb/a", "Tags": [{"Key": "a", "Value": "b"}]});
    assert_refused(&stage.aws("TagResource", &tags).await, kind);
    let described = stage.aws("DescribeSecret", &json!({"SecretId": "wtb/a"})).await;
    assert!(described.body["DeletedDate"].is_number());
}

#[tokio::test]
async fn a_restored_secret_is_as_it_was() {
    let stage = Stage::set().await;
    stage.create("wtb/a", ONE, "1").await;
    stage.aws("DeleteSecret", &json!({"SecretId": "wtb/a"})).await;
    assert_eq!(stage.aws("RestoreSecret", &json!({"SecretId": "wtb/a"})).await.status, 200);
    assert_eq!(stage.read("wtb/a").await.text_of("SecretString"), "1");
}

#[tokio::test]
async fn the_recovery_window_ends() {
    let stage = Stage::set().await;
    stage.create("wtb/a", ONE, "1").await;
    let body = json!({"SecretId": "wtb/a", "RecoveryWindowInDays": 7});
    stage.aws("DeleteSecret", &body).await;
    stage.simulator.clock.advance(SignedDuration::from_hours(24 * 7));
    assert_refused(&stage.read("wtb/a").await, "ResourceNotFoundException");
    assert_eq!(stage.create("wtb/a", TWO, "2").await.status, 200);
}

#[tokio::test]
async fn the_window_is_7_to_30_days_or_none() {
    let stage = Stage::set().await;
    stage.create("wtb/a", ONE, "1").await;
    let kind = "InvalidParameterException";
    for days in [6, 31] {
        let body = json!({"SecretId": "wtb/a", "RecoveryWindowInDays": days});
        assert_refused(&stage.aws("DeleteSecret", &body).await, kind);
    }
    let both = json!({
        "SecretId": "wtb/a", "RecoveryWindowInDays": 7, "ForceDeleteWithoutRecovery": true,
    });
    assert_refused(&stage.aws("DeleteSecret", &both).await, kind);
    let force = json!({"SecretId": "wtb/a", "ForceDeleteWithoutRecovery": true});
    assert_eq!(stage.aws("DeleteSecret", &force).await.status, 200);
    assert_eq!(stage.aws("DeleteSecret", &force).await.status, 200);
    assert!(stage.simulator.secrets.names().is_empty());
}
