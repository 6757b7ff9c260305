//! Writes: made once, or in place of exactly the version that was read.

use broker_core::clock::{Clock, Deadline};
use broker_core::grant::Grant;
use broker_core::port::{StoreError, Version};
use uuid::Uuid;

use super::SecretsManagerStore;
use super::read::Current;
use crate::document::{self, Document};
use crate::error::Kind;

/// Most bytes in a secret: the service's limit.
const LARGEST_DOCUMENT: usize = 65_536;

/// How often a write takes a secret back from its deletion before it gives up. Somebody else may retire it once more,
/// but not for ever.
const RESTORES: u32 = 3;

impl<C: Clock> SecretsManagerStore<C> {
    pub(super) async fn make(&self, grant: &Grant, deadline: Deadline) -> Result<Version, StoreError> {
        let document = self.document(grant)?;
        let token = Uuid::new_v4().to_string();
        let made = self.create_secret(&grant.id, &document, &token, deadline).await;
        match made {
            Ok(version) => Ok(Version(version.unwrap_or(token))),
            Err(failure) if failure.is(Kind::Exists) => self.made_before(grant, &document, &token).await,
            // The name is scheduled for deletion.
            Err(failure) if failure.is(Kind::State) => Err(StoreError::Conflict),
            Err(failure) => Err(failure.into()),
        }
    }

    /// Whether what exists is what we meant to make: an earlier attempt may have worked and lost its answer.
    async fn made_before(&self, grant: &Grant, document: &Document, token: &str) -> Result<Version, StoreError> {
        match self.current(&self.names.grant(&grant.id)).await? {
            Current::Live(it) if it.version == token => Ok(Version(it.version)),
            // ministack gives versions ids of its own, so the content has to tell.
            Current::Live(it) if it.text() == Ok(document.text()) => Ok(Version(it.version)),
            _ => Err(StoreError::Conflict),
        }
    }

    pub(super) async fn swap(&self, grant: &Grant, read: &Version, deadline: Deadline) -> Result<Version, StoreError> {
        let document = self.document(grant)?;
        let name = self.names.grant(&grant.id);
        let new = self.put(&name, &document, deadline).await?;
        self.promote(&name, read, &new, deadline).await?;
        Ok(Version(new))
    }

    /// Puts a version under the private label. A record that was retired meanwhile is taken back for it; whether this
    /// write wins is still decided by the version that was read.
    async fn put(&self, name: &str, document: &Document, deadline: Deadline) -> Result<String, StoreError> {
        let token = Uuid::new_v4().to_string();
        for _ in 0..RESTORES {
            match self.put_secret_value(name, document, &token, deadline).await {
                Ok(version) => return Ok(version.unwrap_or(token)),
                Err(failure) if failure.is(Kind::State) => self.cancel_deletion(name, deadline).await?,
                Err(failure) if failure.is(Kind::Absent) => return Err(StoreError::Conflict),
                Err(failure) => return Err(failure.into()),
            }
        }
        Err(StoreError::Conflict)
    }

    /// Makes the version `new` the current one in place of `read`.
    async fn promote(&self, name: &str, read: &Version, new: &str, deadline: Deadline) -> Result<(), StoreError> {
        for _ in 0..RESTORES {
            match self.move_current(name, &read.0, new, deadline).await {
                Ok(()) => return Ok(()),
                Err(failure) if failure.is(Kind::Absent) => return Err(StoreError::Conflict),
                Err(failure) if failure.is(Kind::Parameter) || failure.is(Kind::State) => {}
                Err(failure) => return Err(failure.into()),
            }
            match self.current(name).await? {
                // The move had worked and its answer was lost.
                Current::Live(it) if it.version == new => return Ok(()),
                Current::Live(_) | Current::Nothing => return Err(StoreError::Conflict),
                Current::Retired => self.cancel_deletion(name, deadline).await?,
            }
        }
        Err(StoreError::Conflict)
    }

    fn document(&self, grant: &Grant) -> Result<Document, StoreError> {
        let name = self.names.grant(&grant.id);
        let document =
            document::grant::write(grant).map_err(|reason| StoreError::Unreadable(self.unreadable(&name, reason)))?;
        let bytes = document.text().len();
        if bytes > LARGEST_DOCUMENT {
            let name = self.names.relative(&name).to_owned();
            let limit = LARGEST_DOCUMENT;
            return Err(StoreError::TooLarge { name, bytes, limit });
        }
        Ok(document)
    }
}
