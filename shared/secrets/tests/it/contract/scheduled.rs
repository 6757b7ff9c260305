use broker_core::port::{Found, GrantsPart, Scheduled, Store as _, StoreError};
use jiff::{SignedDuration, Timestamp};

use crate::fixture::{SecretsFixture, active, id, revoked, soon, token};

fn fenced_at() -> Timestamp {
    "2026-11-21T12:00:00.25Z".parse().unwrap()
}

async fn scheduled(fixture: &SecretsFixture) -> Vec<Scheduled> {
    fixture.store.scheduled_in_error(&GrantsPart::All, soon()).await.unwrap()
}

fn withheld(at: Timestamp, is_readable: bool) -> Scheduled {
    Scheduled { id: id("a/b"), fenced_at: Some(at), is_readable }
}

/// Schedules a secret for deletion past the adapter.
pub(super) async fn delete(fixture: &SecretsFixture, name: &str) {
    let call = fixture.raw.delete_secret().secret_id(format!("{}{name}", fixture.prefix));
    call.recovery_window_in_days(7).send().await.unwrap();
}

pub(crate) async fn retired_record_is_not_scheduled_in_error(fixture: SecretsFixture) {
    fixture.created(revoked("a/created")).await;
    fixture.store.retire(&id("a/created"), soon()).await.unwrap();
    let stored = fixture.created(active("a/replaced", "1")).await;
    fixture.store.replace(&revoked("a/replaced"), &stored.version, soon()).await.unwrap();
    fixture.store.retire(&id("a/replaced"), soon()).await.unwrap();
    assert_eq!(scheduled(&fixture).await, []);
}

pub(crate) async fn revoked_record_of_an_older_release_is_marked(fixture: SecretsFixture) {
    fixture.seed("grants/a/b", r#"{"version":1,"app":"a","subject":"b","state":"revoked"}"#).await;
    fixture.store.retire(&id("a/b"), soon()).await.unwrap();
    assert!(matches!(fixture.store.load(&id("a/b")).await, Ok(Found::Retired)));
    assert_eq!(scheduled(&fixture).await, []);
}

pub(crate) async fn live_record_scheduled_for_deletion_is_found(fixture: SecretsFixture) {
    let expected = Scheduled { id: id("a/b"), fenced_at: None, is_readable: false };
    fixture.created(active("a/b", "1")).await;
    fixture.created(active("a/other", "1")).await;
    fixture.seed("grants/stray", "{}").await;
    fixture.seed("apps/a", "{}").await;
    for name in ["grants/a/b", "grants/stray", "apps/a"] {
        delete(&fixture, name).await;
    }
    assert_eq!(scheduled(&fixture).await, [expected]);
    fixture.store.restore(&id("a/b"), soon()).await.unwrap();
    assert_eq!(token(&fixture.live(&id("a/b")).await), "1");
    assert_eq!(scheduled(&fixture).await, []);
}

pub(crate) async fn withhold_stops_reads_and_notes_the_fence(fixture: SecretsFixture) {
    let stored = fixture.created(active("a/b", "1")).await;
    let later = fenced_at() + SignedDuration::from_mins(1);
    for at in [fenced_at(), later] {
        fixture.store.withhold(&id("a/b"), at, soon()).await.unwrap();
        assert!(matches!(fixture.store.load(&id("a/b")).await, Ok(Found::Retired)));
        assert_eq!(scheduled(&fixture).await, [withheld(at, false)]);
    }
    fixture.store.restore(&id("a/b"), soon()).await.unwrap();
    let found = fixture.live(&id("a/b")).await;
    assert_eq!((&found.version, token(&found)), (&stored.version, "1"));
    assert_eq!(scheduled(&fixture).await, [withheld(later, true)], "the fence is not written yet");
    fixture.store.end_withholding(&id("a/b"), soon()).await.unwrap();
    assert_eq!(scheduled(&fixture).await, []);
}

pub(crate) async fn withhold_leaves_a_retired_record_retired(fixture: SecretsFixture) {
    fixture.created(revoked("a/b")).await;
    fixture.store.retire(&id("a/b"), soon()).await.unwrap();
    fixture.store.withhold(&id("a/b"), fenced_at(), soon()).await.unwrap();
    assert!(matches!(fixture.store.load(&id("a/b")).await, Ok(Found::Retired)));
    assert_eq!(scheduled(&fixture).await, []);
}

pub(crate) async fn withhold_of_an_unknown_record_is_a_conflict(fixture: SecretsFixture) {
    let withheld = fixture.store.withhold(&id("a/b"), fenced_at(), soon()).await;
    assert!(matches!(withheld, Err(StoreError::Conflict)), "{withheld:?}");
}
