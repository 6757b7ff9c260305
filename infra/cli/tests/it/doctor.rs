//! `wtb doctor`.

use insta::{assert_json_snapshot, assert_snapshot};
use serde_json::Value;
use wtb::Exit;

use crate::fixtures;
use crate::machine::{TestMachine, wtb};
use crate::stand_in::StandIn;

const APP: &str = "webex-token-broker/apps/reports";

async fn deployed() -> StandIn {
    let stand_in = StandIn::start().await;
    stand_in.stores(APP, Value::Null).answers("status", [fixtures::healthy()]);
    stand_in
}

#[tokio::test]
async fn doctor_of_a_healthy_deployment_exits_0() {
    let stand_in = deployed().await;
    let ran = wtb(&stand_in, "doctor").await;
    assert_eq!(ran.exit, Exit::Ok);
    assert_snapshot!("healthy", ran.out);
}

#[tokio::test]
async fn doctor_says_what_to_do_in_each_line() {
    let stand_in = deployed().await;
    stand_in.answers("status", [fixtures::mixed()]);
    stand_in.fails("GetAccountSettings", "AccessDeniedException", "not authorized");
    stand_in.set(|state| {
        state.date = "Thu, 26 Nov 2026 12:10:00 GMT".to_owned();
        state.reserved = 0;
        state.alarms.push(("webex-token-broker-minter-in-danger".to_owned(), "ALARM".to_owned()));
    });
    let ran = wtb(&stand_in, "doctor").await;
    assert_eq!(ran.exit, Exit::Attention);
    assert_snapshot!("failing_80", ran.out);
    let machine = TestMachine { width: 140, ..TestMachine::answering(&stand_in, &[]) };
    assert_snapshot!("failing_wide", machine.run(&stand_in, "doctor").await.out);
    let json = wtb(&stand_in, "doctor --json").await.out;
    let document: Value = serde_json::from_str(&json).unwrap();
    let failing: Vec<_> =
        document["checks"].as_array().unwrap().iter().filter(|check| check["level"] != "ok").cloned().collect();
    assert_json_snapshot!("failing_json", failing);
}

#[tokio::test]
async fn doctor_finds_sweeps_that_stopped() {
    let stand_in = deployed().await;
    let mut status = fixtures::healthy();
    for index in [0, 1] {
        status["apps"][index]["last_sweep_at"] = "2026-11-25T12:00:00Z".into();
    }
    stand_in.answers("status", [status]);
    let ran = wtb(&stand_in, "doctor").await;
    assert_eq!(ran.exit, Exit::Attention);
    assert!(ran.out.contains("the last one was 1d 0h ago"), "{}", ran.out);
}

#[tokio::test]
async fn doctor_without_credentials_exits_4() {
    let stand_in = deployed().await;
    stand_in.fails("GetCallerIdentity", "ExpiredToken", "The security token included in the request is expired");
    let ran = wtb(&stand_in, "doctor").await;
    assert_eq!(ran.exit, Exit::Unreachable);
    assert!(ran.out.contains("aws sso login"), "{}", ran.out);
}

#[tokio::test]
async fn doctor_of_an_older_refresher_recommends_an_upgrade() {
    let stand_in = StandIn::start().await;
    let ran = wtb(&stand_in, "doctor").await;
    assert_eq!(ran.exit, Exit::Ok);
    assert!(ran.out.contains("older than this wtb"), "{}", ran.out);
}
