//! Taking a record out of its pack.

use broker_core::clock::{Clock, Deadline};
use broker_core::grant::State;
use broker_core::id::GrantId;
use broker_core::port::{Found, StoreError};

use super::{PackedStore, ROUNDS};
use crate::pack::{PackKey, PackStore};

impl<S: PackStore, C: Clock> PackedStore<S, C> {
    /// Takes the record of a grant out of its pack if its own secret holds a revoked record. Once that secret is deleted,
    /// the pack would bring the grant back.
    pub(super) async fn take_revoked_out(&self, id: &GrantId, deadline: Deadline) -> Result<(), StoreError> {
        if id.subject.org().is_none() {
            return Ok(());
        }
        match self.secrets.load(id).await? {
            Found::Live(stored) if stored.grant.state == State::Revoked => self.take_out(id, deadline).await,
            _ => Ok(()),
        }
    }

    async fn take_out(&self, id: &GrantId, deadline: Deadline) -> Result<(), StoreError> {
        let Some(org) = id.subject.org() else { return Ok(()) };
        for _ in 0..ROUNDS {
            let located = self.locate(&id.app, PackKey::of(org)).await?;
            if !located.pack.records.contains_key(org) {
                return Ok(());
            }
            let pack = located.pack.without(org);
            match self.secrets.save_pack(&located.id, &pack, located.version.as_ref(), deadline).await {
                Ok(_) => return Ok(()),
                Err(StoreError::Conflict) => {}
                Err(error) => return Err(error),
            }
        }
        Err(StoreError::Conflict)
    }
}
