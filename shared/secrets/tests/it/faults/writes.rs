use std::collections::BTreeSet;

use broker_core::clock::{Clock as _, Deadline};
use broker_core::port::{Found, GrantsPart, Scheduled, Store as _, StoreError};
use jiff::SignedDuration;
use simulator::Point;
use simulator::secrets::{Fault, Operation};
use tokio::task::JoinSet;

use super::{FaultFixture, within_ms};
use crate::fixture::{CANARY, SteppedClock, active, id, revoked, soon, token};

/// Every way in which a call takes effect and its answer does not come.
const LOST: [Fault; 3] = [Fault::DropAfterEffect, Fault::ErrorAfterEffect, Fault::TimeoutAfterEffect];

fn tokens_of(faulty: &FaultFixture, operation: Operation) -> BTreeSet<String> {
    let calls = faulty.sim.journal().of(operation);
    let token = |call: &simulator::Entry<Operation>| call.field("ClientRequestToken").map(str::to_owned);
    calls.iter().filter_map(token).collect()
}

#[tokio::test]
async fn create_with_a_lost_answer_creates_once() {
    for fault in LOST {
        let faulty = FaultFixture::new().await;
        faulty.fail(Operation::CreateSecret, 1, fault);
        let stored = faulty.fixture.created(active("a/b", "1")).await;
        assert_eq!(faulty.fixture.live(&id("a/b")).await.version, stored.version);
        assert_eq!(tokens_of(&faulty, Operation::CreateSecret).len(), 1);
        faulty.assert_all_faults_met();
    }
}

#[tokio::test]
async fn replace_with_lost_answers_writes_once() {
    for fault in LOST {
        let faulty = FaultFixture::new().await;
        let read = faulty.fixture.created(active("a/b", "1")).await.version;
        faulty.fail(Operation::PutSecretValue, 1, fault.clone());
        faulty.fail(Operation::UpdateSecretVersionStage, 1, fault);
        let version = faulty.fixture.store.replace(&active("a/b", "2"), &read, soon()).await.unwrap();
        let found = faulty.fixture.live(&id("a/b")).await;
        assert_eq!((token(&found), &found.version), ("2", &version));
        assert_eq!(tokens_of(&faulty, Operation::PutSecretValue).len(), 1);
        assert_eq!(faulty.sim.versions("wtb/grants/a/b").len(), 2);
        faulty.assert_all_faults_met();
    }
}

#[tokio::test]
async fn write_outlives_transient_failures() {
    for fault in [Fault::Throttled, Fault::InternalError, Fault::Unavailable, Fault::Drop] {
        let faulty = FaultFixture::new().await;
        faulty.fail(Operation::CreateSecret, 3, fault.clone());
        let read = faulty.fixture.created(active("a/b", "1")).await.version;
        faulty.fail(Operation::PutSecretValue, 4, fault.clone());
        faulty.fail(Operation::UpdateSecretVersionStage, 4, fault);
        faulty.fixture.store.replace(&active("a/b", "2"), &read, soon()).await.unwrap();
        assert_eq!(token(&faulty.fixture.live(&id("a/b")).await), "2");
        faulty.assert_all_faults_met();
    }
}

#[tokio::test]
async fn write_is_retried_until_the_deadline() {
    let faulty = FaultFixture::new().await;
    let read = faulty.fixture.created(active("a/b", "1")).await.version;
    faulty.sim.faults().outage(true);
    let patience = tokio::time::Duration::from_millis(1500);
    let grant = active("a/b", "2");
    let asked = faulty.fixture.store.replace(&grant, &read, within_ms(1000));
    let error = tokio::time::timeout(patience, asked).await.unwrap().unwrap_err();
    let StoreError::Unavailable { operation, code } = &error else {
        panic!("{error:?}");
    };
    assert_eq!((*operation, code.as_str()), ("PutSecretValue", "HTTP 503"));
    assert!(faulty.count(Operation::PutSecretValue) > 2);
    assert!(!format!("{error} {error:?}").contains(CANARY));
}

#[tokio::test]
async fn write_is_tried_once_after_the_deadline() {
    let faulty = FaultFixture::new().await;
    let read = faulty.fixture.created(active("a/b", "1")).await.version;
    faulty.fixture.store.replace(&active("a/b", "2"), &read, within_ms(-1000)).await.unwrap();
}

#[tokio::test]
async fn refused_write_is_not_retried() {
    for code in ["AccessDeniedException", "EncryptionFailure", "DecryptionFailure"] {
        let faulty = FaultFixture::new().await;
        let stored = faulty.fixture.created(active("a/b", "1")).await;
        faulty.fail(Operation::PutSecretValue, 1, Fault::Error(code));
        let error = faulty.fixture.store.replace(&stored.grant, &stored.version, soon()).await.unwrap_err();
        assert!(matches!(&error, StoreError::Refused { code: it, .. } if it == code), "{error:?}");
        assert_eq!(faulty.count(Operation::PutSecretValue), 1);
    }
}

#[tokio::test]
async fn record_with_too_many_versions_can_only_be_withheld() {
    let faulty = FaultFixture::new().await;
    faulty.sim.version_quota(3);
    let mut read = faulty.fixture.created(active("a/b", "1")).await.version;
    for token in ["2", "3"] {
        read = faulty.fixture.store.replace(&active("a/b", token), &read, soon()).await.unwrap();
    }
    let refused = faulty.fixture.store.replace(&active("a/b", "4"), &read, soon()).await;
    let Err(StoreError::VersionLimit { operation, code }) = &refused else {
        panic!("{refused:?}");
    };
    assert_eq!((*operation, code.as_str()), ("PutSecretValue", "LimitExceededException"));
    let fenced_at = "2026-11-21T12:00:00Z".parse().unwrap();
    faulty.fixture.store.withhold(&id("a/b"), fenced_at, soon()).await.unwrap();
    assert!(matches!(faulty.fixture.store.load(&id("a/b")).await, Ok(Found::Retired)));
    assert_eq!(faulty.sim.versions("wtb/grants/a/b").len(), 3);
}

#[tokio::test]
async fn withhold_without_its_note_deletes_nothing() {
    let faulty = FaultFixture::new().await;
    faulty.fixture.created(active("a/b", "1")).await;
    faulty.fail(Operation::UpdateSecret, 1, Fault::Error("AccessDeniedException"));
    let fenced_at = "2026-11-21T12:00:00Z".parse().unwrap();
    let withheld = faulty.fixture.store.withhold(&id("a/b"), fenced_at, soon()).await;
    assert!(matches!(&withheld, Err(StoreError::Refused { operation: "UpdateSecret", .. })), "{withheld:?}");
    assert_eq!(token(&faulty.fixture.live(&id("a/b")).await), "1");
}

#[tokio::test]
async fn withhold_outlives_lost_answers() {
    for fault in LOST {
        let faulty = FaultFixture::new().await;
        faulty.fixture.created(active("a/b", "1")).await;
        faulty.fail(Operation::UpdateSecret, 1, fault.clone());
        faulty.fail(Operation::DeleteSecret, 1, fault);
        let fenced_at = "2026-11-21T12:00:00Z".parse().unwrap();
        faulty.fixture.store.withhold(&id("a/b"), fenced_at, soon()).await.unwrap();
        let scheduled = faulty.fixture.store.scheduled_in_error(&GrantsPart::All, soon()).await.unwrap();
        assert_eq!(scheduled, [Scheduled { id: id("a/b"), fenced_at: Some(fenced_at), is_readable: false }]);
        faulty.assert_all_faults_met();
    }
}

#[tokio::test]
async fn lost_race_leaves_no_label() {
    let faulty = FaultFixture::new().await;
    let read = faulty.fixture.created(active("a/b", "1")).await.version;
    faulty.fixture.store.replace(&active("a/b", "2"), &read, soon()).await.unwrap();
    let late = faulty.fixture.store.replace(&active("a/b", "late"), &read, soon()).await;
    assert!(matches!(late, Err(StoreError::Conflict)), "{late:?}");
    let current = faulty.fixture.live(&id("a/b")).await;
    faulty.fixture.store.replace(&active("a/b", "3"), &current.version, soon()).await.unwrap();
    let versions = faulty.sim.versions("wtb/grants/a/b");
    let labels: BTreeSet<_> = versions.iter().flat_map(|it| it.stages.iter().map(String::as_str)).collect();
    assert_eq!(labels, BTreeSet::from(["AWSCURRENT", "AWSPREVIOUS", "WTB_NEXT"]));
}

#[tokio::test]
async fn retirement_that_hits_a_new_pair_is_undone() {
    let faulty = FaultFixture::new().await;
    let stored = faulty.fixture.created(revoked("a/b")).await;
    let gate = faulty.sim.faults().gate(Operation::DeleteSecret, Point::BeforeEffect);
    let fixture = faulty.fixture.clone();
    let retiring = tokio::spawn(async move { fixture.store.retire(&id("a/b"), soon()).await });
    gate.wait_reached().await;
    faulty.fixture.store.replace(&active("a/b", "new"), &stored.version, soon()).await.unwrap();
    gate.release();
    let retired = retiring.await.unwrap();
    assert!(matches!(retired, Err(StoreError::Conflict)), "{retired:?}");
    assert_eq!(token(&faulty.fixture.live(&id("a/b")).await), "new");
}

#[tokio::test]
async fn record_retired_during_a_replace_is_restored() {
    let faulty = FaultFixture::new().await;
    let stored = faulty.fixture.created(revoked("a/b")).await;
    let gate = faulty.sim.faults().gate(Operation::UpdateSecretVersionStage, Point::BeforeEffect);
    let fixture = faulty.fixture.clone();
    let read = stored.version.clone();
    let writing = tokio::spawn(async move { fixture.store.replace(&active("a/b", "new"), &read, soon()).await });
    gate.wait_reached().await;
    faulty.fixture.store.retire(&id("a/b"), soon()).await.unwrap();
    assert!(matches!(faulty.fixture.store.load(&id("a/b")).await, Ok(Found::Retired)));
    gate.release();
    writing.await.unwrap().unwrap();
    assert_eq!(token(&faulty.fixture.live(&id("a/b")).await), "new");
}

#[tokio::test]
async fn retire_and_restore_outlive_lost_answers() {
    let faulty = FaultFixture::new().await;
    faulty.fixture.created(revoked("a/b")).await;
    faulty.fail(Operation::DeleteSecret, 1, Fault::DropAfterEffect);
    faulty.fixture.store.retire(&id("a/b"), soon()).await.unwrap();
    assert!(matches!(faulty.fixture.store.load(&id("a/b")).await, Ok(Found::Retired)));
    faulty.fail(Operation::RestoreSecret, 1, Fault::DropAfterEffect);
    faulty.fixture.store.restore(&id("a/b"), soon()).await.unwrap();
    faulty.fixture.live(&id("a/b")).await;
    faulty.assert_all_faults_met();
}

#[tokio::test]
async fn claim_with_lost_answers_wins_once() {
    for fault in LOST {
        let faulty = FaultFixture::new().await;
        let store = faulty.store_at(&SteppedClock::at_full_minute());
        let read = faulty.fixture.created(active("a/b", "1")).await.version;
        faulty.fail(Operation::PutSecretValue, 1, fault.clone());
        faulty.fail(Operation::UpdateSecretVersionStage, 1, fault);
        let version = store.claim(&active("a/b", "1"), &read, soon()).await.unwrap();
        assert_eq!(faulty.fixture.live(&id("a/b")).await.version, version);
        let late = store.claim(&active("a/b", "1"), &read, soon()).await;
        assert!(matches!(late, Err(StoreError::Conflict)), "{late:?}");
        assert_eq!(faulty.sim.versions("wtb/grants/a/b").len(), 2);
        faulty.assert_all_faults_met();
    }
}

#[tokio::test]
async fn claims_at_one_time_cost_one_version() {
    let faulty = FaultFixture::new().await;
    let read = faulty.fixture.created(active("a/b", "1")).await.version;
    let clock = SteppedClock::at_full_minute();
    let mut claims = JoinSet::new();
    for _ in 0..32 {
        let (store, read) = (faulty.store_at(&clock), read.clone());
        claims.spawn(async move { store.claim(&active("a/b", "1"), &read, soon()).await });
    }
    let won = claims.join_all().await.into_iter().flatten().count();
    assert_eq!((won, faulty.sim.versions("wtb/grants/a/b").len()), (1, 2));
}

/// The first claim crashes between its two calls. For some seconds it keeps others out, and then no longer.
#[tokio::test]
async fn claim_that_crashed_halfway_is_passed_over() {
    let faulty = FaultFixture::new().await;
    let clock = SteppedClock::at_full_minute();
    let store = faulty.store_at(&clock);
    let read = faulty.fixture.created(active("a/b", "1")).await.version;
    let deadline = Deadline::at(clock.now() + SignedDuration::from_mins(1));
    faulty.fail(Operation::UpdateSecretVersionStage, 1, Fault::Error("AccessDeniedException"));
    assert!(store.claim(&active("a/b", "1"), &read, deadline).await.is_err());
    let kept_out = store.claim(&active("a/b", "1"), &read, deadline).await;
    assert!(matches!(kept_out, Err(StoreError::Conflict)), "{kept_out:?}");
    clock.advance(SignedDuration::from_secs(15));
    store.claim(&active("a/b", "1"), &read, deadline).await.unwrap();
}
