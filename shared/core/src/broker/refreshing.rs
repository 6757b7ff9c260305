//! Refreshing a pair, and storing what came before anything else happens with it.

use jiff::SignedDuration;

use super::keep::RenewalOutcome;
use super::{Broker, BrokerError, Invocation, ROUNDS};
use crate::app::Client;
use crate::clock::Clock;
use crate::pair::{Pair, TokenResponse};
use crate::port::{Found, Store, StoreError, Stored, Webex, WebexError};
use crate::token::RefreshToken;
use crate::verdict::RefreshVerdict;

/// How long the winner of a race may take to write what it won, before its loser calls the grant dead.
const WINNER_WRITES: SignedDuration = SignedDuration::from_secs(1);

impl<V: Store, W: Webex, C: Clock> Broker<V, W, C> {
    /// Spends the refresh token of `stored` and stores the new pair.
    pub(super) async fn refresh(
        &self,
        run: &Invocation,
        client: &Client,
        stored: &Stored,
    ) -> Result<RenewalOutcome, BrokerError> {
        let spent = stored.grant.pair.as_ref().and_then(|pair| pair.refresh_token.clone());
        let spent = spent.ok_or_else(|| BrokerError::NoRefreshToken(stored.grant.id.clone()))?;
        self.prove_writable(run, stored).await?;
        match self.webex.refresh(client, &spent, run.asking()).await {
            Ok(issued) => self.store_refreshed(run, stored, issued).await,
            Err(error) => self.refused_refresh(run, client, stored, &spent, error).await,
        }
    }

    /// A refusal may only mean that somebody else was faster: the record is read again, after a moment for the winner
    /// to write. One without a code is believed if a second try ends the same way.
    async fn refused_refresh(
        &self,
        run: &Invocation,
        client: &Client,
        stored: &Stored,
        spent: &RefreshToken,
        error: WebexError,
    ) -> Result<RenewalOutcome, BrokerError> {
        let verdict = error.refresh_verdict();
        if verdict == RefreshVerdict::Later {
            return Err(BrokerError::Webex(error));
        }
        self.clock.sleep(WINNER_WRITES).await;
        let current = self.vault.load(&stored.grant.id).await?;
        if !still_holds_what(stored, &current) {
            return Ok(RenewalOutcome::Adopted(current));
        }
        if verdict == RefreshVerdict::Finished {
            return Err(BrokerError::RefreshTokenFinished(error));
        }
        match self.webex.refresh(client, spent, run.asking()).await {
            Ok(issued) => self.store_refreshed(run, stored, issued).await,
            Err(again) if again.refresh_verdict() == RefreshVerdict::Later => Err(BrokerError::Webex(again)),
            Err(again) => Err(BrokerError::RefreshTokenFinished(again)),
        }
    }

    /// Puts a refreshed pair in the place of the one whose refresh token it cost, whatever else was written meanwhile: a
    /// failure, or a fence, which stays. If the place is taken by another pair, that one is newer and ours is dropped.
    async fn store_refreshed(
        &self,
        run: &Invocation,
        read: &Stored,
        issued: TokenResponse,
    ) -> Result<RenewalOutcome, BrokerError> {
        let now = self.clock.now();
        let pair = Pair::from_response(issued, read.grant.pair.as_ref(), now);
        let mut place = read.clone();
        for _ in 0..ROUNDS {
            let grant = place.grant.refreshed(pair.clone(), now);
            match self.vault.replace(&grant, &place.version, run.deadline).await {
                Ok(version) => return Ok(RenewalOutcome::Renewed(Stored { grant, version })),
                Err(StoreError::Conflict) => {}
                Err(error) => return Err(error.into()),
            }
            match self.vault.load(&read.grant.id).await? {
                Found::Live(current) if holds_the_same(&current, read) => place = *current,
                current => return Ok(RenewalOutcome::Adopted(current)),
            }
        }
        Err(BrokerError::Contended(read.grant.id.clone()))
    }

    /// Asks the store once a run whether it takes writes, before the first refresh token is spent on a pair that could
    /// not be kept. What is wrong with one record alone says nothing about the others.
    async fn prove_writable(&self, run: &Invocation, stored: &Stored) -> Result<(), BrokerError> {
        let mut writable = run.writable.lock().await;
        if writable.is_none() {
            let proof = self.vault.prove_writable(stored, run.asking()).await;
            *writable = match &proof {
                Ok(()) => Some(true),
                Err(StoreError::Unavailable { .. }) => Some(false),
                Err(_) => None,
            };
            proof?;
        }
        let away = StoreError::Unavailable { operation: "a write", code: "not_proven_writable".to_owned() };
        if *writable == Some(true) { Ok(()) } else { Err(away.into()) }
    }
}

/// Whether the pair that was read still stands.
pub(super) fn holds_the_same(current: &Stored, read: &Stored) -> bool {
    let pairs = current.grant.pair.as_ref().zip(read.grant.pair.as_ref());
    pairs.is_some_and(|(current, read)| current.is_the_same_as(read))
}

fn still_holds_what(read: &Stored, current: &Found<Stored>) -> bool {
    matches!(current, Found::Live(current) if holds_the_same(current, read))
}
