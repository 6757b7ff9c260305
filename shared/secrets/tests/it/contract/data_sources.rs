use broker_core::data_sources::{DataSourceRecord, WantedDataSource};
use broker_core::port::{DataSourceStore as _, StoreError};
use jiff::Timestamp;

use crate::fixture::{SecretsFixture, active, app, id, soon};

fn record(data_source: &str) -> DataSourceRecord {
    let wanted = WantedDataSource {
        url: "https://data.example".to_owned(),
        schema_id: "schema".to_owned(),
        audience: "audience".to_owned(),
        subject: "subject".to_owned(),
        lifetime_minutes: 1440,
        reactivate: false,
    };
    let at = Timestamp::from_second(1_795_694_400).unwrap();
    DataSourceRecord { id: Some(data_source.to_owned()), ..DataSourceRecord::unregistered(&wanted, at) }
}

pub(crate) async fn data_source_is_kept_beside_a_grant_without_a_version(fixture: SecretsFixture) {
    let before = fixture.created(active("a/b", "token")).await;
    fixture.created(active("a/c", "token")).await;
    fixture.created(active("other/b", "token")).await;
    let store = &fixture.store;
    for data_source in ["first", "second"] {
        store.save_data_source(&id("a/b"), 1, Some(&record(data_source)), soon()).await.unwrap();
    }
    store.save_data_source(&id("a/b"), 4, Some(&record("fourth")), soon()).await.unwrap();
    let found = store.data_sources_of(&id("a/b")).await.unwrap();
    assert_eq!(found.into_iter().collect::<Vec<_>>(), [(1, record("second")), (4, record("fourth"))]);
    let page = store.data_sources_page(&app("a"), None, soon()).await.unwrap();
    let counts: Vec<_> = page.grants.iter().map(|(id, records)| (id.to_string(), records.len())).collect();
    assert_eq!((counts, page.next), (vec![("a/b".to_owned(), 2), ("a/c".to_owned(), 0)], None));
    assert_eq!(fixture.live(&id("a/b")).await.version, before.version);
    store.save_data_source(&id("a/b"), 1, None, soon()).await.unwrap();
    let found = store.data_sources_of(&id("a/b")).await.unwrap();
    assert_eq!(found.into_keys().collect::<Vec<_>>(), [4]);
}

pub(crate) async fn data_source_of_an_unknown_grant_is_not_saved(fixture: SecretsFixture) {
    let store = &fixture.store;
    assert!(store.data_sources_of(&id("a/b")).await.unwrap().is_empty());
    let saved = store.save_data_source(&id("a/b"), 1, Some(&record("first")), soon()).await;
    assert!(matches!(saved, Err(StoreError::Refused { .. })), "{saved:?}");
}
