//! `fence`: stop vending first, ask later.

use super::{Broker, BrokerError, Invocation, ROUNDS};
use crate::clock::Clock;
use crate::grant::{Grant, State};
use crate::id::GrantId;
use crate::port::{Found, Store, StoreError, Webex};

impl<V: Store, W: Webex, C: Clock> Broker<V, W, C> {
    /// Fences a grant, known or not, and says where it stands: fenced, or revoked if it was. Neither the app's secret nor
    /// Webex is needed for this, so that nothing but the store can keep a fence from standing.
    pub async fn fence(&self, run: &Invocation, id: &GrantId) -> Result<State, BrokerError> {
        for _ in 0..ROUNDS {
            let stored = match self.load_restored(run, id).await? {
                Found::Live(stored) => Some(*stored),
                Found::Absent | Found::Retired => None,
            };
            let fenced = Grant::on_deauthorized(stored.as_ref().map(|stored| &stored.grant), id, self.clock.now());
            match self.put(run, &fenced, stored.as_ref()).await {
                Ok(_) if fenced.state == State::Revoked => return self.retire_again(run, id).await,
                Ok(_) => return Ok(fenced.state),
                Err(StoreError::Conflict) => {}
                Err(error) => return Err(error.into()),
            }
        }
        Err(BrokerError::Contended(id.clone()))
    }

    /// A retired record came back from deletion for its fence to be written, and goes again, unless an authorisation
    /// that is newer than the fence wants it.
    async fn retire_again(&self, run: &Invocation, id: &GrantId) -> Result<State, BrokerError> {
        match self.vault.retire(id, run.deadline).await {
            Ok(()) | Err(StoreError::Conflict) => Ok(State::Revoked),
            Err(error) => Err(error.into()),
        }
    }
}
