//! The minter: one Integration's grant whose access token mints for everybody.

use jiff::SignedDuration;

use super::{Broker, BrokerError, Run};
use crate::app::App;
use crate::clock::Clock;
use crate::grant::Grant;
use crate::id::AppName;
use crate::port::{Found, Stored, Vault, Webex};
use crate::token::AccessToken;

/// A bearer with less life than this may end on its way to Webex.
const ALMOST_OVER: SignedDuration = SignedDuration::from_secs(60);

impl<V: Vault, W: Webex, C: Clock> Broker<V, W, C> {
    /// The minter's access token, got once a run and renewed if it is almost over.
    pub(super) async fn bearer(&self, run: &Run) -> Result<AccessToken, BrokerError> {
        let mut bearer = run.bearer.lock().await;
        if let Some(known) = bearer.as_ref() {
            return Ok(known.clone());
        }
        let stored = self.minter_grant().await?;
        let remaining = stored.grant.vendable().map_or(SignedDuration::ZERO, |pair| pair.remaining(self.clock.now()));
        let token =
            if remaining > ALMOST_OVER { token_of(&stored.grant) } else { self.renewed_minter(run, &stored).await? };
        let token = token.ok_or_else(|| self.minter_ended())?;
        Ok(bearer.insert(token).clone())
    }

    /// The minter's access token after Webex has `refused` one: what somebody else has put in its place, or a new one.
    pub(super) async fn bearer_instead_of(&self, run: &Run, refused: &AccessToken) -> Result<AccessToken, BrokerError> {
        let is_other = |token: &AccessToken| token.fingerprint() != refused.fingerprint();
        let mut bearer = run.bearer.lock().await;
        if let Some(other) = bearer.as_ref().filter(|token| is_other(token)) {
            return Ok(other.clone());
        }
        let stored = self.minter_grant().await?;
        let token = match token_of(&stored.grant).filter(is_other) {
            Some(other) => Some(other),
            None => self.renewed_minter(run, &stored).await?,
        };
        let token = token.ok_or_else(|| self.minter_ended())?;
        Ok(bearer.insert(token).clone())
    }

    /// Only ever refreshed: nothing mints a minter.
    async fn renewed_minter(&self, run: &Run, stored: &Stored) -> Result<Option<AccessToken>, BrokerError> {
        if stored.grant.pair.as_ref().is_none_or(|pair| pair.refresh_token.is_none()) {
            return Err(self.minter_ended());
        }
        let app = self.described(&stored.grant.id.app).await?;
        let kept = self.refresh(run, &app.client, stored).await;
        self.settle(run, stored, &kept).await;
        Ok(kept?.grant().and_then(token_of))
    }

    async fn minter_grant(&self) -> Result<Stored, BrokerError> {
        match self.vault.load(&self.settings.minter).await? {
            Found::Live(stored) => Ok(*stored),
            Found::Nothing | Found::Retired => Err(BrokerError::MinterMissing(self.settings.minter.clone())),
        }
    }

    fn minter_ended(&self) -> BrokerError {
        BrokerError::MinterEnded(self.settings.minter.clone())
    }

    /// What the operator says about an app.
    pub(super) async fn described(&self, name: &AppName) -> Result<App, BrokerError> {
        self.vault.app(name).await?.ok_or_else(|| BrokerError::UnknownApp(name.clone()))
    }
}

fn token_of(grant: &Grant) -> Option<AccessToken> {
    grant.vendable().map(|pair| pair.access_token.clone())
}
