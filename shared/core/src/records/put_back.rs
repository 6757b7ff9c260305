//! Undoing a restoration whose write failed.

use tracing::warn;

use super::Records;
use crate::clock::Clock;
use crate::id::GrantId;
use crate::port::{Found, Store};

impl<S: Store, C: Clock> Records<'_, S, C> {
    /// Withholds a record again that was taken back from deletion for a write that failed. Otherwise it would be vended
    /// as it was before its fence.
    pub(super) async fn put_back(&self, id: &GrantId) {
        let is_vendable = match self.load(id).await {
            Ok(Found::Live(stored)) => stored.grant.vendable().is_some(),
            Ok(Found::Absent | Found::Retired) => false,
            Err(_) => true,
        };
        if !is_vendable {
            return;
        }
        if let Err(error) = self.store.withhold(id, self.clock.now(), self.deadline).await {
            warn!(
                app = %id.app, subject = %id.subject, outcome = "failed", code = error.code(),
                "{id}: taken back from deletion, and neither written nor withheld again: {error}"
            );
        }
    }
}
