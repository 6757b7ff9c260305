//! Records that are scheduled for deletion without being revoked.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

use aws_sdk_secretsmanager::types::SecretListEntry;
use broker_core::clock::{Clock, Deadline};
use broker_core::id::GrantId;
use broker_core::port::{Scheduled, StoreError};
use broker_core::sync::lock;
use jiff::Timestamp;

use super::SecretsManagerStore;
use super::calls::current_of;
use super::scan::AskedPages;
use super::write::{MOST_RESTORES, is_revoked_version};
use crate::error::{CallError, CallErrorKind};
use crate::pack::IsPacked;
use crate::walk::{Beginning, PageOfNames, PagesByPrefix, walk};

/// Start of the description of a secret that was scheduled for deletion in place of a fence. The time follows.
const FENCED: &str = "fenced ";

/// The description afterwards. An empty one would leave the old one in place.
const NOT_WITHHELD: &str = "The fence is in the record.";

/// The pages of names among which a scan looks for secrets that are scheduled for deletion in error.
struct ScheduledPages<'a, C> {
    store: &'a SecretsManagerStore<C>,
    is_packed: IsPacked<'a>,
    asked: AskedPages<'a, C, Option<String>>,
    /// The candidates that were described, and what was found of them.
    found: Mutex<BTreeMap<GrantId, Option<Scheduled>>>,
}

impl<C: Clock> ScheduledPages<'_, C> {
    async fn confirm(&self, id: GrantId) -> Result<(), CallError> {
        if lock(&self.found).contains_key(&id) {
            return Ok(());
        }
        let scheduled = self.store.confirm(id.clone(), self.is_packed).await?;
        lock(&self.found).insert(id, scheduled);
        Ok(())
    }
}

impl<C: Clock> PagesByPrefix for ScheduledPages<'_, C> {
    type Error = CallError;

    async fn page(&self, prefix: &str, next: Option<String>) -> Result<PageOfNames, CallError> {
        self.asked.ask(prefix, next.clone())?;
        let page = self.store.list_with_scheduled(prefix, next, self.asked.deadline).await?;
        let mut beginning = Beginning::default();
        for entry in page.secret_list.unwrap_or_default() {
            beginning.add(entry.name().unwrap_or(prefix));
            if let Some(id) = self.store.candidate(entry, self.is_packed) {
                self.confirm(id).await?;
            }
        }
        self.asked.note_read();
        Ok(PageOfNames { next: page.next_token, beginning })
    }

    async fn named(&self, names: &[String]) -> Result<(), CallError> {
        for id in names.iter().filter_map(|name| self.store.names.grant_of(name)) {
            self.confirm(id).await?;
        }
        Ok(())
    }
}

impl<C: Clock> SecretsManagerStore<C> {
    /// Implements [`broker_core::port::Store::withhold`]. The description comes first: without it a sweep would restore
    /// the record and forget the fence.
    pub(super) async fn withhold_record(
        &self,
        id: &GrantId,
        fenced_at: Timestamp,
        deadline: Deadline,
    ) -> Result<(), StoreError> {
        let name = self.names.grant(id);
        let description = format!("{FENCED}{fenced_at}");
        for _ in 0..MOST_RESTORES {
            match self.update_description(&name, &description, deadline).await {
                Ok(()) => return self.delete_withheld(&name, deadline).await,
                Err(error) if error.is(CallErrorKind::Absent) => return Err(StoreError::Conflict),
                Err(error) if error.is(CallErrorKind::State) => {}
                Err(error) => return Err(error.into()),
            }
            // It is scheduled for deletion already, and its description cannot change meanwhile.
            if self.is_retired(&name).await? {
                return Ok(());
            }
            self.restore_by_name(&name, deadline).await?;
        }
        Err(StoreError::Conflict)
    }

    /// Implements [`broker_core::port::Store::withhold_again`].
    pub(super) async fn withhold_noted_record(&self, id: &GrantId, deadline: Deadline) -> Result<(), StoreError> {
        let name = self.names.grant(id);
        let secret = match self.describe_secret(&name).await {
            Ok(secret) => secret,
            Err(error) if error.is(CallErrorKind::Absent) => return Ok(()),
            Err(error) => return Err(error.into()),
        };
        if fenced_at(secret.description.as_deref()).is_none() || is_revoked(secret.current.as_deref()) {
            return Ok(());
        }
        self.delete_withheld(&name, deadline).await
    }

    /// Implements [`broker_core::port::Store::end_withholding`].
    pub(super) async fn end_record_withholding(&self, id: &GrantId, deadline: Deadline) -> Result<(), StoreError> {
        match self.update_description(&self.names.grant(id), NOT_WITHHELD, deadline).await {
            Ok(()) => Ok(()),
            Err(error) if error.is(CallErrorKind::Absent) || error.is(CallErrorKind::State) => Ok(()),
            Err(error) => Err(error.into()),
        }
    }

    async fn delete_withheld(&self, name: &str, deadline: Deadline) -> Result<(), StoreError> {
        match self.delete_secret(name, deadline).await {
            Ok(()) => Ok(()),
            Err(error) if error.is(CallErrorKind::State) => Ok(()),
            Err(error) if error.is(CallErrorKind::Absent) => Err(StoreError::Conflict),
            Err(error) => Err(error.into()),
        }
    }

    /// Whether the current version is one that a retirement wrote.
    async fn is_retired(&self, name: &str) -> Result<bool, CallError> {
        let secret = self.describe_secret(name).await?;
        Ok(is_revoked(secret.current.as_deref()))
    }

    /// Implements [`broker_core::port::Store::scheduled_in_error`]. If listing fails after the first page, the result is
    /// what was found so far: the next sweep lists again.
    pub(super) async fn find_scheduled_in_error(
        &self,
        prefix: &str,
        is_packed: IsPacked<'_>,
        deadline: Deadline,
    ) -> Result<Vec<Scheduled>, StoreError> {
        let asked = AskedPages::until(deadline, &self.clock);
        let pages = ScheduledPages { store: self, is_packed, asked, found: Mutex::default() };
        match walk(&pages, prefix).await {
            Err(error) if !pages.asked.has_read() => return Err(error.into()),
            Err(error) => {
                let secret = self.names.relative(prefix).to_owned();
                tracing::warn!(secret, code = error.code, "the list of secrets scheduled for deletion is incomplete");
            }
            Ok(()) => {}
        }
        let found = pages.found.into_inner().unwrap_or_else(PoisonError::into_inner);
        Ok(found.into_values().flatten().collect())
    }

    /// Describes one listed secret, because a list can be older than the secret.
    async fn confirm(&self, id: GrantId, is_packed: IsPacked<'_>) -> Result<Option<Scheduled>, CallError> {
        let secret = match self.describe_secret(&self.names.grant(&id)).await {
            Ok(secret) => secret,
            Err(error) if error.is(CallErrorKind::Absent) => return Ok(None),
            Err(error) => return Err(error),
        };
        let fenced_at = fenced_at(secret.description.as_deref());
        let is_readable = !secret.is_scheduled_for_deletion;
        if is_revoked(secret.current.as_deref()) || is_readable && fenced_at.is_none() {
            return Ok(None);
        }
        if fenced_at.is_none() && holds(secret.current.as_deref(), &id, is_packed) {
            return Ok(None);
        }
        Ok(Some(Scheduled { id, fenced_at, is_readable }))
    }

    /// The grant of a listed secret that seems to be scheduled for deletion in error, or to have no fence yet.
    fn candidate(&self, entry: SecretListEntry, is_packed: IsPacked<'_>) -> Option<GrantId> {
        let is_withheld = fenced_at(entry.description.as_deref()).is_some();
        if entry.deleted_date.is_none() && !is_withheld {
            return None;
        }
        let current = current_of(entry.secret_versions_to_stages.unwrap_or_default());
        if is_revoked(current.as_deref()) {
            return None;
        }
        let id = self.names.grant_of(&entry.name?)?;
        if !is_withheld && holds(current.as_deref(), &id, is_packed) {
            return None;
        }
        Some(id)
    }
}

/// Whether a secret that is scheduled for deletion was revoked, or its deletion stands in for a fence.
pub(super) fn has_ended(current: Option<&str>, description: Option<&str>) -> bool {
    is_revoked(current) || fenced_at(description).is_some()
}

fn holds(current: Option<&str>, id: &GrantId, is_packed: IsPacked<'_>) -> bool {
    match current {
        Some(version) => is_packed(id, version),
        None => false,
    }
}

fn is_revoked(version: Option<&str>) -> bool {
    match version {
        Some(version) => is_revoked_version(version),
        None => false,
    }
}

/// The time that [`SecretsManagerStore::withhold_record`] wrote into a description.
fn fenced_at(description: Option<&str>) -> Option<Timestamp> {
    description?.strip_prefix(FENCED)?.parse().ok()
}
