//! The records of data sources: tags of the grants' secrets. A tag makes no version, costs nothing, and comes with the
//! list of names. The description of a secret is not used, because [`super::scheduled`] keeps the note of a fence there.

use aws_sdk_secretsmanager::types::Tag;
use broker_core::clock::{Clock, Deadline};
use broker_core::data_sources::{DataSourceRecord, DataSourceRecords, WantedDataSource};
use broker_core::id::{AppName, GrantId};
use broker_core::port::{DataSourceStore, DataSourcesPage, StoreError};

use super::SecretsManagerStore;
use super::calls::LIST;
use crate::document::data_source;
use crate::error::CallErrorKind;

/// The tag of a data source, without its place in the app's list.
const TAG: &str = "webex-token-broker:data-source-";

impl<C: Clock> DataSourceStore for SecretsManagerStore<C> {
    async fn data_sources_page(
        &self,
        app: &AppName,
        next: Option<&str>,
        deadline: Deadline,
    ) -> Result<DataSourcesPage, StoreError> {
        let prefix = self.names.grants_of(app);
        let list = self.list_secrets(&prefix, LIST, next.map(str::to_owned), deadline).await?;
        let mut page = DataSourcesPage { next: list.next_token, ..DataSourcesPage::default() };
        for entry in list.secret_list.unwrap_or_default() {
            let id = entry.name.as_deref().and_then(|name| self.names.grant_of(name));
            if let Some(id) = id {
                page.grants.insert(id, records_in(entry.tags.as_deref().unwrap_or_default()));
            }
        }
        Ok(page)
    }

    async fn data_sources_of(&self, id: &GrantId) -> Result<DataSourceRecords, StoreError> {
        match self.describe_secret(&self.names.grant(id)).await {
            Ok(secret) => Ok(records_in(&secret.tags)),
            Err(error) if error.is(CallErrorKind::Absent) => Ok(DataSourceRecords::new()),
            Err(error) => Err(error.into()),
        }
    }

    async fn save_data_source(
        &self,
        id: &GrantId,
        place: u8,
        record: Option<&DataSourceRecord>,
        deadline: Deadline,
    ) -> Result<(), StoreError> {
        let tag = Tag::builder().key(format!("{TAG}{place}")).value(data_source::write(record)).build();
        Ok(self.tag_secret(&self.names.grant(id), tag, deadline).await?)
    }
}

/// The records among the tags of a secret.
pub(super) fn records_in(tags: &[Tag]) -> DataSourceRecords {
    let mut records = DataSourceRecords::new();
    for place in (1..).take(WantedDataSource::MOST) {
        let key = format!("{TAG}{place}");
        let tag = tags.iter().find(|tag| tag.key() == Some(&key));
        if let Some(record) = tag.and_then(|tag| data_source::read(tag.value()?)) {
            records.insert(place, record);
        }
    }
    records
}
