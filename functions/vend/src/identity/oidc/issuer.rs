//! One issuer's keys, kept: fetched when a token needs them, and no more often than its owner would like.

use broker_core::clock::Clock;
use broker_core::error::chain;
use jiff::{SignedDuration, Timestamp};
use jsonwebtoken::{Algorithm, DecodingKey};
use tokio::sync::Mutex;

use super::Trusted;
use super::fetch::Http;
use super::keys::Keys;

/// Age at which keys are fetched again, so that one that its issuer has withdrawn ends here too.
const STALE: SignedDuration = SignedDuration::from_hours(1);
/// Shortest time between two fetches: tokens with made-up key ids cannot hammer the issuer.
const AT_MOST_EVERY: SignedDuration = SignedDuration::from_secs(60);
/// The same as long as there are no keys, when every caller waits for them.
const WITHOUT_KEYS: SignedDuration = SignedDuration::from_secs(5);

/// An issuer and its keys.
pub(super) struct Issuer<C> {
    pub(super) trusted: Trusted,
    clock: C,
    http: Http,
    kept: Mutex<Kept>,
}

#[derive(Default)]
struct Kept {
    keys: Keys,
    /// When the issuer named them; nothing, if it never said any.
    read_at: Option<Timestamp>,
    tried_at: Option<Timestamp>,
}

/// Why there is no key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum NoKey {
    /// The issuer has none of that id for that algorithm.
    Unknown,
    /// The issuer has not said which keys it has.
    IssuerDown,
}

impl<C: Clock> Issuer<C> {
    pub(super) fn new(trusted: Trusted, clock: C) -> Self {
        Self { trusted, clock, http: Http::default(), kept: Mutex::default() }
    }

    /// The key of that id for that algorithm. Known keys work for as long as the issuer names no others: a set without
    /// one that can be used is an issuer's mishap, not its word.
    pub(super) async fn key(&self, id: Option<&str>, alg: Algorithm) -> Result<DecodingKey, NoKey> {
        // Held over the fetch: whoever comes meanwhile needs the same keys.
        let mut kept = self.kept.lock().await;
        let now = self.clock.now();
        if (kept.find(id, alg).is_none() || kept.is_stale(now)) && kept.may_try(now) {
            kept.tried_at = Some(now);
            let issuer = self.trusted.issuer.as_str();
            match self.http.keys(issuer).await {
                Ok(keys) if keys.is_empty() && !kept.keys.is_empty() => {
                    tracing::warn!(outcome = "issuer_unavailable", issuer, "a key set without a usable key");
                }
                Ok(keys) => (kept.keys, kept.read_at) = (keys, Some(now)),
                Err(error) => tracing::warn!(outcome = "issuer_unavailable", issuer, "no keys: {}", chain(&error)),
            }
        }
        match kept.find(id, alg) {
            Some(key) => Ok(key.clone()),
            None if kept.read_at.is_some() => Err(NoKey::Unknown),
            None => Err(NoKey::IssuerDown),
        }
    }
}

impl Kept {
    fn find(&self, id: Option<&str>, alg: Algorithm) -> Option<&DecodingKey> {
        self.keys.find(id, alg)
    }

    fn is_stale(&self, now: Timestamp) -> bool {
        self.read_at.is_none_or(|read_at| !is_within(now, read_at, STALE))
    }

    fn may_try(&self, now: Timestamp) -> bool {
        let wait = if self.keys.is_empty() { WITHOUT_KEYS } else { AT_MOST_EVERY };
        self.tried_at.is_none_or(|tried_at| !is_within(now, tried_at, wait))
    }
}

/// Whether `then` is less than `wait` ago; not if the clock was set back since.
fn is_within(now: Timestamp, then: Timestamp, wait: SignedDuration) -> bool {
    let age = now.duration_since(then);
    age >= SignedDuration::ZERO && age < wait
}
