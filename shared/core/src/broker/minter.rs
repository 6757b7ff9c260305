//! The minter: one Integration's grant whose access token mints for everybody.

use std::sync::PoisonError;

use jiff::{SignedDuration, Timestamp};

use super::run::Minter;
use super::{Broker, BrokerError, Invocation};
use crate::app::App;
use crate::clock::Clock;
use crate::grant::Grant;
use crate::id::AppName;
use crate::port::{Found, Store, Stored, Webex, WebexError};
use crate::token::AccessToken;

/// A bearer with less life than this may end on its way to Webex.
const ALMOST_OVER: SignedDuration = SignedDuration::from_secs(60);

/// How long a minter is not renewed for being refused, after one that had just been was refused as well: what is wrong
/// then is no token's age, and each renewal leaves a token that lives for two weeks.
const RENEWING_IS_VAIN: SignedDuration = SignedDuration::from_hours(1);

/// When a bearer that had just been renewed was refused, as far as this environment knows.
#[derive(Default)]
pub(super) struct Vain(std::sync::Mutex<Option<Timestamp>>);

impl Vain {
    fn is_known(&self, now: Timestamp) -> bool {
        let refused_at = *self.0.lock().unwrap_or_else(PoisonError::into_inner);
        refused_at.is_some_and(|at| now.duration_since(at) < RENEWING_IS_VAIN)
    }

    pub(super) fn note(&self, now: Timestamp) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Some(now);
    }
}

impl<V: Store, W: Webex, C: Clock> Broker<V, W, C> {
    /// The minter's access token, got once a run and renewed if it is almost over.
    pub(super) async fn bearer(&self, run: &Invocation) -> Result<AccessToken, BrokerError> {
        let mut minter = run.minter.lock().await;
        if let Some(known) = &minter.bearer {
            return Ok(known.clone());
        }
        let stored = self.minter_grant().await?;
        let remaining = stored.grant.vendable().map_or(SignedDuration::ZERO, |pair| pair.remaining(self.clock.now()));
        let token = if remaining > ALMOST_OVER {
            token_of(&stored.grant)
        } else {
            self.renewed_minter(run, &stored, &mut minter).await?
        };
        let token = token.ok_or_else(|| self.minter_ended())?;
        Ok(minter.bearer.insert(token).clone())
    }

    /// The minter's access token after Webex has `refused` one: what somebody else has put in its place, or a new one.
    /// None, where a new one was refused as well not long ago.
    pub(super) async fn bearer_instead_of(
        &self,
        run: &Invocation,
        refused: &AccessToken,
    ) -> Result<Option<AccessToken>, BrokerError> {
        let is_other = |token: &AccessToken| token.fingerprint() != refused.fingerprint();
        let mut minter = run.minter.lock().await;
        if let Some(other) = minter.bearer.as_ref().filter(|token| is_other(token)) {
            return Ok(Some(other.clone()));
        }
        let stored = self.minter_grant().await?;
        let token = match token_of(&stored.grant).filter(is_other) {
            Some(other) => Some(other),
            None if self.vain.is_known(self.clock.now()) => return Ok(None),
            None => self.renewed_minter(run, &stored, &mut minter).await?,
        };
        let token = token.ok_or_else(|| self.minter_ended())?;
        Ok(Some(minter.bearer.insert(token).clone()))
    }

    pub(super) fn minter_refused(&self, source: WebexError) -> BrokerError {
        BrokerError::MinterRefused { minter: self.settings.minter.clone(), source }
    }

    /// Only ever refreshed: nothing mints a minter.
    async fn renewed_minter(
        &self,
        run: &Invocation,
        stored: &Stored,
        minter: &mut Minter,
    ) -> Result<Option<AccessToken>, BrokerError> {
        if minter.ended || stored.grant.pair.as_ref().is_none_or(|pair| pair.refresh_token.is_none()) {
            return Err(self.minter_ended());
        }
        let app = self.described(&stored.grant.id.app).await?;
        let kept = self.refresh(run, &app.client, stored).await;
        minter.ended = matches!(kept, Err(BrokerError::RefreshTokenFinished(_)));
        self.settle(run, stored, &kept).await;
        Ok(kept?.grant().and_then(token_of))
    }

    async fn minter_grant(&self) -> Result<Stored, BrokerError> {
        match self.vault.load(&self.settings.minter).await? {
            Found::Live(stored) => Ok(*stored),
            Found::Absent | Found::Retired => Err(BrokerError::MinterMissing(self.settings.minter.clone())),
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
