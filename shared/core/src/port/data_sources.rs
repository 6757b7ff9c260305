//! Data sources: Webex's side, and where the broker's records of them are kept.

use std::collections::BTreeMap;
use std::future::Future;

use crate::clock::Deadline;
use crate::data_sources::{DataSourceRecord, DataSourceRecords, RemoteDataSource, WantedDataSource};
use crate::id::{AppName, GrantId};
use crate::port::{StoreError, WebexError};
use crate::token::{AccessToken, WebhookSecret};

/// A webhook for one event of the resource `dataSources`.
#[derive(Debug, Clone)]
pub struct DataSourceWebhook {
    /// The name that marks it as the broker's.
    pub name: String,
    /// The URL that it delivers to.
    pub target_url: String,
    /// `created`, `updated` or `deleted`.
    pub event: &'static str,
    /// The key that signs its deliveries.
    pub secret: WebhookSecret,
}

/// Webex's data sources. Each call needs the access token of the org's grant, with the scopes
/// `spark-admin:datasource_read` and `spark-admin:datasource_write`.
pub trait DataSourceApi: Send + Sync {
    /// `GET /dataSources`: those of the token's org, of all pages.
    fn list_data_sources(
        &self,
        token: &AccessToken,
        deadline: Deadline,
    ) -> impl Future<Output = Result<Vec<RemoteDataSource>, WebexError>> + Send;

    /// `POST /dataSources` with a random nonce. Not sent again once it may have been executed.
    fn register_data_source(
        &self,
        wanted: &WantedDataSource,
        token: &AccessToken,
        deadline: Deadline,
    ) -> impl Future<Output = Result<RemoteDataSource, WebexError>> + Send;

    /// `PUT /dataSources/{id}`: the whole body with a new random nonce, which makes Webex sign a new JWS, and the status
    /// `active`.
    fn renew_data_source(
        &self,
        id: &str,
        wanted: &WantedDataSource,
        token: &AccessToken,
        deadline: Deadline,
    ) -> impl Future<Output = Result<RemoteDataSource, WebexError>> + Send;

    /// `POST /webhooks` for the resource `dataSources`.
    fn create_data_source_webhook(
        &self,
        webhook: &DataSourceWebhook,
        token: &AccessToken,
        deadline: Deadline,
    ) -> impl Future<Output = Result<(), WebexError>> + Send;

    /// `DELETE /dataSources/{id}`; one that does not exist is not an error.
    fn delete_data_source(
        &self,
        id: &str,
        token: &AccessToken,
        deadline: Deadline,
    ) -> impl Future<Output = Result<(), WebexError>> + Send;
}

/// The records of one page of an app's grants.
#[derive(Debug, Clone, Default)]
pub struct DataSourcesPage {
    /// By grant. Those without a record are among them, those that are scheduled for deletion are not.
    pub grants: BTreeMap<GrantId, DataSourceRecords>,
    /// The store's token for the next page; `None` on the last one.
    pub next: Option<String>,
}

/// The records of data sources. They are kept beside the records of the grants and make no version of a secret.
pub trait DataSourceStore: Send + Sync {
    /// One page of all records of an app.
    fn data_sources_page(
        &self,
        app: &AppName,
        next: Option<&str>,
        deadline: Deadline,
    ) -> impl Future<Output = Result<DataSourcesPage, StoreError>> + Send;

    /// The records of one grant; none if there is no such grant.
    fn data_sources_of(&self, id: &GrantId) -> impl Future<Output = Result<DataSourceRecords, StoreError>> + Send;

    /// Saves the record with this place in the app's list, over whatever is there; `None` forgets it.
    fn save_data_source(
        &self,
        id: &GrantId,
        place: u8,
        record: Option<&DataSourceRecord>,
        deadline: Deadline,
    ) -> impl Future<Output = Result<(), StoreError>> + Send;
}
