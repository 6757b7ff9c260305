//! Pages of all records of an app, for operators: those in secrets of their own first, then those in packs.

use std::collections::BTreeMap;

use broker_core::clock::{Clock, Deadline};
use broker_core::id::{AppName, GrantId};
use broker_core::port::{RecordsPage, StoreError};

use super::PackedStore;
use super::page::{IN_PACKS, PackedPlace};
use crate::pack::PackStore;

/// Start of a token that leads on among the own secrets.
const OWN: &str = "o.";

impl<S: PackStore, C: Clock> PackedStore<S, C> {
    /// Implements [`broker_core::port::Store::records_page`].
    pub(super) async fn records_page_of_both(
        &self,
        app: &AppName,
        next: Option<&str>,
        deadline: Deadline,
    ) -> Result<Option<RecordsPage>, StoreError> {
        let Some(next) = next else {
            return self.own_records_page(app, None, deadline).await;
        };
        if let Some(token) = next.strip_prefix(OWN) {
            return self.own_records_page(app, Some(token), deadline).await;
        }
        let Some(place) = next.strip_prefix(IN_PACKS).and_then(PackedPlace::parse) else {
            return Ok(None);
        };
        let (live, next) = self.packed_page(app, &place, usize::MAX, deadline).await?;
        Ok(Some(RecordsPage {
            live,
            retired: Vec::new(),
            unreadable: Vec::new(),
            data_sources: BTreeMap::new(),
            next: next.as_ref().map(PackedPlace::to_token),
        }))
    }

    async fn own_records_page(
        &self,
        app: &AppName,
        token: Option<&str>,
        deadline: Deadline,
    ) -> Result<Option<RecordsPage>, StoreError> {
        let Some(mut page) = self.secrets.records_page(app, token, deadline).await? else {
            return Ok(None);
        };
        let waiting = page.retired.iter().filter(|retired| !retired.has_ended);
        let waiting: Vec<GrantId> = waiting.map(|retired| retired.id.clone()).collect();
        let packed = self.packed_among(app, &waiting).await?;
        page.retired.retain(|retired| !packed.contains(&retired.id));
        page.next = match page.next {
            Some(token) => Some(format!("{OWN}{token}")),
            None => self.first_packed_place(app).await?.as_ref().map(PackedPlace::to_token),
        };
        Ok(Some(page))
    }
}
