//! How a token is found: in memory, in the store, or by asking the refresher for a better one.

use std::sync::Arc;

use broker_core::clock::{Clock, Deadline};
use broker_core::id::GrantId;
use broker_core::request::{CommandAnswer, Reason, RefresherRequest, Renew, Renewal};
use broker_core::token::Fingerprint;
use jiff::SignedDuration;
use lambda_http::Request;
use secrets::{CacheLookup as Lookup, CachedPair as Held};
use serde::Deserialize;

use crate::audit::Audit;
use crate::handler::Vend;
use crate::standing::{Lacking, good_for, vendable};
use crate::{NotRenewed, Refusal, query};

/// What is kept of an invocation's time for reading the record again and answering.
const RESERVE: SignedDuration = SignedDuration::from_secs(2);

/// What a caller says whose token Webex did not take.
#[derive(Deserialize)]
struct Rejected {
    access_token_sha256: Fingerprint,
}

impl<C: Clock> Vend<C> {
    /// The grant's pair, whose access token lives for `min_ttl` still. A record in memory may say yes without a single
    /// call; before anything is refused or renewed it is read afresh. While the store is away an old one may say yes too,
    /// and a no is the store's absence.
    pub(crate) async fn token(
        &self,
        id: &GrantId,
        min_ttl: SignedDuration,
        deadline: Deadline,
        audit: &mut Audit,
    ) -> Result<Arc<Held>, Refusal> {
        let lookup = self.grants.get(id).await.map_err(Refusal::Store)?;
        let now = self.clock.now();
        let (at_hand, outage) = match lookup {
            Lookup::Store(standing) => {
                return self.or_renewed(vendable(standing, min_ttl, now), id, min_ttl, deadline).await;
            }
            Lookup::Memory(record) => (good_for(record, min_ttl, now), None),
            Lookup::Outage(record, error) => (good_for(record, min_ttl, now), Some(error)),
        };
        audit.cached = at_hand.is_ok();
        match (at_hand, outage) {
            (Ok(held), _) => Ok(held),
            (Err(_), Some(error)) => Err(Refusal::Store(error)),
            (Err(_), None) => self.or_renewed(self.fresh(id, min_ttl).await?, id, min_ttl, deadline).await,
        }
    }

    /// What the store has to vend, or what takes its place if it would end too soon.
    async fn or_renewed(
        &self,
        standing: Result<Arc<Held>, Lacking>,
        id: &GrantId,
        min_ttl: SignedDuration,
        deadline: Deadline,
    ) -> Result<Arc<Held>, Refusal> {
        match standing {
            Ok(held) => Ok(held),
            Err(Lacking::Short(token)) => self.renewed(id, token, Reason::MinTtl, min_ttl, deadline).await,
            Err(lacking) => Err(lacking.into()),
        }
    }

    /// The grant's pair, for a caller whose token Webex did not take. If that is still the one that stands it is renewed,
    /// once, whoever says so.
    pub(crate) async fn instead_of_rejected(
        &self,
        id: &GrantId,
        request: &Request,
        deadline: Deadline,
    ) -> Result<Arc<Held>, Refusal> {
        let expected = "{\"access_token_sha256\":\"<64 hexadecimal digits>\"}";
        let Rejected { access_token_sha256: rejected } = query::body(request, expected)?;
        let alive = SignedDuration::ZERO;
        let standing = match self.fresh(id, alive).await? {
            Ok(held) => Ok((held.fingerprint, Some(held))),
            Err(Lacking::Short(token)) => Ok((token, None)),
            Err(lacking) => Err(lacking),
        };
        match standing? {
            (token, _) if token == rejected => self.renewed(id, token, Reason::Rejected, alive, deadline).await,
            (_, Some(held)) => Ok(held),
            (token, None) => self.renewed(id, token, Reason::MinTtl, alive, deadline).await,
        }
    }

    async fn fresh(&self, id: &GrantId, min_ttl: SignedDuration) -> Result<Result<Arc<Held>, Lacking>, Refusal> {
        let standing = self.grants.fresh(id).await.map_err(Refusal::Store)?;
        Ok(vendable(standing, min_ttl, self.clock.now()))
    }

    /// The pair that took the place of the one with `token`. What counts is what the store says afterwards: somebody else
    /// may have renewed it while our own attempt failed, or the org may have withdrawn.
    async fn renewed(
        &self,
        id: &GrantId,
        token: Fingerprint,
        reason: Reason,
        min_ttl: SignedDuration,
        deadline: Deadline,
    ) -> Result<Arc<Held>, Refusal> {
        let failure = self.renew(id, token, reason, deadline).await.err();
        match self.fresh(id, min_ttl).await? {
            Ok(held) if reason == Reason::MinTtl || held.fingerprint != token => Ok(held),
            Ok(_) | Err(Lacking::Short(_)) => Err(Refusal::NotRenewed(failure.unwrap_or(NotRenewed::NotBetter))),
            Err(lacking) => Err(lacking.into()),
        }
    }

    async fn renew(
        &self,
        id: &GrantId,
        token: Fingerprint,
        reason: Reason,
        deadline: Deadline,
    ) -> Result<(), NotRenewed> {
        let request = RefresherRequest::Renew(Renew {
            id: id.clone(),
            if_sha256: Some(token),
            reason: Some(reason),
            deadline: None,
        });
        let time_out = deadline.keeping(RESERVE).left(self.clock.now());
        match self.refresher.ask::<Renewal>(&request, time_out).await {
            Ok(CommandAnswer::Done(_)) => Ok(()),
            Ok(CommandAnswer::Refused { error }) => Err(NotRenewed::Refused(error)),
            Err(error) => Err(NotRenewed::NoAnswer(error)),
        }
    }
}
