//! `fence`: stop vending first, ask later.

use super::{Broker, BrokerError, ROUNDS, Run};
use crate::clock::Clock;
use crate::grant::{Grant, State};
use crate::id::GrantId;
use crate::port::{Found, StoreError, Vault, Webex};

impl<V: Vault, W: Webex, C: Clock> Broker<V, W, C> {
    /// Fences a grant, known or not, and says where it stands: fenced, or revoked if it was. Neither the app's secret nor
    /// Webex is needed for this, so that nothing but the store can keep a fence from standing.
    pub async fn fence(&self, run: &Run, id: &GrantId) -> Result<State, BrokerError> {
        for _ in 0..ROUNDS {
            let stored = match self.vault.load(id).await? {
                Found::Retired => return Ok(State::Revoked),
                Found::Nothing => None,
                Found::Live(stored) => Some(*stored),
            };
            let found = stored.as_ref().map(|stored| &stored.grant);
            let Some(fenced) = Grant::on_deauthorized(found, id, self.clock.now()) else {
                return Ok(State::Revoked);
            };
            match self.put(run, &fenced, stored.as_ref()).await {
                Ok(_) => return Ok(State::Fenced),
                Err(StoreError::Conflict) => {}
                Err(error) => return Err(error.into()),
            }
        }
        Err(BrokerError::Contended(id.clone()))
    }
}
