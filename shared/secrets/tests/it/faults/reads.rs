use broker_core::port::{Store as _, StoreError};
use secrets::PageError;
use simulator::secrets::{Fault, Operation};

use super::{Scene, within_ms};
use crate::shop::{active, app, id, revoked, soon};

/// More than two pages of 20.
const MANY: usize = 45;

async fn stocked() -> Scene {
    let scene = Scene::new().await;
    for n in 0..MANY {
        scene.shop.created(active(&format!("a/g{n:02}"), "1")).await;
    }
    scene.store.journal().clear();
    scene
}

#[tokio::test]
async fn a_scan_costs_one_call_for_twenty_grants() {
    let scene = stocked().await;
    scene.shop.vault.grants(soon()).await.unwrap();
    assert_eq!((scene.count(Operation::BatchGetSecretValue), scene.store.journal().total()), (3, 3));
}

#[tokio::test]
async fn throttled_pages_are_asked_for_again() {
    for fault in [Fault::Throttled, Fault::InternalError, Fault::Drop] {
        let scene = stocked().await;
        scene.fail(Operation::BatchGetSecretValue, 5, fault);
        let scan = scene.shop.vault.grants(soon()).await.unwrap();
        assert_eq!((scan.items.len(), scan.cut_short.is_none()), (MANY, true));
        scene.assert_all_faults_met();
    }
}

#[tokio::test]
async fn a_scan_that_ends_early_keeps_what_it_read_and_says_why() {
    let scene = stocked().await;
    let gate = scene.store.faults().gate(Operation::BatchGetSecretValue, simulator::Point::BeforeEffect);
    let shop = scene.shop.clone();
    let scanning = tokio::spawn(async move { shop.vault.grants(within_ms(1000)).await });
    gate.wait_reached().await;
    gate.release_one();
    gate.wait_reached_by(2).await;
    scene.fail(Operation::BatchGetSecretValue, 1000, Fault::Throttled);
    gate.release();
    let scan = scanning.await.unwrap().unwrap();
    assert_eq!(scan.items.len(), 20);
    let Some(StoreError::Unavailable { code, .. }) = &scan.cut_short else {
        panic!("{:?}", scan.cut_short);
    };
    assert_eq!(code, "ThrottlingException");
}

#[tokio::test]
async fn a_scan_without_a_single_page_is_an_error() {
    let scene = stocked().await;
    scene.store.faults().outage(true);
    let scan = scene.shop.vault.grants(within_ms(300)).await;
    assert!(matches!(scan, Err(StoreError::Unavailable { .. })), "{scan:?}");
    scene.store.faults().clear();
    scene.fail(Operation::BatchGetSecretValue, 1, Fault::Error("AccessDeniedException"));
    scene.fail(Operation::ListSecrets, 1, Fault::Error("AccessDeniedException"));
    let scan = scene.shop.vault.grants(soon()).await;
    assert!(matches!(scan, Err(StoreError::Refused { .. })), "{scan:?}");
}

#[tokio::test]
async fn where_a_batch_by_prefix_is_refused_names_are_listed() {
    let scene = stocked().await;
    scene.fail(Operation::BatchGetSecretValue, 1, Fault::Error("InvalidRequestException"));
    let scan = scene.shop.vault.grants(soon()).await.unwrap();
    assert_eq!(scan.items.len(), MANY);
    assert_eq!((scene.count(Operation::ListSecrets), scene.count(Operation::BatchGetSecretValue)), (1, 4));
}

#[tokio::test]
async fn where_all_batches_are_refused_secrets_are_read_one_by_one() {
    let scene = stocked().await;
    scene.fail(Operation::BatchGetSecretValue, 4, Fault::Error("UnknownOperationException"));
    let scan = scene.shop.vault.grants(soon()).await.unwrap();
    assert_eq!((scan.items.len(), scene.count(Operation::GetSecretValue)), (MANY, MANY));
}

#[tokio::test]
async fn one_secret_that_cannot_be_decrypted_does_not_hide_the_others() {
    let scene = stocked().await;
    scene.fail(Operation::BatchGetSecretValue, 4, Fault::Error("UnknownOperationException"));
    scene.fail(Operation::GetSecretValue, 1, Fault::Error("DecryptionFailure"));
    let scan = scene.shop.vault.grants(soon()).await.unwrap();
    assert_eq!(scan.items.len(), MANY - 1);
    assert_eq!(scan.unreadable[0].name, "grants/a/g00");
    assert_eq!(scan.unreadable[0].reason, "the store refused it: DecryptionFailure");
}

#[tokio::test]
async fn a_page_falls_back_as_a_scan_does_and_its_next_leads_on() {
    let scene = stocked().await;
    scene.fail(Operation::BatchGetSecretValue, 1, Fault::Error("InvalidRequestException"));
    let (mut seen, mut next) = (0, None);
    loop {
        let page = scene.shop.vault.page(&app("a"), next.as_deref()).await.unwrap();
        seen += page.grants.len();
        next = page.next;
        if next.is_none() {
            break;
        }
    }
    assert_eq!((seen, scene.count(Operation::ListSecrets)), (MANY, 3));
}

#[tokio::test]
async fn a_page_while_the_store_is_down_is_no_fault_of_the_caller() {
    let scene = stocked().await;
    let page = scene.shop.vault.page(&app("a"), None).await.unwrap();
    scene.fail(Operation::BatchGetSecretValue, 100, Fault::Error("AccessDeniedException"));
    let refused = scene.shop.vault.page(&app("a"), page.next.as_deref()).await;
    assert!(matches!(refused, Err(PageError::Store(StoreError::Refused { .. }))), "{refused:?}");
}

#[tokio::test]
async fn a_read_outlives_a_hiccup() {
    let scene = Scene::new().await;
    scene.shop.created(revoked("a/b")).await;
    scene.fail(Operation::GetSecretValue, 2, Fault::InternalError);
    scene.shop.live(&id("a/b")).await;
    scene.fail(Operation::GetSecretValue, 3, Fault::Throttled);
    let read = scene.shop.vault.load(&id("a/b")).await;
    assert!(matches!(&read, Err(StoreError::Unavailable { code, .. }) if code == "ThrottlingException"), "{read:?}");
}

#[tokio::test]
async fn a_store_that_does_not_answer_is_given_up() {
    let scene = Scene::new().await;
    scene.fail(Operation::GetSecretValue, 3, Fault::HangForever);
    let read = scene.shop.vault.load(&id("a/b")).await;
    assert!(matches!(&read, Err(StoreError::Unavailable { code, .. }) if code == "TimedOut"), "{read:?}");
    scene.assert_all_faults_met();
}
