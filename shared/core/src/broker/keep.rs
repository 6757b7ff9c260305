//! Making one grant's pair better, by whatever works: heal, then ask.

use tracing::{info, warn};

use super::{Broker, BrokerError, Run};
use crate::app::{App, Kind};
use crate::clock::Clock;
use crate::grant::{Failure, Grant, State};
use crate::port::{Found, Stored, Vault, Webex};

/// What became of a grant.
#[derive(Debug)]
pub(super) enum Kept {
    /// Its pair was refreshed by us.
    Renewed(Stored),
    /// A pair was minted by us.
    Minted(Stored),
    /// Somebody else wrote first, and what they wrote stands.
    Adopted(Found),
    /// Webex confirmed that the org has withdrawn.
    Retired(Grant),
}

impl Kept {
    /// The record as it stands now, if there is one to be read.
    pub(super) fn grant(&self) -> Option<&Grant> {
        match self {
            Self::Renewed(stored) | Self::Minted(stored) => Some(&stored.grant),
            Self::Adopted(Found::Live(stored)) => Some(&stored.grant),
            Self::Adopted(Found::Nothing | Found::Retired) => None,
            Self::Retired(grant) => Some(grant),
        }
    }

    /// Where the grant stands now; a record that is gone was retired.
    pub(super) fn state(&self) -> State {
        self.grant().map_or(State::Revoked, |grant| grant.state)
    }

    fn outcome(&self) -> &'static str {
        match self {
            Self::Renewed(_) => "renewed",
            Self::Minted(_) => "minted",
            Self::Adopted(_) => "adopted",
            Self::Retired(_) => "retired",
        }
    }
}

impl<V: Vault, W: Webex, C: Clock> Broker<V, W, C> {
    /// Gets a better pair for a grant that holds one: by refreshing it; if the refresh token is dead, by minting anew; if
    /// Webex says 403 to that, the org has left.
    pub(super) async fn better_pair(&self, run: &Run, app: &App, stored: &Stored) -> Result<Kept, BrokerError> {
        match (self.refresh(run, &app.client, stored).await, &app.kind) {
            (Err(BrokerError::RefreshTokenFinished(_) | BrokerError::NoRefreshToken(_)), Kind::ServiceApp(_)) => {
                self.ask(run, app, stored).await
            }
            (kept, _) => kept,
        }
    }

    /// Lets Webex decide about a grant by minting for its org: 200 makes it active, 403 ends it.
    pub(super) async fn ask(&self, run: &Run, app: &App, stored: &Stored) -> Result<Kept, BrokerError> {
        match self.mint(run, app, &stored.grant.id).await {
            Ok(issued) => {
                self.store_minted(run, Some(stored), &stored.grant.id, issued, None)
                    .await
            }
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
    pub(super) async fn settle(&self, run: &Run, stored: &Stored, result: &Result<Kept, BrokerError>) {
        let id = &stored.grant.id;
        match result {
            Ok(kept) => {
                self.attempts.forget(id);
                info!(app = %id.app, subject = %id.subject, outcome = kept.outcome(), "kept {id}");
            }
            Err(error) => {
                let refusal = error.refusal();
                let tracking_id = refusal.tracking_id.as_deref().unwrap_or_default();
                warn!(app = %id.app, subject = %id.subject, outcome = "failed", code = refusal.code,
                    webex.tracking_id = tracking_id, "{id}: {}", refusal.detail);
                self.note_failure(run, stored, error).await;
            }
        }
    }

    /// A failure of the store has nowhere to be written, a wait is none, and one of a fenced grant changes nothing.
    async fn note_failure(&self, run: &Run, stored: &Stored, error: &BrokerError) {
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
            let written = self
                .vault
                .replace(&grant.failing(failure), &stored.version, run.deadline)
                .await;
            if let Err(error) = written {
                info!(app = %grant.id.app, subject = %grant.id.subject, "the failure was not written down: {error}");
            }
        }
    }
}
