//! Deletion and return.

use jiff::SignedDuration;
use serde_json::json;

use super::values::{ONE, TWO, assert_refused};
use crate::fixture::Fixture;

#[tokio::test]
async fn deleted_secret_refuses_reads_and_writes() {
    let fixture = Fixture::new().await;
    fixture.create("wtb/a", ONE, "1").await;
    let body = json!({"SecretId": "wtb/a", "RecoveryWindowInDays": 7});
    let deleted = fixture.aws("DeleteSecret", &body).await;
    assert_eq!(deleted.body["DeletionDate"], 1_768_478_400.0 + 7.0 * 86_400.0);
    assert!(fixture.simulator.secrets.is_scheduled_for_deletion("wtb/a"));
    let kind = "InvalidRequestException";
    assert_refused(&fixture.read("wtb/a").await, kind);
    assert_refused(&fixture.write("wtb/a", TWO, "2").await, kind);
    assert_refused(&fixture.create("wtb/a", TWO, "2").await, kind);
    assert_refused(&fixture.aws("DeleteSecret", &body).await, kind);
    let tags = json!({"SecretId": "wtb/a", "Tags": [{"Key": "a", "Value": "b"}]});
    assert_refused(&fixture.aws("TagResource", &tags).await, kind);
    let described = fixture.aws("DescribeSecret", &json!({"SecretId": "wtb/a"})).await;
    assert!(described.body["DeletedDate"].is_number());
}

#[tokio::test]
async fn restored_secret_has_its_value() {
    let fixture = Fixture::new().await;
    fixture.create("wtb/a", ONE, "1").await;
    fixture.aws("DeleteSecret", &json!({"SecretId": "wtb/a"})).await;
    assert_eq!(fixture.aws("RestoreSecret", &json!({"SecretId": "wtb/a"})).await.status, 200);
    assert_eq!(fixture.read("wtb/a").await.text_of("SecretString"), "1");
}

#[tokio::test]
async fn deleted_secret_is_gone_after_the_window() {
    let fixture = Fixture::new().await;
    fixture.create("wtb/a", ONE, "1").await;
    let body = json!({"SecretId": "wtb/a", "RecoveryWindowInDays": 7});
    fixture.aws("DeleteSecret", &body).await;
    fixture.simulator.clock.advance(SignedDuration::from_hours(24 * 7));
    assert_refused(&fixture.read("wtb/a").await, "ResourceNotFoundException");
    assert_eq!(fixture.create("wtb/a", TWO, "2").await.status, 200);
}

#[tokio::test]
async fn delete_accepts_windows_of_7_to_30_days_or_none() {
    let fixture = Fixture::new().await;
    fixture.create("wtb/a", ONE, "1").await;
    let kind = "InvalidParameterException";
    for days in [6, 31] {
        let body = json!({"SecretId": "wtb/a", "RecoveryWindowInDays": days});
        assert_refused(&fixture.aws("DeleteSecret", &body).await, kind);
    }
    let both = json!({
        "SecretId": "wtb/a", "RecoveryWindowInDays": 7, "ForceDeleteWithoutRecovery": true,
    });
    assert_refused(&fixture.aws("DeleteSecret", &both).await, kind);
    let force = json!({"SecretId": "wtb/a", "ForceDeleteWithoutRecovery": true});
    assert_eq!(fixture.aws("DeleteSecret", &force).await.status, 200);
    assert_eq!(fixture.aws("DeleteSecret", &force).await.status, 200);
    assert!(fixture.simulator.secrets.names().is_empty());
}
