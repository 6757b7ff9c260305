//! A store in memory: versions, compare-and-swap, soft deletion; every call can be cut off before or after its effect.

mod packs;
mod rows;

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};

use broker_core::app::{App, WebhookSecrets};
use broker_core::app_state::AppState;
use broker_core::clock::{Clock as _, Deadline};
use broker_core::grant::{Grant, State};
use broker_core::id::{AppName, GrantId, OrgId};
use broker_core::mark::Mark;
use broker_core::port::{
    Found, GrantsPage, GrantsPart, RecordsPage, Scan, Scheduled, Store, StoreError, Stored, Version,
};
use jiff::{SignedDuration, Timestamp};

use self::packs::ModelPacks;
use super::apps::described;
use super::clock::{ModelClock, pause};
use super::warm_vend::ReadableTokens;
use super::webex::ModelWebex;

/// How long after its deadline a write may still take effect: the time-outs of its last calls.
const TIME_OUTS: SignedDuration = SignedDuration::from_secs(20);

/// How long a row that is scheduled for deletion can be restored.
const RECOVERY: SignedDuration = SignedDuration::from_hours(7 * 24);

#[derive(Clone)]
pub(super) struct Row {
    grant: Grant,
    version: u64,
    /// When it was scheduled for deletion, if it was.
    scheduled_at: Option<Timestamp>,
    /// When it was fenced, if its deletion stands in for a fence.
    withheld_at: Option<Timestamp>,
    previous: Option<Grant>,
}

/// Rows by grant; cheap to clone, as every environment has its own client of the one store.
#[derive(Clone)]
pub(super) struct ModelStore {
    rows: Arc<Mutex<BTreeMap<GrantId, Row>>>,
    packs: ModelPacks,
    orgs: Vec<OrgId>,
    /// The mark of the only app, as a count of its moves.
    mark: Arc<AtomicU64>,
    pub(super) readable: ReadableTokens,
    clock: ModelClock,
    webex: ModelWebex,
}

fn stored(row: &Row) -> Stored {
    Stored { grant: row.grant.clone(), version: Version(row.version.to_string()) }
}

impl Store for ModelStore {
    async fn app(&self, name: &AppName) -> Result<Option<App>, StoreError> {
        pause().await;
        Ok(Some(described(name.as_str(), &self.orgs)))
    }

    async fn apps(&self, _: Deadline) -> Result<Scan<App>, StoreError> {
        pause().await;
        let items = ["minter", "reports"].map(|name| described(name, &self.orgs)).into();
        Ok(Scan { items, unreadable: Vec::new(), cut_short: None })
    }

    async fn webhook_secrets(&self, _: &AppName) -> Result<Option<WebhookSecrets>, StoreError> {
        Ok(None)
    }

    async fn list_grants(
        &self,
        part: &GrantsPart,
        see: &mut (dyn FnMut(GrantsPage) + Send),
        _: Deadline,
    ) -> Result<Option<StoreError>, StoreError> {
        pause().await;
        let rows: Vec<Row> = self.rows().values().cloned().collect();
        let listed = rows.iter().filter(|row| row.scheduled_at.is_none() && part.covers(&row.grant.id));
        see(GrantsPage { grants: listed.map(stored).collect(), ..GrantsPage::default() });
        Ok(None)
    }

    async fn load(&self, id: &GrantId) -> Result<Found<Stored>, StoreError> {
        pause().await;
        Ok(match self.row(id) {
            None => Found::Absent,
            Some(row) if row.scheduled_at.is_some() => Found::Retired,
            Some(row) => Found::Live(Box::new(stored(&row))),
        })
    }

    async fn create(&self, grant: &Grant, _: Deadline) -> Result<Version, StoreError> {
        pause().await;
        let row = Row { grant: grant.clone(), version: 1, scheduled_at: None, withheld_at: None, previous: None };
        let created = match self.rows().entry(grant.id.clone()) {
            std::collections::btree_map::Entry::Occupied(_) => Err(StoreError::Conflict),
            std::collections::btree_map::Entry::Vacant(place) => {
                place.insert(row);
                Ok(Version("1".to_owned()))
            }
        };
        self.log(&grant.id);
        pause().await;
        created
    }

    async fn replace(&self, grant: &Grant, read: &Version, deadline: Deadline) -> Result<Version, StoreError> {
        self.write(&grant.id, deadline, |row| {
            let row = row.filter(|row| row.version.to_string() == read.0).ok_or(StoreError::Conflict)?;
            row.previous = Some(std::mem::replace(&mut row.grant, grant.clone()));
            row.version += 1;
            row.scheduled_at = None;
            Ok(Version(row.version.to_string()))
        })
        .await
    }

    async fn claim(&self, grant: &Grant, read: &Version, deadline: Deadline) -> Result<Version, StoreError> {
        self.replace(grant, read, deadline).await
    }

    async fn retire(&self, id: &GrantId, deadline: Deadline) -> Result<(), StoreError> {
        let now = self.clock.now();
        self.write(id, deadline, |row| {
            let row = row.filter(|row| row.grant.state == State::Revoked).ok_or(StoreError::Conflict)?;
            row.scheduled_at = Some(now);
            Ok(())
        })
        .await
    }

    async fn restore(&self, id: &GrantId, deadline: Deadline) -> Result<(), StoreError> {
        self.write(id, deadline, |row| {
            if let Some(row) = row {
                row.scheduled_at = None;
            }
            Ok(())
        })
        .await
    }

    async fn withhold(&self, id: &GrantId, fenced_at: Timestamp, deadline: Deadline) -> Result<(), StoreError> {
        let now = self.clock.now();
        self.write(id, deadline, |row| {
            if let Some(row) = row {
                row.scheduled_at = Some(now);
                row.withheld_at = Some(fenced_at);
            }
            Ok(())
        })
        .await
    }

    async fn withhold_again(&self, id: &GrantId, deadline: Deadline) -> Result<(), StoreError> {
        let now = self.clock.now();
        self.write(id, deadline, |row| {
            if let Some(row) = row.filter(|row| row.withheld_at.is_some() && row.grant.state != State::Revoked) {
                row.scheduled_at = Some(now);
            }
            Ok(())
        })
        .await
    }

    async fn end_withholding(&self, id: &GrantId, deadline: Deadline) -> Result<(), StoreError> {
        self.write(id, deadline, |row| {
            if let Some(row) = row {
                row.withheld_at = None;
            }
            Ok(())
        })
        .await
    }

    async fn scheduled_in_error(&self, _: &GrantsPart, _: Deadline) -> Result<Vec<Scheduled>, StoreError> {
        pause().await;
        let rows = self.rows();
        let in_error = rows.iter().filter(|(_, row)| {
            (row.scheduled_at.is_some() || row.withheld_at.is_some()) && row.grant.state != State::Revoked
        });
        let scheduled = in_error.map(|(id, row)| Scheduled {
            id: id.clone(),
            fenced_at: row.withheld_at,
            is_readable: row.scheduled_at.is_none(),
        });
        Ok(scheduled.collect())
    }

    async fn records_page(&self, _: &AppName, _: Option<&str>, _: Deadline) -> Result<Option<RecordsPage>, StoreError> {
        Ok(None)
    }

    async fn app_states(&self, _: Deadline) -> Result<BTreeMap<AppName, AppState>, StoreError> {
        Ok(BTreeMap::new())
    }

    async fn save_app_state(&self, _: &AppName, _: &AppState, _: bool, _: Deadline) -> Result<(), StoreError> {
        Ok(())
    }

    async fn mark(&self, _: &AppName) -> Result<Option<Mark>, StoreError> {
        pause().await;
        Ok(Some(Mark(self.mark.load(Ordering::SeqCst).to_string())))
    }

    async fn move_mark(&self, _: &AppName, _: Deadline) -> Result<(), StoreError> {
        pause().await;
        self.mark.fetch_add(1, Ordering::SeqCst);
        pause().await;
        Ok(())
    }

    async fn previous(&self, id: &GrantId) -> Result<Option<Grant>, StoreError> {
        pause().await;
        Ok(self.row(id).and_then(|row| row.previous))
    }
}
