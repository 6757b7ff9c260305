//! Records that are scheduled for deletion without being revoked.

use std::collections::HashSet;

use aws_sdk_secretsmanager::types::SecretListEntry;
use broker_core::clock::{Clock, Deadline};
use broker_core::id::GrantId;
use broker_core::port::{Scheduled, StoreError};
use jiff::{SignedDuration, Timestamp};

use super::SecretsManagerStore;
use super::calls::current_of;
use super::scan::stopped;
use super::write::{MOST_RESTORES, is_revoked_version};
use crate::error::{CallError, CallErrorKind};
use crate::pack::IsPacked;

/// Start of the description of a secret that was scheduled for deletion in place of a fence. The time follows.
const FENCED: &str = "fenced ";

/// The description afterwards. An empty one would leave the old one in place.
const NOT_WITHHELD: &str = "The fence is in the record.";

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
        let mut found = Vec::new();
        let mut tokens = HashSet::new();
        let mut next = None;
        loop {
            let page = self.scheduled_page(prefix, next.clone(), is_packed, &mut found, deadline).await;
            let is_first = next.is_none();
            next = match page {
                Ok(None) => return Ok(found),
                Ok(Some(token)) if tokens.insert(token.clone()) => Some(token),
                Ok(Some(_)) => return Ok(self.ended_early(prefix, found, &stopped("RepeatedNextToken"))),
                Err(error) if is_first => return Err(error.into()),
                Err(error) => return Ok(self.ended_early(prefix, found, &error)),
            };
            if deadline.left(self.clock.now()) == SignedDuration::ZERO {
                return Ok(self.ended_early(prefix, found, &stopped("DeadlineReached")));
            }
        }
    }

    fn ended_early(&self, prefix: &str, found: Vec<Scheduled>, error: &CallError) -> Vec<Scheduled> {
        let secret = self.names.relative(prefix).to_owned();
        tracing::warn!(secret, code = error.code, "the list of secrets scheduled for deletion is incomplete");
        found
    }

    /// Adds what one page of names holds, and returns the token of the next page.
    async fn scheduled_page(
        &self,
        prefix: &str,
        next: Option<String>,
        is_packed: IsPacked<'_>,
        found: &mut Vec<Scheduled>,
        deadline: Deadline,
    ) -> Result<Option<String>, CallError> {
        let page = self.list_with_scheduled(prefix, next, deadline).await?;
        for entry in page.secret_list.unwrap_or_default() {
            if let Some(id) = self.candidate(entry, is_packed) {
                found.extend(self.confirm(id, is_packed).await?);
            }
        }
        Ok(page.next_token)
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
