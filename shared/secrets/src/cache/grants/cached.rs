//! The part of a record that vend needs.

use std::sync::Arc;

use broker_core::grant::{Grant, State};
use broker_core::pair::Pair;
use broker_core::port::{Found, Stored};
use broker_core::token::Fingerprint;

/// A grant in memory. Clones share the pair, so that tokens are not copied, and wiped, for each caller.
#[derive(Debug, Clone)]
pub struct CachedGrant {
    /// The grant's state.
    pub state: State,
    /// The newest pair, if the record holds one.
    pub pair: Option<Arc<CachedPair>>,
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
    fn from(Grant { state, pair, .. }: Grant) -> Self {
        let pair = pair.map(|pair| Arc::new(CachedPair { fingerprint: pair.access_token.fingerprint(), pair }));
        Self { state, pair }
    }
}

/// Keeps of a record what vend needs.
pub(super) fn cached(found: Found<Stored>) -> Found<CachedGrant> {
    match found {
        Found::Absent => Found::Absent,
        Found::Retired => Found::Retired,
        Found::Live(stored) => Found::Live(Box::new(stored.grant.into())),
    }
}
