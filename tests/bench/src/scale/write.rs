//! Writes of the own secrets of grants.

use broker_core::clock::Clock as _;
use broker_core::grant::Grant;
use broker_core::id::GrantId;
use broker_core::port::{StoreError, Stored, Version};

use super::made_up::MINTERS_APP;
use super::quota::Operation;
use super::rows::OwnSecret;
use super::store::ScaleStore;

/// How often a write restores a secret that is in its way.
const MOST_RESTORES: usize = 3;

impl ScaleStore {
    /// Puts a version and makes it the current one, if that is `read`. A secret that waits for deletion is restored.
    pub(super) async fn put_and_move(&self, grant: &Grant, read: &Version) -> Result<Version, StoreError> {
        if grant.id.app.as_str() == MINTERS_APP {
            return self.replace_minter(grant, read).await;
        }
        for operation in [Operation::Put, Operation::Move] {
            self.restored(&grant.id, operation).await?;
        }
        let n = self.own_secret(&grant.id).0;
        self.state().rows.replace(n, grant, read)
    }

    async fn replace_minter(&self, grant: &Grant, read: &Version) -> Result<Version, StoreError> {
        self.call(Operation::Put).await;
        self.call(Operation::Move).await;
        let mut state = self.state();
        if state.minter.version != *read {
            return Err(StoreError::Conflict);
        }
        let version: u64 = read.0.parse().unwrap_or_default();
        state.minter = Stored { grant: grant.clone(), version: Version((version + 1).to_string()) };
        Ok(state.minter.version.clone())
    }

    /// Makes the call to a secret that can be read, and restores it before if it must.
    async fn restored(&self, id: &GrantId, operation: Operation) -> Result<(), StoreError> {
        for _ in 0..MOST_RESTORES {
            self.call(operation).await;
            match self.own_secret(id).1 {
                OwnSecret::Live => return Ok(()),
                OwnSecret::Absent => return Err(StoreError::Conflict),
                OwnSecret::Waiting(_) => {
                    self.state().calls.refused += 1;
                    self.restore_by_name(id).await?;
                }
            }
        }
        Err(StoreError::Conflict)
    }

    /// `RestoreSecret`.
    pub(super) async fn restore_by_name(&self, id: &GrantId) -> Result<(), StoreError> {
        self.call(Operation::Restore).await;
        match self.own_secret(id) {
            (_, OwnSecret::Absent) => Err(StoreError::Conflict),
            (_, OwnSecret::Live) => Ok(()),
            (n, OwnSecret::Waiting(_)) => {
                self.state().rows.set_secret(n, OwnSecret::Live);
                Ok(())
            }
        }
    }

    /// `DeleteSecret`, and a look at whether a newer version was hit.
    pub(super) async fn delete(&self, id: &GrantId, expected: &Version) -> Result<(), StoreError> {
        self.call(Operation::Delete).await;
        let (n, secret) = self.own_secret(id);
        if secret != OwnSecret::Live {
            return Ok(());
        }
        let now = self.clock.now();
        self.state().rows.set_secret(n, OwnSecret::Waiting(now));
        self.call(Operation::Describe).await;
        if self.state().rows.version(n) == *expected {
            return Ok(());
        }
        self.restore_by_name(id).await?;
        Err(StoreError::Conflict)
    }
}
