use broker_core::grant::State;
use broker_core::port::{Found, Store as _, StoreError};

use crate::fixture::{SecretsFixture, active, id, revoked, soon, token};

pub(crate) async fn revoked_record_is_retired_and_restored(fixture: SecretsFixture) {
    let id = id("a/b");
    let stored = fixture.created(revoked("a/b")).await;
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
    let stored = fixture.created(revoked("a/b")).await;
    fixture.store.retire(&id("a/b"), soon()).await.unwrap();
    fixture.store.replace(&active("a/b", "1"), &stored.version, soon()).await.unwrap();
    assert_eq!(token(&fixture.live(&id("a/b")).await), "1");
}
