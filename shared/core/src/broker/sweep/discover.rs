//! Orgs that the operator names and that no event ever told of.

use super::round::End;
use crate::app::App;
use crate::broker::keep::RenewalOutcome;
use crate::broker::{Broker, BrokerError, Invocation};
use crate::clock::Clock;
use crate::grant::{Grant, State};
use crate::id::GrantId;
use crate::pair::{Pair, TokenResponse};
use crate::port::{Found, Store, StoreError, Webex};

impl<V: Store, W: Webex, C: Clock> Broker<V, W, C> {
    /// An org without a grant: nothing is written unless Webex says that it has authorised the app.
    pub(super) async fn discover(&self, run: &Invocation, app: &App, id: GrantId) -> End {
        let result = match self.mint(run, app, &id).await {
            Err(BrokerError::NotAuthorized(_)) => return End::Nothing,
            Ok(issued) => self.store_discovered(run, app, &id, issued).await,
            Err(error) => Err(error),
        };
        self.log(run, &id, &result);
        End::Tried(Box::new((Grant::pending(id, None), result)))
    }

    async fn store_discovered(
        &self,
        run: &Invocation,
        app: &App,
        id: &GrantId,
        issued: TokenResponse,
    ) -> Result<RenewalOutcome, BrokerError> {
        let now = self.clock.now();
        let grant = Grant::pending(id.clone(), None).minted(Pair::from_response(issued, None, now), now);
        match self.put(run, &grant, None).await {
            Ok(stored) => Ok(RenewalOutcome::Minted(stored)),
            Err(StoreError::Conflict) => self.ask_again(run, app, id).await,
            Err(error) => Err(error.into()),
        }
    }

    /// There is a record after all. If it was retired and lay unseen, the org is back, and Webex is asked once more: the
    /// first answer is older than what was read now, which may be a fence.
    async fn ask_again(&self, run: &Invocation, app: &App, id: &GrantId) -> Result<RenewalOutcome, BrokerError> {
        match self.load_restored(run, id).await? {
            Found::Live(stored)
                if stored.grant.state == State::Revoked
                    && stored.grant.has_settled(self.clock.now(), self.settings.fence_settle) =>
            {
                self.ask(run, app, &stored).await
            }
            found => Ok(RenewalOutcome::Adopted(found)),
        }
    }
}
