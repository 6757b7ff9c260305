use std::collections::BTreeMap;

use broker_core::grant::{Failure, Grant};
use broker_core::port::{Store as _, StoreError, Version};

use crate::fixture::{SecretsFixture, active, id, soon, token};

const ORG: &str = "reports/ce861fba-6e2f-49f9-9a84-b354008fac9e";

pub(crate) async fn created_record_is_read_unchanged(fixture: SecretsFixture) {
    let mut grant = active(ORG, "1");
    grant.renewed_at = "2026-11-21T12:00:00.25Z".parse().ok();
    grant.failure = Some(Failure {
        since: "2026-11-21T13:00:00Z".parse().unwrap(),
        attempts: 3,
        code: "invalid_grant".into(),
        tracking_id: None,
        last_at: "2026-11-21T14:00:00Z".parse().ok(),
    });
    let written = fixture.created(grant.clone()).await;
    let found = fixture.live(&id(ORG)).await;
    assert_eq!(found.version, written.version);
    assert_eq!(format!("{:?}", found.grant), format!("{grant:?}"));
    assert_eq!(token(&found), "1");
    assert_eq!(tags(&fixture).await, expected_tags());
}

async fn tags(fixture: &SecretsFixture) -> BTreeMap<String, String> {
    let name = format!("{}grants/{ORG}", fixture.prefix);
    let described = fixture.raw.describe_secret().secret_id(name).send().await.unwrap();
    let tags = described.tags.unwrap_or_default().into_iter();
    tags.filter_map(|tag| Some((tag.key?, tag.value?))).collect()
}

fn expected_tags() -> BTreeMap<String, String> {
    let tags =
        [("app", "reports"), ("managed-by", "webex-token-broker"), ("subject", "ce861fba-6e2f-49f9-9a84-b354008fac9e")];
    tags.map(|(key, value)| (key.to_owned(), value.to_owned())).into()
}

pub(crate) async fn second_create_is_a_conflict(fixture: SecretsFixture) {
    fixture.created(active("a/b", "1")).await;
    let again = fixture.store.create(&active("a/b", "2"), soon()).await;
    assert!(matches!(again, Err(StoreError::Conflict)), "{again:?}");
    assert_eq!(token(&fixture.live(&id("a/b")).await), "1");
}

pub(crate) async fn replace_needs_the_version_that_was_read(fixture: SecretsFixture) {
    let first = fixture.created(active("a/b", "1")).await;
    let second = fixture.store.replace(&active("a/b", "2"), &first.version, soon()).await.unwrap();
    assert_ne!(second, first.version);
    let late = fixture.store.replace(&active("a/b", "late"), &first.version, soon()).await;
    assert!(matches!(late, Err(StoreError::Conflict)), "{late:?}");
    let found = fixture.live(&id("a/b")).await;
    assert_eq!((&found.version, token(&found)), (&second, "2"));
    let third = fixture.store.replace(&active("a/b", "3"), &second, soon()).await.unwrap();
    let found = fixture.live(&id("a/b")).await;
    assert_eq!((&found.version, token(&found)), (&third, "3"));
}

pub(crate) async fn replace_of_an_unknown_record_is_a_conflict(fixture: SecretsFixture) {
    let nothing = Version("11111111-1111-4111-8111-111111111111".into());
    let replaced = fixture.store.replace(&active("a/b", "1"), &nothing, soon()).await;
    assert!(matches!(replaced, Err(StoreError::Conflict)), "{replaced:?}");
}

pub(crate) async fn too_large_document_is_not_sent(fixture: SecretsFixture) {
    let large = |bytes: usize| active("a/b", &"x".repeat(bytes / 2));
    let error = fixture.store.create(&large(65_536), soon()).await.unwrap_err();
    let StoreError::TooLarge { name, bytes, limit } = &error else {
        panic!("{error:?}");
    };
    assert_eq!((name.as_str(), *limit), ("grants/a/b", 65_536));
    assert!(bytes > limit);
    let fits: Grant = large(65_000);
    fixture.created(fits).await;
}
