//! `renew`: a caller needs a better token than the one that stands.

use super::keep::RenewalOutcome;
use super::refreshing::holds_the_same;
use super::{Broker, BrokerError, Invocation};
use crate::app::{App, AppType};
use crate::clock::Clock;
use crate::grant::{Grant, State};
use crate::port::{Found, Store, StoreError, Stored, Webex};
use crate::request::{Reason, Renew, Renewal};
use jiff::SignedDuration;

/// How long a renewal at a caller's wish may take: one call to Webex at its slowest, and the writes.
const LONGEST_RENEWAL: SignedDuration = SignedDuration::from_secs(15);

/// How often those who wait for one look.
const LOOK_AGAIN: SignedDuration = SignedDuration::from_millis(250);

/// Whose a renewal is that several want.
enum Claimed {
    /// Ours: this is the record that it starts from.
    Ours(Box<Stored>),
    /// Somebody else's, and this is what came of it.
    Theirs(Found<Stored>),
}

impl<V: Store, W: Webex, C: Clock> Broker<V, W, C> {
    /// Renews a pair unless that is pointless: the token in question is no longer the current one, or it was renewed
    /// within the day and nobody says that Webex rejects it.
    pub async fn renew(&self, run: &Invocation, request: &Renew) -> Result<Renewal, BrokerError> {
        let stored = match self.vault.load(&request.id).await? {
            Found::Absent => return Err(BrokerError::NotFound(request.id.clone())),
            Found::Retired => {
                return Ok(Renewal { state: State::Revoked, renewed: false, expires_at: None });
            }
            Found::Live(stored) => *stored,
        };
        if !self.is_called_for(request, &stored.grant) {
            return Ok(renewal(&stored.grant, false));
        }
        let app = self.described(&request.id.app).await?;
        let stored = match self.claim(run, stored).await? {
            Claimed::Ours(stored) => *stored,
            Claimed::Theirs(found) => return Ok(standing(&RenewalOutcome::Adopted(found), false)),
        };
        let result = self.renew_pair(run, &app, &stored, request.reason).await;
        self.settle(run, &stored, &result).await;
        let kept = result?;
        Ok(standing(&kept, matches!(kept, RenewalOutcome::Renewed(_) | RenewalOutcome::Minted(_))))
    }

    /// Lets one of those who want the same renewal at the same time go ahead: whose claim wins at the store. The others
    /// wait for what the winner brings, as long as a renewal can take; then whoever died over it is passed over.
    async fn claim(&self, run: &Invocation, stored: Stored) -> Result<Claimed, BrokerError> {
        let mut place = stored.clone();
        while run.asking().allows(self.clock.now(), LOOK_AGAIN) {
            let now = self.clock.now();
            if place.grant.is_being_renewed(now, LONGEST_RENEWAL) {
                self.clock.sleep(LOOK_AGAIN).await;
            } else {
                let grant = place.grant.renewing(now);
                match self.vault.replace(&grant, &place.version, run.asking()).await {
                    Ok(version) => return Ok(Claimed::Ours(Box::new(Stored { grant, version }))),
                    Err(StoreError::Conflict) => {}
                    Err(error) => return Err(error.into()),
                }
            }
            match self.vault.load(&stored.grant.id).await? {
                Found::Live(current) if current.grant.state == State::Active && holds_the_same(&current, &stored) => {
                    place = *current;
                }
                current => return Ok(Claimed::Theirs(current)),
            }
        }
        Err(BrokerError::Contended(stored.grant.id))
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
        run: &Invocation,
        app: &App,
        stored: &Stored,
        reason: Option<Reason>,
    ) -> Result<RenewalOutcome, BrokerError> {
        let kept = self.better_pair(run, app, stored).await?;
        let mintable = matches!(app.kind, AppType::ServiceApp(_)) && reason == Some(Reason::Rejected);
        match &kept {
            RenewalOutcome::Renewed(renewed) if mintable && vends_the_same(renewed, stored) => {
                self.ask(run, app, renewed).await
            }
            _ => Ok(kept),
        }
    }
}

fn vends_the_same(now: &Stored, before: &Stored) -> bool {
    let pairs = now.grant.vendable().zip(before.grant.vendable());
    pairs.is_some_and(|(now, before)| now.vends_the_same(before))
}

/// What stands now, told to whoever asked; a record that is gone was retired.
fn standing(kept: &RenewalOutcome, renewed: bool) -> Renewal {
    let gone = Renewal { state: State::Revoked, renewed: false, expires_at: None };
    kept.grant().map_or(gone, |grant| renewal(grant, renewed))
}

/// What stands now, told to whoever asked.
pub(super) fn renewal(grant: &Grant, renewed: bool) -> Renewal {
    let expires_at = grant.vendable().map(|pair| pair.access_token_expires_at);
    Renewal { state: grant.state, renewed, expires_at }
}
