use aws_sdk_secretsmanager::primitives::Blob;
use broker_core::app::AppType;
use broker_core::port::{Found, Store as _, StoreError};

use crate::shop::{CANARY, Shop, app, id};

pub(crate) async fn what_was_never_written_is_nothing(shop: Shop) {
    assert!(matches!(shop.vault.load(&id("a/b")).await, Ok(Found::Absent)));
    assert!(matches!(shop.vault.app(&app("a")).await, Ok(None)));
    assert!(matches!(shop.vault.webhook_secrets(&app("a")).await, Ok(None)));
}

pub(crate) async fn what_the_operator_wrote_is_read(shop: Shop) {
    shop.seed("apps/a", r#"{"kind":"service_app","client_id":"C","client_secret":"s"}"#).await;
    shop.seed("webhooks/a", r#"{"secrets":["current","previous"]}"#).await;
    let found = shop.vault.app(&app("a")).await.unwrap().unwrap();
    assert!(matches!(found.kind, AppType::ServiceApp(_)));
    assert_eq!(found.client.secret.expose(), "s");
    let keys = shop.vault.webhook_secrets(&app("a")).await.unwrap().unwrap();
    assert_eq!(keys.secrets.len(), 2);
}

pub(crate) async fn what_cannot_be_understood_is_left_as_it_is(shop: Shop) {
    let broken = r#"{"version":1,"app":"a","subject":"b","state":"active","access_token":["canary"]}"#;
    shop.seed("grants/a/b", broken).await;
    let error = shop.vault.load(&id("a/b")).await.unwrap_err();
    let StoreError::Unreadable(it) = &error else {
        panic!("{error:?}");
    };
    assert_eq!(it.name, "grants/a/b");
    assert_eq!(it.reason, "access_token: expected a string");
    assert!(!format!("{error} {error:?}").contains(CANARY));
    let name = format!("{}grants/a/b", shop.prefix);
    let now = shop.raw.get_secret_value().secret_id(name).send().await.unwrap();
    assert_eq!(now.secret_string(), Some(broken));
}

pub(crate) async fn a_binary_secret_is_unreadable(shop: Shop) {
    let call = shop.raw.create_secret().name(format!("{}grants/a/b", shop.prefix));
    call.secret_binary(Blob::new(CANARY)).send().await.unwrap();
    let error = shop.vault.load(&id("a/b")).await.unwrap_err();
    assert!(matches!(error, StoreError::Unreadable(_)), "{error:?}");
    let scan = shop.vault.grants(crate::shop::soon()).await.unwrap();
    assert_eq!(scan.unreadable[0].reason, "binary, expected text");
}
