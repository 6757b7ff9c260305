//! The records of data sources.

use broker_core::clock::{Clock, Deadline};
use broker_core::data_sources::{DataSourceRecord, DataSourceRecords};
use broker_core::id::{AppName, GrantId};
use broker_core::port::{DataSourceStore, DataSourcesPage, StoreError};

use super::PackedStore;
use crate::pack::PackStore;

/// A grant with data sources has a secret of its own, whose tags hold their records.
impl<S: PackStore + DataSourceStore, C: Clock> DataSourceStore for PackedStore<S, C> {
    async fn data_sources_page(
        &self,
        app: &AppName,
        next: Option<&str>,
        deadline: Deadline,
    ) -> Result<DataSourcesPage, StoreError> {
        self.secrets.data_sources_page(app, next, deadline).await
    }

    async fn data_sources_of(&self, id: &GrantId) -> Result<DataSourceRecords, StoreError> {
        self.secrets.data_sources_of(id).await
    }

    async fn save_data_source(
        &self,
        id: &GrantId,
        place: u8,
        record: Option<&DataSourceRecord>,
        deadline: Deadline,
    ) -> Result<(), StoreError> {
        self.secrets.save_data_source(id, place, record, deadline).await
    }
}
