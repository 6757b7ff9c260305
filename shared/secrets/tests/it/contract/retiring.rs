use broker_core::grant::State;
use broker_core::port::{Found, Store as _, StoreError};

use crate::shop::{Shop, active, id, revoked, soon, token};

pub(crate) async fn a_revoked_record_is_retired_and_restored(shop: Shop) {
    let id = id("a/b");
    let stored = shop.created(revoked("a/b")).await;
    for _ in 0..2 {
        shop.vault.retire(&id, soon()).await.unwrap();
        assert!(matches!(shop.vault.load(&id).await, Ok(Found::Retired)));
    }
    let created = shop.vault.create(&active("a/b", "1"), soon()).await;
    assert!(matches!(created, Err(StoreError::Conflict)), "{created:?}");
    for _ in 0..2 {
        shop.vault.restore(&id, soon()).await.unwrap();
        let found = shop.live(&id).await;
        assert_eq!((found.grant.state, &found.version), (State::Revoked, &stored.version));
    }
    shop.vault.replace(&active("a/b", "2"), &stored.version, soon()).await.unwrap();
    assert_eq!(token(&shop.live(&id).await), "2");
}

pub(crate) async fn only_a_revoked_record_is_retired(shop: Shop) {
    shop.vault.retire(&id("a/nothing"), soon()).await.unwrap();
    shop.created(active("a/b", "1")).await;
    let retired = shop.vault.retire(&id("a/b"), soon()).await;
    assert!(matches!(retired, Err(StoreError::Conflict)), "{retired:?}");
    assert_eq!(token(&shop.live(&id("a/b")).await), "1");
}

pub(crate) async fn a_write_takes_a_retired_record_back(shop: Shop) {
    let stored = shop.created(revoked("a/b")).await;
    shop.vault.retire(&id("a/b"), soon()).await.unwrap();
    let proved = shop.vault.replace(&stored.grant, &stored.version, soon()).await;
    assert!(matches!(proved, Err(StoreError::Conflict)), "{proved:?}");
    shop.vault.replace(&active("a/b", "1"), &stored.version, soon()).await.unwrap();
    assert_eq!(token(&shop.live(&id("a/b")).await), "1");
}
