//! Finds a token to vend: in memory, in Secrets Manager, or by having the refresher renew it.

mod failed_renewals;

use std::sync::Arc;
use std::time::Duration;

use broker_core::clock::{Clock, Deadline};
use broker_core::id::GrantId;
use broker_core::request::{CommandAnswer, Reason, RefresherRequest, Renew, Renewal};
use broker_core::token::Fingerprint;
use jiff::SignedDuration;
use lambda_kit::refresher::RefresherClient;
use secrets::{CacheLookup, CachedGrants, CachedPair, GrantStore};

use crate::audit::AuditRecord;
use crate::availability::{Unavailable, usable_pair, usable_pair_of};
use crate::error::{Error, RenewalError};
use failed_renewals::{FailedRenewals, RenewalKey};

/// Time that remains, after a renewal, to read the record again and to answer.
const ANSWER_RESERVE: SignedDuration = SignedDuration::from_secs(2);
/// Longest wait for a renewal.
const MAX_RENEWAL_WAIT: SignedDuration = SignedDuration::from_secs(25);
/// Time for the refresher's answer to travel. The refresher is given this much less than the wait.
const TRANSIT_RESERVE: SignedDuration = SignedDuration::from_secs(1);
/// How often the record is read while a renewal is under way. A renewal usually takes less.
const WATCH_INTERVAL: Duration = Duration::from_millis(500);

/// Finds tokens to vend.
pub(crate) struct TokenService<C: Clock> {
    grants: CachedGrants<GrantStore<C>, C>,
    refresher: RefresherClient,
    failed_renewals: FailedRenewals,
    clock: C,
}

/// A token that must be replaced.
struct OutdatedToken<'a> {
    id: &'a GrantId,
    fingerprint: Fingerprint,
    reason: Reason,
    min_ttl: SignedDuration,
    deadline: Deadline,
}

impl<C: Clock> TokenService<C> {
    pub(crate) fn new(grants: CachedGrants<GrantStore<C>, C>, refresher: RefresherClient, clock: C) -> Self {
        Self { grants, refresher, failed_renewals: FailedRenewals::default(), clock }
    }

    /// The grant's pair, if its access token lives for `min_ttl`. A record in memory is enough to vend a token. Before a
    /// request is refused or a token renewed, the record is read again. While Secrets Manager is unavailable, an old
    /// record is enough too, and every other request fails with [`Error::Store`].
    pub(crate) async fn usable(
        &self,
        id: &GrantId,
        min_ttl: SignedDuration,
        deadline: Deadline,
        audit: &mut AuditRecord,
    ) -> Result<Arc<CachedPair>, Error> {
        let lookup = self.grants.get(id).await.map_err(Error::Store)?;
        let now = self.clock.now();
        let current = match lookup {
            CacheLookup::Store(found) => usable_pair_of(found, min_ttl, now),
            CacheLookup::Memory(record) => match usable_pair(record, min_ttl, now) {
                Ok(pair) => {
                    audit.cached = true;
                    return Ok(pair);
                }
                Err(_) => self.read(id, min_ttl).await?,
            },
            CacheLookup::Outage(record, error) => {
                let pair = usable_pair(record, min_ttl, now).map_err(|_| Error::Store(error))?;
                audit.cached = true;
                return Ok(pair);
            }
        };
        match current {
            Ok(pair) => Ok(pair),
            Err(Unavailable::ExpiresTooSoon(fingerprint)) => {
                let outdated = OutdatedToken { id, fingerprint, reason: Reason::MinTtl, min_ttl, deadline };
                self.replace(&outdated, audit).await
            }
            Err(unavailable) => Err(unavailable.into()),
        }
    }

    /// The grant's pair after a caller has reported the token `rejected`. If that is still the current one, the refresher
    /// renews it, unless Webex says that it lives.
    pub(crate) async fn after_rejection(
        &self,
        id: &GrantId,
        rejected: Fingerprint,
        deadline: Deadline,
        audit: &mut AuditRecord,
    ) -> Result<Arc<CachedPair>, Error> {
        let min_ttl = SignedDuration::ZERO;
        let fingerprint = match self.read(id, min_ttl).await? {
            Ok(pair) if pair.fingerprint != rejected => return Ok(pair),
            Ok(pair) => pair.fingerprint,
            Err(Unavailable::ExpiresTooSoon(fingerprint)) => fingerprint,
            Err(unavailable) => return Err(unavailable.into()),
        };
        let reason = if fingerprint == rejected { Reason::Rejected } else { Reason::MinTtl };
        self.replace(&OutdatedToken { id, fingerprint, reason, min_ttl, deadline }, audit).await
    }

    /// Reads the record, past the cache.
    async fn read(&self, id: &GrantId, min_ttl: SignedDuration) -> Result<Result<Arc<CachedPair>, Unavailable>, Error> {
        let found = self.grants.fresh(id).await.map_err(Error::Store)?;
        Ok(usable_pair_of(found, min_ttl, self.clock.now()))
    }

    /// Has the token renewed and returns the pair that the record holds afterwards, whatever became of this renewal:
    /// another one may have succeeded, or the org may have withdrawn.
    async fn replace(&self, outdated: &OutdatedToken<'_>, audit: &mut AuditRecord) -> Result<Arc<CachedPair>, Error> {
        let key = RenewalKey { id: outdated.id.clone(), token: outdated.fingerprint, reason: outdated.reason };
        if let Some(failed) = self.failed_renewals.recent(&key, self.clock.now()) {
            return Err(RenewalError::Failed(failed).into());
        }
        let renewal = self.renew(outdated).await;
        let mut lives = false;
        if let Ok(Some(renewal)) = &renewal {
            audit.renewed = Some(renewal.renewed);
            lives = !renewal.renewed;
        }
        match self.read(outdated.id, outdated.min_ttl).await? {
            Ok(pair) if pair.fingerprint != outdated.fingerprint => Ok(pair),
            // Another caller needs less life, or Webex says that the token lives although it was rejected.
            Ok(pair) if outdated.reason == Reason::MinTtl || lives => Ok(pair),
            Ok(_) | Err(Unavailable::ExpiresTooSoon(_)) => {
                let error = renewal.err().unwrap_or(RenewalError::TooShort);
                if let RenewalError::Failed(failed) = &error {
                    self.failed_renewals.remember(key, failed, self.clock.now());
                }
                Err(error.into())
            }
            Err(unavailable) => Err(unavailable.into()),
        }
    }

    /// Asks the refresher for a renewal and watches the record meanwhile: as many refreshers as allowed may be running,
    /// and one of them may be renewing this grant for another caller. `None` means that the record has changed.
    async fn renew(&self, outdated: &OutdatedToken<'_>) -> Result<Option<Renewal>, RenewalError> {
        tokio::select! {
            biased;
            answer = self.ask_refresher(outdated) => answer.map(Some),
            () = self.changed(outdated) => Ok(None),
        }
    }

    async fn ask_refresher(&self, outdated: &OutdatedToken<'_>) -> Result<Renewal, RenewalError> {
        let now = self.clock.now();
        let wait = outdated.deadline.keeping(ANSWER_RESERVE).left(now).min(MAX_RENEWAL_WAIT);
        let request = RefresherRequest::Renew(Renew {
            force: false,
            id: outdated.id.clone(),
            if_sha256: Some(outdated.fingerprint),
            reason: Some(outdated.reason),
            deadline: Some(now + (wait - TRANSIT_RESERVE).max(SignedDuration::ZERO)),
        });
        match self.refresher.ask::<Renewal>(&request, wait).await {
            Ok(CommandAnswer::Done(renewal)) => Ok(renewal),
            Ok(CommandAnswer::Refused { error }) => Err(RenewalError::Failed(error)),
            Err(error) => Err(RenewalError::NoAnswer(error)),
        }
    }

    /// Returns as soon as the record holds another token, or none.
    async fn changed(&self, outdated: &OutdatedToken<'_>) {
        loop {
            tokio::time::sleep(WATCH_INTERVAL).await;
            match self.read(outdated.id, SignedDuration::ZERO).await {
                Ok(Ok(pair)) if pair.fingerprint != outdated.fingerprint => return,
                Ok(Err(Unavailable::ExpiresTooSoon(fingerprint))) if fingerprint != outdated.fingerprint => return,
                // A record that cannot be read now may be readable in a moment.
                Ok(Ok(_) | Err(Unavailable::ExpiresTooSoon(_))) | Err(_) => {}
                Ok(Err(_)) => return,
            }
        }
    }
}
