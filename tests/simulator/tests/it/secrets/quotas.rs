//! Quotas, faults and seeding.

use jiff::SignedDuration;
use serde_json::json;
use simulator::secrets::{Fault, Operation, Quotas};
use simulator::{Clock, Point};
use uuid::Uuid;

use super::values::{ONE, THREE, TWO, assert_refused};
use crate::fixture::Fixture;

#[tokio::test]
async fn put_over_100_versions_in_24_hours_is_refused() {
    let fixture = Fixture::new().await;
    let id = |number: u128| Uuid::from_u128(number).to_string();
    fixture.create("wtb/a", &id(0), "0").await;
    for number in 1..100 {
        let reply = fixture.write("wtb/a", &id(number), &number.to_string()).await;
        assert_eq!(reply.status, 200);
    }
    assert_refused(&fixture.write("wtb/a", &id(100), "x").await, "LimitExceededException");
    fixture.simulator.clock.advance(SignedDuration::from_hours(24));
    assert_eq!(fixture.write("wtb/a", &id(100), "100").await.status, 200);
    let versions = fixture.simulator.secrets.versions("wtb/a");
    assert_eq!(versions.len(), 100, "no more are pruned than must be");
    assert_eq!(versions[0].id, id(1));
}

#[tokio::test]
async fn full_version_quota_still_allows_delete_restore_and_metadata() {
    let fixture = Fixture::new().await;
    let secrets = &fixture.simulator.secrets;
    secrets.version_quota(2);
    fixture.create("wtb/a", ONE, "1").await;
    fixture.write("wtb/a", TWO, "2").await;
    assert_refused(&fixture.write("wtb/a", THREE, "3").await, "LimitExceededException");
    let update = json!({"SecretId": "wtb/a", "SecretString": "3", "ClientRequestToken": THREE});
    assert_refused(&fixture.aws("UpdateSecret", &update).await, "LimitExceededException");
    let describe = json!({"SecretId": "wtb/a", "Description": "full"});
    assert_eq!(fixture.aws("UpdateSecret", &describe).await.status, 200);
    let shift = json!({
        "SecretId": "wtb/a", "VersionStage": "AWSCURRENT", "RemoveFromVersionId": TWO, "MoveToVersionId": ONE,
    });
    assert_eq!(fixture.aws("UpdateSecretVersionStage", &shift).await.status, 200);
    let delete = json!({"SecretId": "wtb/a", "RecoveryWindowInDays": 7});
    assert_eq!(fixture.aws("DeleteSecret", &delete).await.status, 200);
    assert!(secrets.is_scheduled_for_deletion("wtb/a"));
    assert_eq!(fixture.aws("RestoreSecret", &json!({"SecretId": "wtb/a"})).await.status, 200);
    assert_eq!(fixture.read("wtb/a").await.text_of("SecretString"), "1");
    assert_refused(&fixture.write("wtb/a", THREE, "3").await, "LimitExceededException");
}

#[tokio::test]
async fn quotas_throttle_each_operation_separately() {
    let fixture = Fixture::new().await;
    let secrets = &fixture.simulator.secrets;
    fixture.create("wtb/a", ONE, "1").await;
    secrets.quotas(Some(Quotas::aws(fixture.simulator.clock.clone())));
    for _ in 0..50 {
        assert_eq!(fixture.write("wtb/a", ONE, "1").await.status, 200);
    }
    assert_refused(&fixture.write("wtb/a", ONE, "1").await, "ThrottlingException");
    assert_eq!(fixture.read("wtb/a").await.status, 200);
    fixture.simulator.clock.advance(SignedDuration::from_millis(20));
    assert_eq!(fixture.write("wtb/a", ONE, "1").await.status, 200);
    assert_refused(&fixture.write("wtb/a", ONE, "1").await, "ThrottlingException");
    secrets.quotas(Some(Quotas::aws(Clock::system())));
    assert_eq!(fixture.write("wtb/a", ONE, "1").await.status, 200);
    secrets.quotas(None);
}

#[tokio::test]
async fn faults_and_gates_work_as_at_webex() {
    let fixture = Fixture::new().await;
    let secrets = &fixture.simulator.secrets;
    let faults = secrets.faults();
    faults.fail_next(Operation::CreateSecret, 1, Fault::Error("AccessDeniedException"));
    assert_refused(&fixture.create("wtb/a", ONE, "1").await, "AccessDeniedException");
    faults.fail_next(Operation::CreateSecret, 1, Fault::InternalError);
    assert_eq!(fixture.create("wtb/a", ONE, "1").await.status, 500);
    assert!(secrets.names().is_empty());
    faults.fail_next(Operation::CreateSecret, 1, Fault::ErrorAfterEffect);
    assert_eq!(fixture.create("wtb/a", ONE, "1").await.status, 500);
    assert_eq!(secrets.names(), ["wtb/a"]);
    faults.outage(true);
    assert_eq!(fixture.read("wtb/a").await.status, 503);
    faults.outage(false);
    let gate = faults.gate(Operation::PutSecretValue, Point::AfterEffect);
    let watch = async {
        gate.wait_reached().await;
        assert_eq!(secrets.current_text("wtb/a").as_deref(), Some("2"));
        gate.release();
    };
    let (reply, ()) = tokio::join!(fixture.write("wtb/a", TWO, "2"), watch);
    assert_eq!(reply.status, 200);
    assert!(faults.unconsumed().is_empty());
}

#[tokio::test]
async fn journal_counts_operations_and_records_no_value() {
    let fixture = Fixture::new().await;
    fixture.create("wtb/a", ONE, "hidden").await;
    fixture.read("wtb/a").await;
    let journal = fixture.simulator.secrets.journal();
    assert_eq!(journal.count(Operation::GetSecretValue), 1);
    assert_eq!((journal.writes(), journal.total()), (1, 2));
    let entries = journal.entries();
    assert_eq!(entries[0].field("ClientRequestToken"), Some(ONE));
    assert_eq!(entries[1].field("SecretId"), Some("wtb/a"));
    assert!(!format!("{entries:?} {:?}", fixture.simulator).contains("hidden"));
}

#[tokio::test]
async fn put_json_and_current_json_bypass_http() {
    let fixture = Fixture::new().await;
    let secrets = &fixture.simulator.secrets;
    secrets.put_json("wtb/apps/reports", &json!({"kind": "service_app"})).unwrap();
    secrets.put_json("wtb/apps/reports", &json!({"kind": "integration"})).unwrap();
    assert_eq!(secrets.current_json("wtb/apps/reports"), Some(json!({"kind": "integration"})));
    let read = fixture.read("wtb/apps/reports").await;
    assert_eq!(read.text_of("SecretString"), r#"{"kind":"integration"}"#);
    assert_eq!(secrets.versions("wtb/apps/reports").len(), 2);
    assert_eq!(secrets.current_json("wtb/none"), None);
    assert_eq!(secrets.journal().total(), 1);
    secrets.put_text("wtb/broken", "not json").unwrap();
    assert_eq!(secrets.current_json("wtb/broken"), None);
    assert!(secrets.remove("wtb/broken"));
}
