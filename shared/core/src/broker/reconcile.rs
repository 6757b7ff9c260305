//! `reconcile`: an `authorized` event means "go and look".

use jiff::SignedDuration;

use super::keep::RenewalOutcome;
use super::{Broker, BrokerError, Invocation, ROUNDS};
use crate::clock::Clock;
use crate::grant::{AuthorizedAction, Grant, State};
use crate::port::{Found, Store, StoreError, Stored, Webex};
use crate::request::Reconcile;

/// Waits between mints while Webex may lag behind its own event, after which the next sweep goes on.
const LAG: [SignedDuration; 3] =
    [SignedDuration::from_millis(500), SignedDuration::from_secs(1), SignedDuration::from_secs(2)];

impl<V: Store, W: Webex, C: Clock> Broker<V, W, C> {
    /// Writes down that the org is said to have authorised the app, asks Webex, and says where the grant stands then.
    ///
    /// An error means that the hint itself could not be stored. What fails after that is found by a sweep.
    pub async fn reconcile(&self, run: &Invocation, request: &Reconcile) -> Result<State, BrokerError> {
        let id = &request.id;
        if id.subject.org().is_none() {
            return Err(BrokerError::NoOrg(id.clone()));
        }
        let (look, stored) = self.note(run, request).await?;
        let result = match look {
            AuthorizedAction::KeepFence | AuthorizedAction::SaveFence(_) => return Ok(State::Fenced),
            AuthorizedAction::SaveThenMint(_) => self.welcome(run, request, &stored).await,
            AuthorizedAction::Probe => self.check(run, &stored).await,
        };
        self.settle(run, &stored, &result).await;
        Ok(result.map_or(stored.grant.state, |kept| kept.state()))
    }

    /// Reads the record, decides what the event asks for, and writes what must be durable before anything else is done.
    async fn note(&self, run: &Invocation, request: &Reconcile) -> Result<(AuthorizedAction, Stored), BrokerError> {
        for _ in 0..ROUNDS {
            let stored = match self.load_restored(run, &request.id).await? {
                Found::Live(stored) => Some(*stored),
                Found::Absent | Found::Retired => None,
            };
            let found = stored.as_ref().map(|stored| &stored.grant);
            let (now, settle) = (self.clock.now(), self.settings.fence_settle);
            let look = Grant::on_authorized(found, &request.id, request.authorized_at, now, settle);
            match (look.note(), stored) {
                (Some(grant), stored) => match self.put(run, grant, stored.as_ref()).await {
                    Ok(noted) => return Ok((look, noted)),
                    Err(StoreError::Conflict) => {}
                    Err(error) => return Err(error.into()),
                },
                (None, Some(stored)) => return Ok((look, stored)),
                (None, None) => {}
            }
        }
        Err(BrokerError::Contended(request.id.clone()))
    }

    /// An org that is said to have authorised the app: 200 makes it active; 403, once lag cannot explain it any more,
    /// ends it.
    async fn welcome(
        &self,
        run: &Invocation,
        request: &Reconcile,
        stored: &Stored,
    ) -> Result<RenewalOutcome, BrokerError> {
        let app = self.described(&request.id.app).await?;
        let mut result = self.ask(run, &app, stored).await;
        for wait in LAG {
            if !matches!(result, Err(BrokerError::NotAuthorized(_))) || !run.asking().allows(self.clock.now(), wait) {
                break;
            }
            self.clock.sleep(wait).await;
            result = self.ask(run, &app, stored).await;
        }
        result
    }

    /// A repeated event: nothing to do if Webex still takes the token, so that duplicates do not pile up live tokens.
    async fn check(&self, run: &Invocation, stored: &Stored) -> Result<RenewalOutcome, BrokerError> {
        let Some(pair) = stored.grant.vendable() else {
            return Ok(RenewalOutcome::Adopted(Found::Live(Box::new(stored.clone()))));
        };
        match self.webex.token_expiry(&pair.access_token, run.asking()).await {
            Err(error) if error.is_unauthorized() => self.catch_up(run, stored).await,
            Err(error) => Err(BrokerError::Webex(error)),
            Ok(_) => Ok(RenewalOutcome::Adopted(Found::Live(Box::new(stored.clone())))),
        }
    }

    /// The pair is dead and the org is said to have authorised: that is written down before Webex is asked.
    async fn catch_up(&self, run: &Invocation, stored: &Stored) -> Result<RenewalOutcome, BrokerError> {
        let id = &stored.grant.id;
        let app = self.described(&id.app).await?;
        match self.put(run, &stored.grant.left_behind(self.clock.now()), Some(stored)).await {
            Ok(noted) => self.better_pair(run, &app, &noted).await,
            Err(StoreError::Conflict) => Ok(RenewalOutcome::Adopted(self.vault.load(id).await?)),
            Err(error) => Err(error.into()),
        }
    }
}
