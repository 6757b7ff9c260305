//! Undoing a restoration that led to no write.

use tracing::warn;

use super::Records;
use crate::clock::Clock;
use crate::id::GrantId;
use crate::port::{Store, StoreError};

impl<S: Store, C: Clock> Records<'_, S, C> {
    /// Withholds a record again that was taken back from deletion and not written. Otherwise it would be vended as it was
    /// before its fence. If this fails too, the next sweep fences the record.
    pub(super) async fn put_back(&self, id: &GrantId) {
        if let Err(error) = self.try_to_put_back(id).await {
            warn!(
                app = %id.app, subject = %id.subject, outcome = "failed",
                "{id}: taken back from deletion, and neither written nor withheld again: {error}"
            );
        }
    }

    async fn try_to_put_back(&self, id: &GrantId) -> Result<(), StoreError> {
        let until = self.announce(&id.app).await?;
        self.store.withhold_again(id, until).await
    }
}
