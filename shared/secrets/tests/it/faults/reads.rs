use broker_core::port::{GrantsPart, Store as _, StoreError};
use secrets::PageError;
use simulator::secrets::{Fault, Operation};

use super::{FaultFixture, within_ms};
use crate::fixture::{active, all_grants, app, id, revoked, soon};

/// More than two pages of 20.
const MANY: usize = 45;

/// More than one page of 100 names.
const LISTED: usize = 105;

async fn stocked() -> FaultFixture {
    let faulty = FaultFixture::new().await;
    for n in 0..MANY {
        faulty.fixture.created(active(&format!("a/g{n:02}"), "1")).await;
    }
    faulty.sim.journal().clear();
    faulty
}

#[tokio::test]
async fn scan_costs_one_call_for_twenty_grants() {
    let faulty = stocked().await;
    all_grants(&faulty.fixture.store, soon()).await.unwrap();
    assert_eq!((faulty.count(Operation::BatchGetSecretValue), faulty.sim.journal().total()), (3, 3));
}

#[tokio::test]
async fn scan_of_more_than_sixty_pages_goes_on_in_parts_and_sees_each_secret_once() {
    let faulty = FaultFixture::new().await;
    let numbered = (0..1_300).map(|n| format!("grants/a/user-{n:04}"));
    // Names that end where others go on.
    let mut expected: Vec<String> =
        numbered.chain(["u", "user", "user-", "z"].map(|it| format!("grants/a/{it}"))).collect();
    for name in &expected {
        faulty.fixture.seed(name, "{}").await;
    }
    faulty.sim.journal().clear();
    let scan = all_grants(&faulty.fixture.store, soon()).await.unwrap();
    assert!(scan.cut_short.is_none(), "{:?}", scan.cut_short);
    let mut seen: Vec<String> = scan.unreadable.into_iter().map(|it| it.name).collect();
    seen.sort_unstable();
    expected.sort_unstable();
    assert_eq!(seen, expected);
}

#[tokio::test]
async fn scan_retries_throttled_pages() {
    for fault in [Fault::Throttled, Fault::InternalError, Fault::Drop] {
        let faulty = stocked().await;
        faulty.fail(Operation::BatchGetSecretValue, 5, fault);
        let scan = all_grants(&faulty.fixture.store, soon()).await.unwrap();
        assert_eq!((scan.items.len(), scan.cut_short.is_none()), (MANY, true));
        faulty.assert_all_faults_met();
    }
}

#[tokio::test]
async fn scan_cut_short_keeps_what_it_read() {
    let faulty = stocked().await;
    let gate = faulty.sim.faults().gate(Operation::BatchGetSecretValue, simulator::Point::BeforeEffect);
    let fixture = faulty.fixture.clone();
    let scanning = tokio::spawn(async move { all_grants(&fixture.store, within_ms(1000)).await });
    gate.wait_reached().await;
    gate.release_one();
    gate.wait_reached_by(2).await;
    faulty.fail(Operation::BatchGetSecretValue, 1000, Fault::Throttled);
    gate.release();
    let scan = scanning.await.unwrap().unwrap();
    assert_eq!(scan.items.len(), 20);
    let Some(StoreError::Unavailable { code, .. }) = &scan.cut_short else {
        panic!("{:?}", scan.cut_short);
    };
    assert_eq!(code, "ThrottlingException");
}

#[tokio::test]
async fn scan_without_a_page_is_an_error() {
    let faulty = stocked().await;
    faulty.sim.faults().outage(true);
    let scan = all_grants(&faulty.fixture.store, within_ms(300)).await;
    assert!(matches!(scan, Err(StoreError::Unavailable { .. })), "{scan:?}");
    faulty.sim.faults().clear();
    faulty.fail(Operation::BatchGetSecretValue, 1, Fault::Error("AccessDeniedException"));
    faulty.fail(Operation::ListSecrets, 1, Fault::Error("AccessDeniedException"));
    let scan = all_grants(&faulty.fixture.store, soon()).await;
    assert!(matches!(scan, Err(StoreError::Refused { .. })), "{scan:?}");
}

#[tokio::test]
async fn scan_lists_names_if_batches_by_prefix_are_refused() {
    let faulty = stocked().await;
    faulty.fail(Operation::BatchGetSecretValue, 1, Fault::Error("InvalidRequestException"));
    let scan = all_grants(&faulty.fixture.store, soon()).await.unwrap();
    assert_eq!(scan.items.len(), MANY);
    assert_eq!((faulty.count(Operation::ListSecrets), faulty.count(Operation::BatchGetSecretValue)), (1, 4));
}

#[tokio::test]
async fn scan_reads_one_by_one_if_all_batches_are_refused() {
    let faulty = stocked().await;
    faulty.fail(Operation::BatchGetSecretValue, 4, Fault::Error("UnknownOperationException"));
    let scan = all_grants(&faulty.fixture.store, soon()).await.unwrap();
    assert_eq!((scan.items.len(), faulty.count(Operation::GetSecretValue)), (MANY, MANY));
}

#[tokio::test]
async fn undecryptable_secret_does_not_hide_the_others() {
    let faulty = stocked().await;
    faulty.fail(Operation::BatchGetSecretValue, 4, Fault::Error("UnknownOperationException"));
    faulty.fail(Operation::GetSecretValue, 1, Fault::Error("DecryptionFailure"));
    let scan = all_grants(&faulty.fixture.store, soon()).await.unwrap();
    assert_eq!(scan.items.len(), MANY - 1);
    assert_eq!(scan.unreadable[0].name, "grants/a/g00");
    assert_eq!(scan.unreadable[0].reason, "Secrets Manager refused to read it: DecryptionFailure");
}

#[tokio::test]
async fn page_falls_back_to_listing_and_goes_on() {
    let faulty = stocked().await;
    faulty.fail(Operation::BatchGetSecretValue, 1, Fault::Error("InvalidRequestException"));
    let mut seen = 0;
    let mut next = None;
    loop {
        let page = faulty.fixture.store.page(&app("a"), next.as_deref()).await.unwrap();
        seen += page.grants.len();
        next = page.next;
        if next.is_none() {
            break;
        }
    }
    assert_eq!((seen, faulty.count(Operation::ListSecrets)), (MANY, 3));
}

#[tokio::test]
async fn page_during_an_outage_is_a_store_error() {
    let faulty = stocked().await;
    let page = faulty.fixture.store.page(&app("a"), None).await.unwrap();
    faulty.fail(Operation::BatchGetSecretValue, 100, Fault::Error("AccessDeniedException"));
    let refused = faulty.fixture.store.page(&app("a"), page.next.as_deref()).await;
    assert!(matches!(refused, Err(PageError::Store(StoreError::Refused { .. }))), "{refused:?}");
}

#[tokio::test]
async fn read_is_retried_three_times() {
    let faulty = FaultFixture::new().await;
    faulty.fixture.created(revoked("a/b")).await;
    faulty.fail(Operation::GetSecretValue, 2, Fault::InternalError);
    faulty.fixture.live(&id("a/b")).await;
    faulty.fail(Operation::GetSecretValue, 3, Fault::Throttled);
    let read = faulty.fixture.store.load(&id("a/b")).await;
    assert!(matches!(&read, Err(StoreError::Unavailable { code, .. }) if code == "ThrottlingException"), "{read:?}");
}

#[tokio::test]
async fn read_times_out_if_the_store_hangs() {
    let faulty = FaultFixture::new().await;
    faulty.fail(Operation::GetSecretValue, 3, Fault::HangForever);
    let read = faulty.fixture.store.load(&id("a/b")).await;
    assert!(matches!(&read, Err(StoreError::Unavailable { code, .. }) if code == "TimedOut"), "{read:?}");
    faulty.assert_all_faults_met();
}

/// More than one page of 100 names, all scheduled for deletion.
async fn many_scheduled() -> FaultFixture {
    let faulty = FaultFixture::new().await;
    let text = r#"{"version":1,"app":"a","subject":"b","state":"pending"}"#;
    for n in 0..LISTED {
        let name = format!("grants/a/g{n:03}");
        faulty.fixture.seed(&name, text).await;
        let call = faulty.fixture.raw.delete_secret().secret_id(format!("wtb/{name}"));
        call.recovery_window_in_days(7).send().await.unwrap();
    }
    faulty.sim.journal().clear();
    faulty
}

#[tokio::test]
async fn scheduled_in_error_lists_all_pages() {
    let faulty = many_scheduled().await;
    let scheduled = faulty.fixture.store.scheduled_in_error(&GrantsPart::All, soon()).await.unwrap();
    assert_eq!((scheduled.len(), faulty.count(Operation::ListSecrets)), (LISTED, 2));
    let first_page = faulty.fixture.store.scheduled_in_error(&GrantsPart::All, within_ms(-1)).await.unwrap();
    assert_eq!(first_page.len(), 100);
}

#[tokio::test]
async fn scheduled_in_error_without_a_page_is_an_error() {
    let faulty = FaultFixture::new().await;
    faulty.fail(Operation::ListSecrets, 1, Fault::Error("AccessDeniedException"));
    let scheduled = faulty.fixture.store.scheduled_in_error(&GrantsPart::All, soon()).await;
    assert!(matches!(scheduled, Err(StoreError::Refused { .. })), "{scheduled:?}");
}
