use std::collections::BTreeSet;

use broker_core::port::{Found, Store as _, StoreError};
use simulator::Point;
use simulator::secrets::{Fault, Operation};

use super::{Scene, within_ms};
use crate::shop::{CANARY, active, id, revoked, soon, token};

/// Every way in which a call takes effect and its answer does not come.
const LOST: [Fault; 3] = [Fault::DropAfterEffect, Fault::ErrorAfterEffect, Fault::TimeoutAfterEffect];

fn tokens_of(scene: &Scene, operation: Operation) -> BTreeSet<String> {
    let calls = scene.store.journal().of(operation);
    let token = |call: &simulator::Entry<Operation>| call.field("ClientRequestToken").map(str::to_owned);
    calls.iter().filter_map(token).collect()
}

#[tokio::test]
async fn a_record_whose_creation_was_not_answered_is_created_once() {
    for fault in LOST {
        let scene = Scene::new().await;
        scene.fail(Operation::CreateSecret, 1, fault);
        let stored = scene.shop.created(active("a/b", "1")).await;
        assert_eq!(scene.shop.live(&id("a/b")).await.version, stored.version);
        assert_eq!(tokens_of(&scene, Operation::CreateSecret).len(), 1);
        scene.assert_all_faults_met();
    }
}

#[tokio::test]
async fn a_write_whose_answers_were_lost_is_done_once() {
    for fault in LOST {
        let scene = Scene::new().await;
        let read = scene.shop.created(active("a/b", "1")).await.version;
        scene.fail(Operation::PutSecretValue, 1, fault.clone());
        scene.fail(Operation::UpdateSecretVersionStage, 1, fault);
        let version = scene.shop.vault.replace(&active("a/b", "2"), &read, soon()).await.unwrap();
        let found = scene.shop.live(&id("a/b")).await;
        assert_eq!((token(&found), &found.version), ("2", &version));
        assert_eq!(tokens_of(&scene, Operation::PutSecretValue).len(), 1);
        assert_eq!(scene.store.versions("wtb/grants/a/b").len(), 2);
        scene.assert_all_faults_met();
    }
}

#[tokio::test]
async fn a_write_outlives_what_passes() {
    for fault in [Fault::Throttled, Fault::InternalError, Fault::Unavailable, Fault::Drop] {
        let scene = Scene::new().await;
        scene.fail(Operation::CreateSecret, 3, fault.clone());
        let read = scene.shop.created(active("a/b", "1")).await.version;
        scene.fail(Operation::PutSecretValue, 4, fault.clone());
        scene.fail(Operation::UpdateSecretVersionStage, 4, fault);
        scene.shop.vault.replace(&active("a/b", "2"), &read, soon()).await.unwrap();
        assert_eq!(token(&scene.shop.live(&id("a/b")).await), "2");
        scene.assert_all_faults_met();
    }
}

#[tokio::test]
async fn a_write_is_tried_until_the_deadline_and_no_longer() {
    let scene = Scene::new().await;
    let read = scene.shop.created(active("a/b", "1")).await.version;
    scene.store.faults().outage(true);
    let patience = tokio::time::Duration::from_millis(1500);
    let grant = active("a/b", "2");
    let asked = scene.shop.vault.replace(&grant, &read, within_ms(1000));
    let error = tokio::time::timeout(patience, asked).await.unwrap().unwrap_err();
    let StoreError::Unavailable { operation, code } = &error else {
        panic!("{error:?}");
    };
    assert_eq!((*operation, code.as_str()), ("PutSecretValue", "HTTP 503"));
    assert!(scene.count(Operation::PutSecretValue) > 2);
    assert!(!format!("{error} {error:?}").contains(CANARY));
}

#[tokio::test]
async fn a_write_is_tried_once_even_after_the_deadline() {
    let scene = Scene::new().await;
    let read = scene.shop.created(active("a/b", "1")).await.version;
    scene.shop.vault.replace(&active("a/b", "2"), &read, within_ms(-1000)).await.unwrap();
}

#[tokio::test]
async fn what_waiting_does_not_help_is_said_at_once() {
    for code in ["AccessDeniedException", "EncryptionFailure", "LimitExceededException", "DecryptionFailure"] {
        let scene = Scene::new().await;
        let stored = scene.shop.created(active("a/b", "1")).await;
        scene.fail(Operation::PutSecretValue, 1, Fault::Error(code));
        let error = scene.shop.vault.replace(&stored.grant, &stored.version, soon()).await.unwrap_err();
        assert!(matches!(&error, StoreError::Refused { code: it, .. } if it == code), "{error:?}");
        assert_eq!(scene.count(Operation::PutSecretValue), 1);
    }
}

#[tokio::test]
async fn a_write_that_lost_its_race_leaves_no_label_behind() {
    let scene = Scene::new().await;
    let read = scene.shop.created(active("a/b", "1")).await.version;
    scene.shop.vault.replace(&active("a/b", "2"), &read, soon()).await.unwrap();
    let late = scene.shop.vault.replace(&active("a/b", "late"), &read, soon()).await;
    assert!(matches!(late, Err(StoreError::Conflict)), "{late:?}");
    let current = scene.shop.live(&id("a/b")).await;
    scene.shop.vault.replace(&active("a/b", "3"), &current.version, soon()).await.unwrap();
    let versions = scene.store.versions("wtb/grants/a/b");
    let labels: BTreeSet<_> = versions.iter().flat_map(|it| it.stages.iter().map(String::as_str)).collect();
    assert_eq!(labels, BTreeSet::from(["AWSCURRENT", "AWSPREVIOUS", "WTB_NEXT"]));
}

#[tokio::test]
async fn a_retirement_that_met_a_new_pair_is_taken_back() {
    let scene = Scene::new().await;
    let stored = scene.shop.created(revoked("a/b")).await;
    let gate = scene.store.faults().gate(Operation::DeleteSecret, Point::BeforeEffect);
    let shop = scene.shop.clone();
    let retiring = tokio::spawn(async move { shop.vault.retire(&id("a/b"), soon()).await });
    gate.wait_reached().await;
    scene.shop.vault.replace(&active("a/b", "new"), &stored.version, soon()).await.unwrap();
    gate.release();
    let retired = retiring.await.unwrap();
    assert!(matches!(retired, Err(StoreError::Conflict)), "{retired:?}");
    assert_eq!(token(&scene.shop.live(&id("a/b")).await), "new");
}

#[tokio::test]
async fn a_record_retired_between_put_and_move_is_taken_back() {
    let scene = Scene::new().await;
    let stored = scene.shop.created(revoked("a/b")).await;
    let gate = scene.store.faults().gate(Operation::UpdateSecretVersionStage, Point::BeforeEffect);
    let (shop, read) = (scene.shop.clone(), stored.version.clone());
    let writing = tokio::spawn(async move { shop.vault.replace(&active("a/b", "new"), &read, soon()).await });
    gate.wait_reached().await;
    scene.shop.vault.retire(&id("a/b"), soon()).await.unwrap();
    assert!(matches!(scene.shop.vault.load(&id("a/b")).await, Ok(Found::Retired)));
    gate.release();
    writing.await.unwrap().unwrap();
    assert_eq!(token(&scene.shop.live(&id("a/b")).await), "new");
}

#[tokio::test]
async fn retiring_and_restoring_outlive_lost_answers() {
    let scene = Scene::new().await;
    scene.shop.created(revoked("a/b")).await;
    scene.fail(Operation::DeleteSecret, 1, Fault::DropAfterEffect);
    scene.shop.vault.retire(&id("a/b"), soon()).await.unwrap();
    assert!(matches!(scene.shop.vault.load(&id("a/b")).await, Ok(Found::Retired)));
    scene.fail(Operation::RestoreSecret, 1, Fault::DropAfterEffect);
    scene.shop.vault.restore(&id("a/b"), soon()).await.unwrap();
    scene.shop.live(&id("a/b")).await;
    scene.assert_all_faults_met();
}
