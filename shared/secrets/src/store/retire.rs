//! Scheduling a record for deletion, and restoring it.

use broker_core::clock::{Clock, Deadline};
use broker_core::grant::State;
use broker_core::id::GrantId;
use broker_core::port::{Found, Store as _, StoreError, Stored, Version};

use super::SecretsManagerStore;
use super::write::is_revoked_version;
use crate::error::CallErrorKind;

impl<C: Clock> SecretsManagerStore<C> {
    /// Implements [`broker_core::port::Store::retire`].
    ///
    /// `DeleteSecret` knows no versions: a pair that was stored between the revocation and now would be lost. So the
    /// record must be revoked before the call, and the same version must be current after it.
    pub(super) async fn retire_revoked(&self, id: &GrantId, deadline: Deadline) -> Result<(), StoreError> {
        let version = match self.load(id).await? {
            Found::Live(stored) if stored.grant.state == State::Revoked => {
                self.named_revoked(*stored, deadline).await?
            }
            Found::Live(_) => return Err(StoreError::Conflict),
            Found::Absent | Found::Retired => return Ok(()),
        };
        let name = self.names.grant(id);
        match self.delete_secret(&name, deadline).await {
            Ok(()) => self.restore_if_replaced(&name, &version, deadline).await,
            Err(error) if error.is(CallErrorKind::Absent) || error.is(CallErrorKind::State) => Ok(()),
            Err(error) => Err(error.into()),
        }
    }

    /// The version of a revoked record, written once more if its id does not show that it is revoked: a release before
    /// this one wrote it. Otherwise each sweep would restore the record as scheduled in error.
    async fn named_revoked(&self, stored: Stored, deadline: Deadline) -> Result<Version, StoreError> {
        if is_revoked_version(&stored.version.0) {
            return Ok(stored.version);
        }
        self.replace_record(&stored.grant, &stored.version, deadline).await
    }

    /// Cancels a deletion that hit another version than `expected`. If the version cannot be read, the deletion stands:
    /// the race is rare, and the record can be restored for days.
    pub(super) async fn restore_if_replaced(
        &self,
        name: &str,
        expected: &Version,
        deadline: Deadline,
    ) -> Result<(), StoreError> {
        match self.describe_secret(name).await.map(|secret| secret.current) {
            Ok(Some(version)) if version != expected.0 => {
                self.restore_by_name(name, deadline).await?;
                Err(StoreError::Conflict)
            }
            Ok(_) => Ok(()),
            Err(error) => {
                let secret = self.names.relative(name);
                tracing::warn!(
                    secret,
                    operation = error.operation,
                    code = error.code,
                    "scheduled for deletion without a check that no newer version was hit"
                );
                Ok(())
            }
        }
    }

    /// `RestoreSecret`. Succeeds for a secret that is not scheduled for deletion; a secret that no longer exists is a
    /// lost race.
    pub(super) async fn restore_by_name(&self, name: &str, deadline: Deadline) -> Result<(), StoreError> {
        match self.restore_secret(name, deadline).await {
            Ok(()) => Ok(()),
            Err(error) if error.is(CallErrorKind::State) || error.is(CallErrorKind::Parameter) => Ok(()),
            Err(error) if error.is(CallErrorKind::Absent) => Err(StoreError::Conflict),
            Err(error) => Err(error.into()),
        }
    }
}
