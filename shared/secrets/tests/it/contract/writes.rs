use std::collections::BTreeMap;

use broker_core::grant::{Failure, Grant};
use broker_core::port::{Store as _, StoreError, Version};

use crate::shop::{Shop, active, id, soon, token};

const ORG: &str = "reports/ce861fba-6e2f-49f9-9a84-b354008fac9e";

pub(crate) async fn a_record_is_read_as_it_was_created(shop: Shop) {
    let mut grant = active(ORG, "1");
    grant.renewed_at = "2026-11-21T12:00:00.25Z".parse().ok();
    grant.failure = Some(Failure {
        since: "2026-11-21T13:00:00Z".parse().unwrap(),
        attempts: 3,
        code: "invalid_grant".into(),
        tracking_id: None,
        last_at: "2026-11-21T14:00:00Z".parse().ok(),
    });
    let written = shop.created(grant.clone()).await;
    let found = shop.live(&id(ORG)).await;
    assert_eq!(found.version, written.version);
    assert_eq!(format!("{:?}", found.grant), format!("{grant:?}"));
    assert_eq!(token(&found), "1");
    assert_eq!(tags(&shop).await, expected_tags());
}

async fn tags(shop: &Shop) -> BTreeMap<String, String> {
    let name = format!("{}grants/{ORG}", shop.prefix);
    let described = shop.raw.describe_secret().secret_id(name).send().await.unwrap();
    let tags = described.tags.unwrap_or_default().into_iter();
    tags.filter_map(|tag| Some((tag.key?, tag.value?))).collect()
}

fn expected_tags() -> BTreeMap<String, String> {
    let tags =
        [("app", "reports"), ("managed-by", "webex-token-broker"), ("subject", "ce861fba-6e2f-49f9-9a84-b354008fac9e")];
    tags.map(|(key, value)| (key.to_owned(), value.to_owned())).into()
}

pub(crate) async fn a_record_is_created_once(shop: Shop) {
    shop.created(active("a/b", "1")).await;
    let again = shop.vault.create(&active("a/b", "2"), soon()).await;
    assert!(matches!(again, Err(StoreError::Conflict)), "{again:?}");
    assert_eq!(token(&shop.live(&id("a/b")).await), "1");
}

pub(crate) async fn a_write_replaces_the_version_that_was_read_and_no_other(shop: Shop) {
    let first = shop.created(active("a/b", "1")).await;
    let second = shop.vault.replace(&active("a/b", "2"), &first.version, soon()).await.unwrap();
    assert_ne!(second, first.version);
    let late = shop.vault.replace(&active("a/b", "late"), &first.version, soon()).await;
    assert!(matches!(late, Err(StoreError::Conflict)), "{late:?}");
    let found = shop.live(&id("a/b")).await;
    assert_eq!((&found.version, token(&found)), (&second, "2"));
    let third = shop.vault.replace(&active("a/b", "3"), &second, soon()).await.unwrap();
    let found = shop.live(&id("a/b")).await;
    assert_eq!((&found.version, token(&found)), (&third, "3"));
}

pub(crate) async fn what_does_not_exist_cannot_be_replaced(shop: Shop) {
    let nothing = Version("11111111-1111-4111-8111-111111111111".into());
    let replaced = shop.vault.replace(&active("a/b", "1"), &nothing, soon()).await;
    assert!(matches!(replaced, Err(StoreError::Conflict)), "{replaced:?}");
}

pub(crate) async fn proving_that_writes_work_changes_nothing(shop: Shop) {
    let stored = shop.created(active("a/b", "1")).await;
    for _ in 0..2 {
        shop.vault.replace(&stored.grant, &stored.version, soon()).await.unwrap();
        let found = shop.live(&id("a/b")).await;
        assert_eq!((&found.version, token(&found)), (&stored.version, "1"));
    }
    shop.vault.replace(&active("a/b", "2"), &stored.version, soon()).await.unwrap();
}

pub(crate) async fn a_document_that_is_too_large_is_not_sent(shop: Shop) {
    let large = |bytes: usize| active("a/b", &"x".repeat(bytes / 2));
    let error = shop.vault.create(&large(65_536), soon()).await.unwrap_err();
    let StoreError::TooLarge { name, bytes, limit } = &error else {
        panic!("{error:?}");
    };
    assert_eq!((name.as_str(), *limit), ("grants/a/b", 65_536));
    assert!(bytes > limit);
    let fits: Grant = large(65_000);
    shop.created(fits).await;
}
