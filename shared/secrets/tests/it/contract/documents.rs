use aws_sdk_secretsmanager::primitives::Blob;
use broker_core::app::AppType;
use broker_core::port::{Found, Store as _, StoreError};

use crate::fixture::{CANARY, SecretsFixture, all_grants, app, id};

pub(crate) async fn load_of_an_unknown_name_is_absent(fixture: SecretsFixture) {
    assert!(matches!(fixture.store.load(&id("a/b")).await, Ok(Found::Absent)));
    assert!(matches!(fixture.store.app(&app("a")).await, Ok(None)));
    assert!(matches!(fixture.store.webhook_secrets(&app("a")).await, Ok(None)));
}

pub(crate) async fn apps_and_webhook_secrets_are_read(fixture: SecretsFixture) {
    fixture.seed("apps/a", r#"{"kind":"service_app","client_id":"C","client_secret":"s"}"#).await;
    fixture.seed("webhooks/a", r#"{"secrets":["current","previous"]}"#).await;
    let found = fixture.store.app(&app("a")).await.unwrap().unwrap();
    assert!(matches!(found.kind, AppType::ServiceApp(_)));
    assert_eq!(found.client.secret.expose(), "s");
    let webhooks = fixture.store.webhook_secrets(&app("a")).await.unwrap().unwrap();
    assert_eq!(webhooks.secrets.len(), 2);
}

pub(crate) async fn unreadable_document_is_left_untouched(fixture: SecretsFixture) {
    let broken = r#"{"version":1,"app":"a","subject":"b","state":"active","access_token":["canary"]}"#;
    fixture.seed("grants/a/b", broken).await;
    let error = fixture.store.load(&id("a/b")).await.unwrap_err();
    let StoreError::Unreadable(it) = &error else {
        panic!("{error:?}");
    };
    assert_eq!(it.name, "grants/a/b");
    assert_eq!(it.reason, "access_token: expected a string");
    assert!(!format!("{error} {error:?}").contains(CANARY));
    let name = format!("{}grants/a/b", fixture.prefix);
    let now = fixture.raw.get_secret_value().secret_id(name).send().await.unwrap();
    assert_eq!(now.secret_string(), Some(broken));
}

pub(crate) async fn binary_secret_is_unreadable(fixture: SecretsFixture) {
    let call = fixture.raw.create_secret().name(format!("{}grants/a/b", fixture.prefix));
    call.secret_binary(Blob::new(CANARY)).send().await.unwrap();
    let error = fixture.store.load(&id("a/b")).await.unwrap_err();
    assert!(matches!(error, StoreError::Unreadable(_)), "{error:?}");
    let scan = all_grants(&fixture.store, crate::fixture::soon()).await.unwrap();
    assert_eq!(scan.unreadable[0].reason, "binary, expected text");
}
