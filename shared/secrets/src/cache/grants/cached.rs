//! The part of a record that vend needs.

use std::sync::Arc;

use broker_core::grant::{Grant, State};
use broker_core::pair::Pair;
use broker_core::port::{Found, Stored};
use broker_core::token::Fingerprint;
use jiff::Timestamp;

/// A grant in memory. Clones share the pair, so that tokens are not copied, and wiped, for each caller.
#[derive(Debug, Clone)]
pub struct CachedGrant {
    /// The grant's state.
    pub state: State,
    /// The newest pair, if the record holds one.
    pub pair: Option<Arc<CachedPair>>,
    /// When a newer pair is to be expected; `None` if anything may be written at any time.
    pub(super) lasts_until: Option<Timestamp>,
}

/// A pair and the fingerprint of its access token, computed once.
#[derive(Debug)]
pub struct CachedPair {
    /// The pair.
    pub pair: Pair,
    /// The access token's fingerprint. Each vend logs a part of it.
    pub fingerprint: Fingerprint,
}

impl From<Grant> for CachedGrant {
    fn from(grant: Grant) -> Self {
        let lasts_until = lasts_until(&grant);
        let Grant { state, pair, .. } = grant;
        let pair = pair.map(|pair| Arc::new(CachedPair { fingerprint: pair.access_token.fingerprint(), pair }));
        Self { state, pair, lasts_until }
    }
}

/// The last quarter of an access token's life begins then. A sweep should have renewed it by half of its life.
fn lasts_until(grant: &Grant) -> Option<Timestamp> {
    let ends_at = grant.vendable()?.access_token_expires_at;
    let life = ends_at.duration_since(grant.renewed_at?);
    ends_at.checked_sub(life / 4).ok()
}

/// Keeps of a record what vend needs.
pub(super) fn cached(found: Found<Stored>) -> Found<CachedGrant> {
    match found {
        Found::Absent => Found::Absent,
        Found::Retired => Found::Retired,
        Found::Live(stored) => Found::Live(Box::new(stored.grant.into())),
    }
}
