use broker_core::grant::State;
use broker_core::port::{Found, Store as _, StoreError, Stored, Version};

use crate::fixture::{SecretsFixture, active, id, revoked, soon, token};

pub(crate) async fn revoked_record_is_retired_and_restored(fixture: SecretsFixture) {
    let id = id("a/b");
    let stored = fixture.created_and_revoked("a/b").await;
    for _ in 0..2 {
        fixture.store.retire(&id, soon()).await.unwrap();
        assert!(matches!(fixture.store.load(&id).await, Ok(Found::Retired)));
    }
    let created = fixture.store.create(&active("a/b", "1"), soon()).await;
    assert!(matches!(created, Err(StoreError::Conflict)), "{created:?}");
    for _ in 0..2 {
        fixture.store.restore(&id, soon()).await.unwrap();
        let found = fixture.live(&id).await;
        assert_eq!((found.grant.state, &found.version), (State::Revoked, &stored.version));
    }
    fixture.store.replace(&active("a/b", "2"), &stored.version, soon()).await.unwrap();
    assert_eq!(token(&fixture.live(&id).await), "2");
}

pub(crate) async fn retire_refuses_a_record_that_is_not_revoked(fixture: SecretsFixture) {
    fixture.store.retire(&id("a/nothing"), soon()).await.unwrap();
    fixture.created(active("a/b", "1")).await;
    let retired = fixture.store.retire(&id("a/b"), soon()).await;
    assert!(matches!(retired, Err(StoreError::Conflict)), "{retired:?}");
    assert_eq!(token(&fixture.live(&id("a/b")).await), "1");
}

pub(crate) async fn replace_restores_a_retired_record(fixture: SecretsFixture) {
    let stored = fixture.created_and_revoked("a/b").await;
    fixture.store.retire(&id("a/b"), soon()).await.unwrap();
    fixture.store.replace(&active("a/b", "1"), &stored.version, soon()).await.unwrap();
    assert_eq!(token(&fixture.live(&id("a/b")).await), "1");
}

pub(crate) async fn previous_is_the_record_before_the_retirement(fixture: SecretsFixture) {
    let id = id("a/b");
    assert!(fixture.store.previous(&id).await.unwrap().is_none());
    let stored = fixture.created(active("a/b", "1")).await;
    assert!(fixture.store.previous(&id).await.unwrap().is_none());
    fixture.store.replace(&revoked("a/b"), &stored.version, soon()).await.unwrap();
    assert_eq!(previous_token(&fixture).await, "1");
    fixture.store.retire(&id, soon()).await.unwrap();
    fixture.store.restore(&id, soon()).await.unwrap();
    assert_eq!(previous_token(&fixture).await, "1");
}

async fn previous_token(fixture: &SecretsFixture) -> String {
    let grant = fixture.store.previous(&id("a/b")).await.unwrap().unwrap();
    let version = Version(String::new());
    token(&Stored { grant, version }).to_owned()
}
