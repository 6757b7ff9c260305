//! Making one grant's pair better, by whatever works: heal, then ask.

use tracing::{info, warn};

use super::{Broker, BrokerError, Change, Invocation};
use crate::app::{App, AppType};
use crate::clock::Clock;
use crate::grant::{Failure, Grant, State};
use crate::id::GrantId;
use crate::port::{Found, Store, Stored, Webex};

/// What became of a grant.
#[derive(Debug)]
pub(super) enum RenewalOutcome {
    /// Its pair was refreshed by us.
    Renewed(Stored),
    /// A pair was minted by us.
    Minted(Stored),
    /// Somebody else wrote first, and what they wrote stands.
    Adopted(Found<Stored>),
    /// Webex confirmed that the org has withdrawn.
    Retired(Grant),
}

impl RenewalOutcome {
    /// The record as it stands now, if there is one to be read.
    pub(super) fn grant(&self) -> Option<&Grant> {
        match self {
            Self::Renewed(stored) | Self::Minted(stored) => Some(&stored.grant),
            Self::Adopted(Found::Live(stored)) => Some(&stored.grant),
            Self::Adopted(Found::Absent | Found::Retired) => None,
            Self::Retired(grant) => Some(grant),
        }
    }

    /// Where the grant stands now; a record that is gone was retired.
    pub(super) fn state(&self) -> State {
        self.grant().map_or(State::Revoked, |grant| grant.state)
    }

    fn change(&self) -> Option<Change> {
        match self {
            Self::Renewed(_) => Some(Change::Renewed),
            Self::Minted(_) => Some(Change::Minted),
            Self::Adopted(_) => None,
            Self::Retired(_) => Some(Change::Retired),
        }
    }
}

impl<V: Store, W: Webex, C: Clock> Broker<V, W, C> {
    /// Gets a better pair for a grant that holds one: by refreshing it; if the refresh token is dead, by minting anew; if
    /// Webex says 403 to that, the org has left.
    pub(super) async fn better_pair(
        &self,
        run: &Invocation,
        app: &App,
        stored: &Stored,
    ) -> Result<RenewalOutcome, BrokerError> {
        match (self.refresh(run, &app.client, stored).await, &app.kind) {
            (Err(BrokerError::RefreshTokenFinished(_) | BrokerError::NoRefreshToken(_)), AppType::ServiceApp(_)) => {
                self.ask(run, app, stored).await
            }
            (kept, _) => kept,
        }
    }

    /// Lets Webex decide about a grant by minting for its org: 200 makes it active, 403 ends it.
    pub(super) async fn ask(
        &self,
        run: &Invocation,
        app: &App,
        stored: &Stored,
    ) -> Result<RenewalOutcome, BrokerError> {
        match self.mint(run, app, &stored.grant.id).await {
            Ok(issued) => self.store_minted(run, stored, issued).await,
            Err(BrokerError::NotAuthorized(error))
                if stored.grant.may_be_lag(self.clock.now(), self.settings.fence_settle) =>
            {
                Err(BrokerError::NotAuthorized(error))
            }
            Err(BrokerError::NotAuthorized(_)) => self.retire(run, stored).await,
            Err(error) => Err(error),
        }
    }

    /// Logs how it went, and writes down a failure where that is worth a version of the secret.
    pub(super) async fn settle(&self, run: &Invocation, stored: &Stored, result: &Result<RenewalOutcome, BrokerError>) {
        self.log(run, &stored.grant.id, result);
        if let Err(error) = result {
            self.note_failure(run, stored, error).await;
        }
    }

    /// One line for what became of a grant, and the change for the metrics.
    pub(super) fn log(&self, run: &Invocation, id: &GrantId, result: &Result<RenewalOutcome, BrokerError>) {
        let (app, subject) = (&id.app, &id.subject);
        match result.as_ref().map(RenewalOutcome::change) {
            Ok(change) => {
                self.attempts.forget(id);
                let outcome = change.map_or("adopted", Change::as_str);
                change.inspect(|&change| run.note(app, change));
                info!(%app, %subject, outcome, "{id}: {outcome}");
            }
            Err(error) => {
                let refusal = error.command_error();
                warn!(%app, %subject, outcome = "failed", code = refusal.code, webex.tracking_id = refusal.tracking_id,
                    "{id}: {}", refusal.detail);
            }
        }
    }

    /// A failure of the store has nowhere to be written, a wait is none, and one of a fenced grant changes nothing.
    async fn note_failure(&self, run: &Invocation, stored: &Stored, error: &BrokerError) {
        let grant = &stored.grant;
        let waits = error.wants_more_time_than(run, self.clock.now());
        if matches!(error, BrokerError::Store(_)) || waits || grant.state == State::Fenced {
            return;
        }
        let remembered = self.attempts.of(&grant.id);
        let before = grant.failure.as_ref();
        let failure = Failure::after(before, remembered, error.code(), error.tracking_id(), self.clock.now());
        self.attempts.set(&grant.id, failure.attempts);
        if failure.is_worth_writing_over(before) {
            let written = self.vault.replace(&grant.failing(failure), &stored.version, run.deadline).await;
            if let Err(error) = written {
                info!(app = %grant.id.app, subject = %grant.id.subject, "the failure was not written down: {error}");
            }
        }
    }
}
