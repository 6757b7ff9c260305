//! One page of all records of an app, retired ones included, for operators.

use std::collections::BTreeMap;

use broker_core::clock::{Clock, Deadline};
use broker_core::id::AppName;
use broker_core::port::{RecordsPage, RetiredRecord, StoreError};
use jiff::Timestamp;

use super::SecretsManagerStore;
use super::calls::current_of;
use super::data_sources::records_in;
use super::read::SecretVersion;
use super::scan::ScanResults;
use super::scheduled::has_ended;
use crate::error::{CallError, CallErrorKind};

impl<C: Clock> SecretsManagerStore<C> {
    /// Implements [`broker_core::port::Store::records_page`].
    pub(super) async fn read_records_page(
        &self,
        app: &AppName,
        next: Option<&str>,
        deadline: Deadline,
    ) -> Result<Option<RecordsPage>, StoreError> {
        match self.records_page_of(app, next, deadline).await {
            Ok(page) => Ok(Some(page)),
            // moto has another code for a token that it did not give.
            Err(error) if next.is_some() && (error.is(CallErrorKind::Token) || error.is(CallErrorKind::Parameter)) => {
                Ok(None)
            }
            Err(error) => Err(error.into()),
        }
    }

    async fn records_page_of(
        &self,
        app: &AppName,
        next: Option<&str>,
        deadline: Deadline,
    ) -> Result<RecordsPage, CallError> {
        let prefix = self.names.grants_of(app);
        let list = self.list_with_scheduled(&prefix, next.map(str::to_owned), deadline).await?;
        let mut retired = Vec::new();
        let mut names = Vec::new();
        let mut data_sources = BTreeMap::new();
        for entry in list.secret_list.unwrap_or_default() {
            let Some(name) = entry.name else { continue };
            match (entry.deleted_date, self.names.grant_of(&name)) {
                (None, id) => {
                    let records = records_in(entry.tags.as_deref().unwrap_or_default());
                    if let Some(id) = id
                        && !records.is_empty()
                    {
                        data_sources.insert(id, records);
                    }
                    names.push(name);
                }
                (Some(date), Some(id)) => {
                    let current = current_of(entry.secret_versions_to_stages.unwrap_or_default());
                    let has_ended = has_ended(current.as_deref(), entry.description.as_deref());
                    let retired_at = Timestamp::from_second(date.secs()).ok();
                    retired.push(RetiredRecord { id, retired_at, has_ended });
                }
                (Some(_), None) => {}
            }
        }
        let read = |secret: &SecretVersion| self.stored_by_name(secret);
        let mut results = ScanResults::new(&prefix, &read);
        self.add_by_name(&names, &mut results, deadline).await?;
        Ok(RecordsPage {
            live: results.items,
            retired,
            unreadable: results.unreadable,
            data_sources,
            next: list.next_token,
        })
    }
}
