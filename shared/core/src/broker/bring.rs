//! Pairs that somebody brings: `import`, and what every way of consent ends with.

use jiff::{SignedDuration, Timestamp};
use serde::Deserialize;

use super::keep::RenewalOutcome;
use super::renew::renewal;
use super::{Broker, BrokerError, Invocation, ROUNDS};
use crate::app::AppType;
use crate::clock::Clock;
use crate::grant::{Grant, State};
use crate::id::GrantId;
use crate::pair::{Pair, TokenResponse};
use crate::port::{Found, Store, StoreError, Webex};
use crate::request::Renewal;
use crate::token::{AccessToken, RefreshToken};

/// What a personal access token lives, where neither the caller nor Webex says otherwise.
const PERSONAL_ACCESS_TOKEN: SignedDuration = SignedDuration::from_hours(12);

/// A pair copied from the portal, or for the minter alone a personal access token.
#[derive(Debug, Deserialize)]
pub struct Import {
    /// Which grant it makes.
    #[serde(flatten)]
    pub id: GrantId,
    /// The access token; needed only where there is no refresh token.
    #[serde(default)]
    pub access_token: Option<AccessToken>,
    /// The refresh token.
    #[serde(default)]
    pub refresh_token: Option<RefreshToken>,
    /// What is left of the access token's life, in seconds; only for one without a refresh token.
    #[serde(default)]
    pub expires_in: Option<u32>,
}

impl<V: Store, W: Webex, C: Clock> Broker<V, W, C> {
    /// Takes a pair over, proved by a refresh before it is stored; or, for the minter, a bare personal access token.
    pub async fn import(&self, run: &Invocation, request: Import) -> Result<Renewal, BrokerError> {
        let asked_at = self.clock.now();
        // A refresh may succeed while Webex lags behind a withdrawal.
        let settle = self.settings.fence_settle;
        let barred = |grant: &Grant| grant.state == State::Fenced || !grant.has_settled(asked_at, settle);
        let pair = match (request.refresh_token, request.access_token) {
            (Some(refresh_token), _) if !refresh_token.is_empty() => {
                self.proved(run, &request.id, &refresh_token, barred).await?
            }
            (_, Some(token)) if !token.is_empty() && request.id == self.settings.minter => {
                self.personal(run, token, request.expires_in).await?
            }
            _ => {
                return Err(BrokerError::Invalid(
                    "import needs a refresh_token; only the minter may do with an access_token",
                ));
            }
        };
        Ok(renewal(&self.store_brought(run, &request.id, pair, barred).await?, true))
    }

    async fn proved(
        &self,
        run: &Invocation,
        id: &GrantId,
        refresh_token: &RefreshToken,
        barred: impl Fn(&Grant) -> bool,
    ) -> Result<Pair, BrokerError> {
        let app = self.described(&id.app).await?;
        if matches!(app.kind, AppType::ServiceApp(_)) && id.subject.org().is_none() {
            return Err(BrokerError::NoOrg(id.clone()));
        }
        if let Found::Live(stored) = self.vault.load(id).await?
            && barred(&stored.grant)
        {
            return Err(BrokerError::Fenced(id.clone()));
        }
        let issued = self.webex.refresh(&app.client, refresh_token, run.asking()).await.map_err(BrokerError::Webex)?;
        let refresh_token = issued.refresh_token.clone().unwrap_or_else(|| refresh_token.clone());
        Ok(Pair::from_response(TokenResponse { refresh_token: Some(refresh_token), ..issued }, None, self.clock.now()))
    }

    /// A token that Webex calls dead is not taken; its end is what the caller, Webex or else the documents say.
    async fn personal(
        &self,
        run: &Invocation,
        token: AccessToken,
        expires_in: Option<u32>,
    ) -> Result<Pair, BrokerError> {
        let said = match self.webex.token_expiry(&token, run.asking()).await {
            Err(error) if error.is_unauthorized() => return Err(BrokerError::Webex(error)),
            answer => answer.ok(),
        };
        let after = |life: SignedDuration| self.clock.now() + life;
        let given = expires_in.map(|seconds| after(SignedDuration::from_secs(seconds.into())));
        Ok(Pair {
            access_token: token,
            access_token_expires_at: given.or(said).unwrap_or_else(|| after(PERSONAL_ACCESS_TOKEN)),
            refresh_token: None,
            refresh_token_expires_at: None,
            scope: None,
        })
    }

    /// A pair that was brought replaces whatever stands, unless a fence bars it.
    pub(super) async fn store_brought(
        &self,
        run: &Invocation,
        id: &GrantId,
        pair: Pair,
        barred: impl Fn(&Grant) -> bool,
    ) -> Result<Grant, BrokerError> {
        let now: Timestamp = self.clock.now();
        for _ in 0..ROUNDS {
            let place = match self.load_restored(run, id).await? {
                Found::Live(stored) => Some(*stored),
                Found::Absent | Found::Retired => None,
            };
            if place.as_ref().is_some_and(|stored| barred(&stored.grant)) {
                return Err(BrokerError::Fenced(id.clone()));
            }
            let before = place.as_ref().map_or_else(|| Grant::pending(id.clone(), None), |stored| stored.grant.clone());
            match self.put(run, &before.minted(pair.clone(), now), place.as_ref()).await {
                Ok(stored) => {
                    let result = Ok(RenewalOutcome::Renewed(stored.clone()));
                    self.settle(run, &stored, &result).await;
                    return Ok(stored.grant);
                }
                Err(StoreError::Conflict) => {}
                Err(error) => return Err(error.into()),
            }
        }
        Err(BrokerError::Contended(id.clone()))
    }
}
