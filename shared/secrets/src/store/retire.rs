//! Scheduling a record for deletion, and taking it back.

use broker_core::clock::{Clock, Deadline};
use broker_core::grant::State;
use broker_core::id::GrantId;
use broker_core::port::{Found, Store as _, StoreError, Version};

use super::SecretsManagerStore;
use crate::error::Kind;

impl<C: Clock> SecretsManagerStore<C> {
    /// `DeleteSecret` knows no versions: whoever stored a new pair between the revocation and now would lose it. So the
    /// record must be a revoked one before, and the same one after.
    pub(super) async fn schedule_deletion(&self, id: &GrantId, deadline: Deadline) -> Result<(), StoreError> {
        let version = match self.load(id).await? {
            Found::Live(stored) if stored.grant.state == State::Revoked => stored.version,
            Found::Live(_) => return Err(StoreError::Conflict),
            Found::Absent | Found::Retired => return Ok(()),
        };
        let name = self.names.grant(id);
        match self.delete_secret(&name, deadline).await {
            Ok(()) => self.still_the_same(&name, &version, deadline).await,
            Err(failure) if failure.is(Kind::Absent) || failure.is(Kind::State) => Ok(()),
            Err(failure) => Err(failure.into()),
        }
    }

    /// Takes the deletion back if it hit another version than it was meant for. Where nobody can say which version it
    /// hit, the deletion stands: that the two meet is rare, and the record can be restored for days.
    async fn still_the_same(&self, name: &str, meant: &Version, deadline: Deadline) -> Result<(), StoreError> {
        match self.current_version(name).await {
            Ok(Some(hit)) if hit != meant.0 => {
                self.cancel_deletion(name, deadline).await?;
                Err(StoreError::Conflict)
            }
            Ok(_) => Ok(()),
            Err(failure) => {
                let secret = self.names.relative(name);
                tracing::warn!(secret, code = failure.code, "retired without a second look");
                Ok(())
            }
        }
    }

    /// `RestoreSecret`; a secret that is not scheduled for deletion is no error, one that is gone is a lost race.
    pub(super) async fn cancel_deletion(&self, name: &str, deadline: Deadline) -> Result<(), StoreError> {
        match self.restore_secret(name, deadline).await {
            Ok(()) => Ok(()),
            Err(failure) if failure.is(Kind::State) || failure.is(Kind::Parameter) => Ok(()),
            Err(failure) if failure.is(Kind::Absent) => Err(StoreError::Conflict),
            Err(failure) => Err(failure.into()),
        }
    }
}
