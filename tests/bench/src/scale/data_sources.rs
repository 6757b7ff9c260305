//! The scale test has no data sources: its app names none, so that nothing here is called.

use broker_core::clock::Deadline;
use broker_core::data_sources::{DataSourceRecord, DataSourceRecords, RemoteDataSource, WantedDataSource};
use broker_core::id::{AppName, GrantId};
use broker_core::port::{DataSourceApi, DataSourceStore, DataSourceWebhook, DataSourcesPage, StoreError, WebexError};
use broker_core::token::AccessToken;

use super::store::ScaleStore;
use super::webex::ScaleWebex;

const CALLED: &str = "no app of the scale test names a data source";

impl DataSourceApi for ScaleWebex {
    async fn list_data_sources(&self, _: &AccessToken, _: Deadline) -> Result<Vec<RemoteDataSource>, WebexError> {
        panic!("{CALLED}");
    }

    async fn register_data_source(
        &self,
        _: &WantedDataSource,
        _: &AccessToken,
        _: Deadline,
    ) -> Result<RemoteDataSource, WebexError> {
        panic!("{CALLED}");
    }

    async fn renew_data_source(
        &self,
        _: &str,
        _: &WantedDataSource,
        _: &AccessToken,
        _: Deadline,
    ) -> Result<RemoteDataSource, WebexError> {
        panic!("{CALLED}");
    }

    async fn create_data_source_webhook(
        &self,
        _: &DataSourceWebhook,
        _: &AccessToken,
        _: Deadline,
    ) -> Result<(), WebexError> {
        panic!("{CALLED}");
    }

    async fn delete_data_source(&self, _: &str, _: &AccessToken, _: Deadline) -> Result<(), WebexError> {
        panic!("{CALLED}");
    }
}

impl DataSourceStore for ScaleStore {
    async fn data_sources_page(
        &self,
        _: &AppName,
        _: Option<&str>,
        _: Deadline,
    ) -> Result<DataSourcesPage, StoreError> {
        panic!("{CALLED}");
    }

    async fn data_sources_of(&self, _: &GrantId) -> Result<DataSourceRecords, StoreError> {
        panic!("{CALLED}");
    }

    async fn save_data_source(
        &self,
        _: &GrantId,
        _: u8,
        _: Option<&DataSourceRecord>,
        _: Deadline,
    ) -> Result<(), StoreError> {
        panic!("{CALLED}");
    }
}
