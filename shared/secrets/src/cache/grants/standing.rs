//! A record as vend needs it.

use std::sync::Arc;

use broker_core::grant::{Grant, State};
use broker_core::pair::Pair;
use broker_core::port::{Found, Stored};
use broker_core::token::Fingerprint;

/// What stands under a grant's name.
#[derive(Debug, Clone)]
pub enum Standing {
    /// Nothing.
    Nothing,
    /// A retired grant.
    Retired,
    /// A record.
    Live(Record),
}

/// A record. Clones share the pair: to copy it for every caller would be to wipe it after every caller.
#[derive(Debug, Clone)]
pub struct Record {
    /// Where the grant stands.
    pub state: State,
    /// What there is to vend.
    pub held: Option<Arc<Held>>,
}

/// A pair, and what is known of it once it has been read.
#[derive(Debug)]
pub struct Held {
    /// The pair.
    pub pair: Pair,
    /// Of its access token; every vend logs a part of it.
    pub fingerprint: Fingerprint,
}

impl From<Found<Stored>> for Standing {
    fn from(found: Found<Stored>) -> Self {
        match found {
            Found::Absent => Self::Nothing,
            Found::Retired => Self::Retired,
            Found::Live(stored) => Self::Live(stored.grant.into()),
        }
    }
}

impl From<Grant> for Record {
    fn from(Grant { state, pair, .. }: Grant) -> Self {
        let held = pair.map(|pair| Arc::new(Held { fingerprint: pair.access_token.fingerprint(), pair }));
        Self { state, held }
    }
}
