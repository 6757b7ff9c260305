//! `renew`: a caller needs a better token than the one that stands.

use super::keep::Kept;
use super::{Broker, BrokerError, Run};
use crate::app::{App, Kind};
use crate::clock::Clock;
use crate::grant::{Grant, State};
use crate::port::{Found, Stored, Vault, Webex};
use crate::request::{Reason, Renew, Renewal};

impl<V: Vault, W: Webex, C: Clock> Broker<V, W, C> {
    /// Renews a pair unless that is pointless: the token in question is no longer the current one, or it was renewed
    /// within the day and nobody says that Webex rejects it.
    pub async fn renew(&self, run: &Run, request: &Renew) -> Result<Renewal, BrokerError> {
        let stored = match self.vault.load(&request.id).await? {
            Found::Nothing => return Err(BrokerError::NotFound(request.id.clone())),
            Found::Retired => {
                return Ok(Renewal { state: State::Revoked, renewed: false, expires_at: None });
            }
            Found::Live(stored) => *stored,
        };
        if !self.is_called_for(request, &stored.grant) {
            return Ok(renewal(&stored.grant, false));
        }
        let app = self.described(&request.id.app).await?;
        let result = self.renew_pair(run, &app, &stored, request.reason).await;
        self.settle(run, &stored, &result).await;
        let kept = result?;
        let renewed = matches!(kept, Kept::Renewed(_) | Kept::Minted(_));
        let gone = Renewal { state: State::Revoked, renewed: false, expires_at: None };
        Ok(kept.grant().map_or(gone, |grant| renewal(grant, renewed)))
    }

    fn is_called_for(&self, request: &Renew, grant: &Grant) -> bool {
        let Some(pair) = grant.vendable() else { return false };
        let is_current = request.if_sha256.is_none_or(|hash| hash == pair.access_token.fingerprint());
        let is_rejected = request.reason == Some(Reason::Rejected);
        is_current && (is_rejected || self.settings.renew_at.may_renew(grant, self.clock.now()))
    }

    /// Webex may answer a refresh with the very token that it rejects; then only minting helps.
    async fn renew_pair(
        &self,
        run: &Run,
        app: &App,
        stored: &Stored,
        reason: Option<Reason>,
    ) -> Result<Kept, BrokerError> {
        let kept = self.better_pair(run, app, stored).await?;
        let mintable = matches!(app.kind, Kind::ServiceApp(_)) && reason == Some(Reason::Rejected);
        match &kept {
            Kept::Renewed(renewed) if mintable && vends_the_same(renewed, stored) => self.ask(run, app, renewed).await,
            _ => Ok(kept),
        }
    }
}

fn vends_the_same(now: &Stored, before: &Stored) -> bool {
    let pairs = now.grant.vendable().zip(before.grant.vendable());
    pairs.is_some_and(|(now, before)| now.vends_the_same(before))
}

/// What stands now, told to whoever asked.
pub(super) fn renewal(grant: &Grant, renewed: bool) -> Renewal {
    let expires_at = grant.vendable().map(|pair| pair.access_token_expires_at);
    Renewal { state: grant.state, renewed, expires_at }
}
