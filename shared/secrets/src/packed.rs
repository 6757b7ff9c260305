//! The store of grants of which most lie in packs.
//!
//! The own secret of a grant always beats its pack, and everything is written there. So a record in a pack is current
//! while its own secret is gone, or waits for deletion in exactly the version from which the record was read.
//!
//! Architecture invariants:
//! - A secret is set aside only after its record is in a pack that readers are led to.
//! - A record is taken out of its pack only while its own secret can be read, and before a revoked secret is scheduled for
//!   deletion. What waits for deletion without being in a pack was hit by a race or a crash: the next sweep restores it.
//! - A split writes the packs with the longer numbers first. The pack that is split then lists the split, over exactly the
//!   version that was copied.

mod data_sources;
mod listing;
mod locate;
mod merge;
mod page;
mod records_page;
mod routes;
mod split;
mod take_out;
mod unpack;

use std::collections::BTreeMap;
use std::sync::Arc;

use broker_core::app::{App, WebhookSecrets};
use broker_core::app_state::AppState;
use broker_core::clock::{Clock, Deadline};
use broker_core::grant::Grant;
use broker_core::id::{AppName, GrantId};
use broker_core::mark::Mark;
use broker_core::port::{
    Found, GrantsPage, GrantsPart, RecordsPage, Scan, Scheduled, Store, StoreError, Stored, Version,
};
use jiff::Timestamp;

use self::routes::KnownRoutes;
use crate::pack::{PackStore, RetiredSecret};

/// Reads of a grant that moves while it is read. Each means that somebody has just written it.
const LOOKS: usize = 3;

/// Records that are packed or unpacked at once. Each takes some calls, of which the rate limit lets one write through at a
/// time.
const AT_ONCE: usize = 16;

/// How often a write to a pack that lost a race is tried again.
const ROUNDS: usize = 8;

/// [`Store`] over one in which each grant has a secret of its own. Clones share what they know of the packs.
#[derive(Debug, Clone)]
pub struct PackedStore<S, C> {
    secrets: S,
    clock: C,
    routes: Arc<KnownRoutes>,
}

impl<S: PackStore, C: Clock> PackedStore<S, C> {
    /// The store over `secrets`.
    pub fn new(secrets: S, clock: C) -> Self {
        Self { secrets, clock, routes: Arc::default() }
    }

    /// The grant as reads find it while its own secret waits for deletion. `None` if that has changed meanwhile.
    async fn load_retired(&self, id: &GrantId) -> Result<Option<Found<Stored>>, StoreError> {
        let version = match self.secrets.retired_secret(id).await? {
            RetiredSecret::Changed => return Ok(None),
            RetiredSecret::Ended => return Ok(Some(Found::Retired)),
            RetiredSecret::SetAside(version) => version,
        };
        match self.packed(id).await? {
            Some(stored) if stored.version == version => Ok(Some(Found::Live(Box::new(stored)))),
            _ => Ok(None),
        }
    }

    /// Restores the own secret of a grant if it was set aside in this version. `false` if it was not.
    async fn restore_set_aside(&self, id: &GrantId, version: &Version, deadline: Deadline) -> Result<bool, StoreError> {
        if self.secrets.retired_secret(id).await? != RetiredSecret::SetAside(version.clone()) {
            return Ok(false);
        }
        self.secrets.restore(id, deadline).await?;
        Ok(true)
    }

    /// Restores a secret that is about to be written, where the app is known to have packs. A put to a secret that waits for
    /// deletion is refused, and counts as a write all the same.
    async fn restore_if_packed(&self, id: &GrantId, read: &Version, deadline: Deadline) -> Result<(), StoreError> {
        if self.routes.lead_somewhere(&id.app) {
            self.restore_set_aside(id, read, deadline).await?;
        }
        Ok(())
    }

    /// Writes the first version of a secret that is gone, over the `read` version of the record in its pack.
    async fn create_over_packed(
        &self,
        grant: &Grant,
        read: &Version,
        deadline: Deadline,
    ) -> Result<Version, StoreError> {
        match self.packed(&grant.id).await? {
            Some(stored) if stored.version == *read => self.secrets.create(grant, deadline).await,
            _ => Err(StoreError::Conflict),
        }
    }
}

impl<S: PackStore, C: Clock> Store for PackedStore<S, C> {
    async fn app(&self, name: &AppName) -> Result<Option<App>, StoreError> {
        self.secrets.app(name).await
    }

    async fn apps(&self, deadline: Deadline) -> Result<Scan<App>, StoreError> {
        self.secrets.apps(deadline).await
    }

    async fn webhook_secrets(&self, name: &AppName) -> Result<Option<WebhookSecrets>, StoreError> {
        self.secrets.webhook_secrets(name).await
    }

    async fn list_grants(
        &self,
        part: &GrantsPart,
        see: &mut (dyn FnMut(GrantsPage) + Send),
        deadline: Deadline,
    ) -> Result<Option<StoreError>, StoreError> {
        self.list_both(part, see, deadline).await
    }

    async fn load(&self, id: &GrantId) -> Result<Found<Stored>, StoreError> {
        let mut found = Found::Absent;
        for _ in 0..LOOKS {
            found = self.secrets.load(id).await?;
            match &found {
                Found::Live(_) => return Ok(found),
                Found::Absent => {
                    return Ok(match Box::pin(self.packed(id)).await? {
                        Some(stored) => Found::Live(Box::new(stored)),
                        None => Found::Absent,
                    });
                }
                Found::Retired => {}
            }
            // In a box: most reads need no memory for it.
            if let Some(found) = Box::pin(self.load_retired(id)).await? {
                return Ok(found);
            }
        }
        Ok(found)
    }

    async fn create(&self, grant: &Grant, deadline: Deadline) -> Result<Version, StoreError> {
        self.secrets.create(grant, deadline).await
    }

    async fn replace(&self, grant: &Grant, read: &Version, deadline: Deadline) -> Result<Version, StoreError> {
        Box::pin(self.restore_if_packed(&grant.id, read, deadline)).await?;
        match self.secrets.replace(grant, read, deadline).await {
            Err(StoreError::Conflict) if matches!(self.secrets.load(&grant.id).await?, Found::Absent) => {
                self.create_over_packed(grant, read, deadline).await
            }
            result => result,
        }
    }

    async fn claim(&self, grant: &Grant, read: &Version, deadline: Deadline) -> Result<Version, StoreError> {
        Box::pin(self.restore_if_packed(&grant.id, read, deadline)).await?;
        match self.secrets.claim(grant, read, deadline).await {
            Err(StoreError::Conflict) => {}
            result => return result,
        }
        match self.secrets.load(&grant.id).await? {
            Found::Absent => self.create_over_packed(grant, read, deadline).await,
            Found::Retired if self.restore_set_aside(&grant.id, read, deadline).await? => {
                self.secrets.claim(grant, read, deadline).await
            }
            Found::Live(_) | Found::Retired => Err(StoreError::Conflict),
        }
    }

    async fn retire(&self, id: &GrantId, deadline: Deadline) -> Result<(), StoreError> {
        self.take_revoked_out(id, deadline).await?;
        self.secrets.retire(id, deadline).await
    }

    async fn restore(&self, id: &GrantId, deadline: Deadline) -> Result<(), StoreError> {
        self.secrets.restore(id, deadline).await
    }

    async fn withhold(&self, id: &GrantId, fenced_at: Timestamp, deadline: Deadline) -> Result<(), StoreError> {
        self.secrets.withhold(id, fenced_at, deadline).await
    }

    async fn withhold_again(&self, id: &GrantId, deadline: Deadline) -> Result<(), StoreError> {
        self.secrets.withhold_again(id, deadline).await
    }

    async fn end_withholding(&self, id: &GrantId, deadline: Deadline) -> Result<(), StoreError> {
        self.secrets.end_withholding(id, deadline).await
    }

    async fn scheduled_in_error(&self, part: &GrantsPart, deadline: Deadline) -> Result<Vec<Scheduled>, StoreError> {
        self.scheduled_and_not_packed(part, deadline).await
    }

    async fn records_page(
        &self,
        app: &AppName,
        next: Option<&str>,
        deadline: Deadline,
    ) -> Result<Option<RecordsPage>, StoreError> {
        self.records_page_of_both(app, next, deadline).await
    }

    async fn app_states(&self, deadline: Deadline) -> Result<BTreeMap<AppName, AppState>, StoreError> {
        self.secrets.app_states(deadline).await
    }

    async fn save_app_state(
        &self,
        app: &AppName,
        state: &AppState,
        is_first: bool,
        deadline: Deadline,
    ) -> Result<(), StoreError> {
        self.secrets.save_app_state(app, state, is_first, deadline).await
    }

    async fn mark(&self, app: &AppName) -> Result<Option<Mark>, StoreError> {
        self.secrets.mark(app).await
    }

    async fn move_mark(&self, app: &AppName, deadline: Deadline) -> Result<(), StoreError> {
        self.secrets.move_mark(app, deadline).await
    }

    async fn previous(&self, id: &GrantId) -> Result<Option<Grant>, StoreError> {
        self.secrets.previous(id).await
    }

    async fn pack(&self, app: &AppName, quiet: Vec<Stored>, deadline: Deadline) -> Result<u32, StoreError> {
        self.merge_quiet(app, quiet, deadline).await
    }

    async fn unpack(&self, app: &AppName, deadline: Deadline) -> Result<u32, StoreError> {
        self.unpack_all(app, deadline).await
    }
}
