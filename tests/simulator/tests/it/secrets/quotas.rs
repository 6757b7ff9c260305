//! Quotas, faults and seeding.

use jiff::SignedDuration;
use serde_json::json;
use simulator::secrets::{Fault, Operation, Quotas};
use simulator::{Clock, Point};
use uuid::Uuid;

use super::values::{ONE, TWO, assert_refused};
use crate::harness::Stage;

#[tokio::test]
async fn a_secret_has_at_most_100_versions_in_24_hours() {
    let stage = Stage::set().await;
    let id = |number: u128| Uuid::from_u128(number).to_string();
    stage.create("wtb/a", &id(0), "0").await;
    for number in 1..100 {
        let reply = stage.write("wtb/a", &id(number), &number.to_string()).await;
        assert_eq!(reply.status, 200);
    }
    assert_refused(&stage.write("wtb/a", &id(100), "x").await, "LimitExceededException");
    stage.simulator.clock.advance(SignedDuration::from_hours(24));
    assert_eq!(stage.write("wtb/a", &id(100), "100").await.status, 200);
    let versions = stage.simulator.secrets.versions("wtb/a");
    assert_eq!(versions.len(), 100, "no more are pruned than must be");
    assert_eq!(versions[0].id, id(1));
}

#[tokio::test]
async fn quotas_throttle_each_operation_by_itself() {
    let stage = Stage::set().await;
    let secrets = &stage.simulator.secrets;
    stage.create("wtb/a", ONE, "1").await;
    secrets.quotas(Some(Quotas::aws(stage.simulator.clock.clone())));
    for _ in 0..50 {
        assert_eq!(stage.write("wtb/a", ONE, "1").await.status, 200);
    }
    assert_refused(&stage.write("wtb/a", ONE, "1").await, "ThrottlingException");
    assert_eq!(stage.read("wtb/a").await.status, 200);
    stage.simulator.clock.advance(SignedDuration::from_millis(20));
    assert_eq!(stage.write("wtb/a", ONE, "1").await.status, 200);
    assert_refused(&stage.write("wtb/a", ONE, "1").await, "ThrottlingException");
    secrets.quotas(Some(Quotas::aws(Clock::system())));
    assert_eq!(stage.write("wtb/a", ONE, "1").await.status, 200);
    secrets.quotas(None);
}

#[tokio::test]
async fn faults_and_gates_work_as_at_webex() {
    let stage = Stage::set().await;
    let secrets = &stage.simulator.secrets;
    let faults = secrets.faults();
    faults.fail_next(Operation::CreateSecret, 1, Fault::Error("AccessDeniedException"));
    assert_refused(&stage.create("wtb/a", ONE, "1").await, "AccessDeniedException");
    faults.fail_next(Operation::CreateSecret, 1, Fault::InternalError);
    assert_eq!(stage.create("wtb/a", ONE, "1").await.status, 500);
    assert!(secrets.names().is_empty());
    faults.fail_next(Operation::CreateSecret, 1, Fault::ErrorAfterEffect);
    assert_eq!(stage.create("wtb/a", ONE, "1").await.status, 500);
    assert_eq!(secrets.names(), ["wtb/a"]);
    faults.outage(true);
    assert_eq!(stage.read("wtb/a").await.status, 503);
    faults.outage(false);
    let gate = faults.gate(Operation::PutSecretValue, Point::AfterEffect);
    let watch = async {
        gate.wait_reached().await;
        assert_eq!(secrets.current_text("wtb/a").as_deref(), Some("2"));
        gate.release();
    };
    let (reply, ()) = tokio::join!(stage.write("wtb/a", TWO, "2"), watch);
    assert_eq!(reply.status, 200);
    assert!(faults.unconsumed().is_empty());
}

#[tokio::test]
async fn the_journal_counts_by_operation_and_records_no_value() {
    let stage = Stage::set().await;
    stage.create("wtb/a", ONE, "hidden").await;
    stage.read("wtb/a").await;
    let journal = stage.simulator.secrets.journal();
    assert_eq!(journal.count(Operation::GetSecretValue), 1);
    assert_eq!((journal.writes(), journal.total()), (1, 2));
    let entries = journal.entries();
    assert_eq!(entries[0].field("ClientRequestToken"), Some(ONE));
    assert_eq!(entries[1].field("SecretId"), Some("wtb/a"));
    assert!(!format!("{entries:?} {:?}", stage.simulator).contains("hidden"));
}

#[tokio::test]
async fn values_can_be_seeded_and_read_past_the_wire() {
    let stage = Stage::set().await;
    let secrets = &stage.simulator.secrets;
    secrets.put_json("wtb/apps/reports", &json!({"kind": "service_app"})).unwrap();
    secrets.put_json("wtb/apps/reports", &json!({"kind": "integration"})).unwrap();
    assert_eq!(secrets.current_json("wtb/apps/reports"), Some(json!({"kind": "integration"})));
    let read = stage.read("wtb/apps/reports").await;
    assert_eq!(read.text_of("SecretString"), r#"{"kind":"integration"}"#);
    assert_eq!(secrets.versions("wtb/apps/reports").len(), 2);
    assert_eq!(secrets.current_json("wtb/none"), None);
    assert_eq!(secrets.journal().total(), 1);
    secrets.put_text("wtb/broken", "not json").unwrap();
    assert_eq!(secrets.current_json("wtb/broken"), None);
    assert!(secrets.remove("wtb/broken"));
}
