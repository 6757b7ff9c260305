//! Minting a pair for an org, and ending a grant whose org says no.

use super::keep::RenewalOutcome;
use super::{Broker, BrokerError, Invocation, ROUNDS};
use crate::app::{App, AppType};
use crate::clock::Clock;
use crate::grant::Grant;
use crate::id::{GrantId, OrgId};
use crate::pair::{Pair, TokenResponse};
use crate::port::{Found, Store, StoreError, Stored, Webex, WebexError};
use crate::token::AccessToken;
use crate::verdict::MintVerdict;

impl<V: Store, W: Webex, C: Clock> Broker<V, W, C> {
    /// Mints with the minter's token; if Webex refuses that, renews it once and mints again.
    pub(super) async fn mint(&self, run: &Invocation, app: &App, id: &GrantId) -> Result<TokenResponse, BrokerError> {
        let org = id.subject.org().ok_or_else(|| BrokerError::NoOrg(id.clone()))?;
        let bearer = self.bearer(run).await?;
        let refused = match self.mint_with(run, app, org, &bearer).await? {
            Ok(issued) => return Ok(issued),
            Err(error) if error.mint_verdict() != MintVerdict::BearerRefused => return Err(meaning(error)),
            Err(error) => error,
        };
        let Some(bearer) = self.bearer_instead_of(run, &bearer).await? else {
            return Err(self.minter_refused(refused));
        };
        match self.mint_with(run, app, org, &bearer).await? {
            Err(source) if source.mint_verdict() == MintVerdict::BearerRefused => {
                self.vain.note(self.clock.now());
                Err(self.minter_refused(source))
            }
            answer => answer.map_err(meaning),
        }
    }

    async fn mint_with(
        &self,
        run: &Invocation,
        app: &App,
        org: &OrgId,
        bearer: &AccessToken,
    ) -> Result<Result<TokenResponse, WebexError>, BrokerError> {
        let AppType::ServiceApp(service_app) = &app.kind else {
            return Err(BrokerError::WrongKind { app: app.name.clone(), wanted: "a Service App" });
        };
        Ok(self.webex.mint(&app.client, &service_app.application_id, org, bearer, run.asking()).await)
    }

    /// Stores a minted pair over what was `read`. If anything but a failure was written meanwhile, a fence above all,
    /// that stands and the pair is dropped: it was asked for before.
    pub(super) async fn store_minted(
        &self,
        run: &Invocation,
        read: &Stored,
        issued: TokenResponse,
    ) -> Result<RenewalOutcome, BrokerError> {
        let now = self.clock.now();
        let pair = Pair::from_response(issued, None, now);
        let mut place = read.clone();
        for _ in 0..ROUNDS {
            match self.put(run, &place.grant.minted(pair.clone(), now), Some(&place)).await {
                Ok(stored) => return Ok(RenewalOutcome::Minted(stored)),
                Err(StoreError::Conflict) => {}
                Err(error) => return Err(error.into()),
            }
            match self.load_restored(run, &read.grant.id).await? {
                Found::Live(current) if current.grant.differs_only_in_failure(&read.grant) => place = *current,
                current => return Ok(RenewalOutcome::Adopted(current)),
            }
        }
        Err(BrokerError::Contended(read.grant.id.clone()))
    }

    /// Creates the record, or replaces exactly the version of `place`.
    pub(super) async fn put(
        &self,
        run: &Invocation,
        grant: &Grant,
        place: Option<&Stored>,
    ) -> Result<Stored, StoreError> {
        let version = match place {
            Some(stored) => self.vault.replace(grant, &stored.version, run.deadline).await?,
            None => self.vault.create(grant, run.deadline).await?,
        };
        Ok(Stored { grant: grant.clone(), version })
    }

    /// The record, taken back from deletion if it was retired.
    pub(super) async fn load_restored(&self, run: &Invocation, id: &GrantId) -> Result<Found<Stored>, StoreError> {
        match self.vault.load(id).await? {
            Found::Retired => {
                self.vault.restore(id, run.deadline).await?;
                self.vault.load(id).await
            }
            found => Ok(found),
        }
    }

    /// Erases the tokens and schedules the record for deletion. A crash between the two leaves a revoked record, which
    /// the next sweep schedules.
    pub(super) async fn retire(&self, run: &Invocation, stored: &Stored) -> Result<RenewalOutcome, BrokerError> {
        let grant = stored.grant.revoked();
        let erased = match self.vault.replace(&grant, &stored.version, run.deadline).await {
            Ok(_) => self.vault.retire(&grant.id, run.deadline).await,
            Err(error) => Err(error),
        };
        match erased {
            Ok(()) => Ok(RenewalOutcome::Retired(grant)),
            Err(StoreError::Conflict) => Ok(RenewalOutcome::Adopted(self.vault.load(&grant.id).await?)),
            Err(error) => Err(error.into()),
        }
    }
}

fn meaning(error: WebexError) -> BrokerError {
    match error.mint_verdict() {
        MintVerdict::NotAuthorized => BrokerError::NotAuthorized(error),
        MintVerdict::BearerRefused | MintVerdict::Later => BrokerError::Webex(error),
    }
}
