//! One issuer and its cached keys.

use broker_core::clock::Clock;
use broker_core::error::chain;
use jiff::{SignedDuration, Timestamp};
use jsonwebtoken::DecodingKey;
use tokio::sync::Mutex;

use super::algorithm::SignatureAlgorithm;
use super::issuer_client::IssuerClient;
use super::key_set::KeySet;
use super::{KeySource, TrustedIssuer};

/// Age at which keys are fetched again, so that a key that the issuer has withdrawn is no longer accepted.
const MAX_KEY_AGE: SignedDuration = SignedDuration::from_hours(1);
/// Shortest time between two fetches, so that tokens with made-up key ids cause few requests to the issuer.
const FETCH_INTERVAL: SignedDuration = SignedDuration::from_secs(60);
/// Shortest time between two fetches while no key is known and no caller can be admitted.
const FIRST_FETCH_INTERVAL: SignedDuration = SignedDuration::from_secs(5);

/// An issuer and its keys.
pub(super) struct Issuer<C> {
    pub(super) trusted: TrustedIssuer,
    clock: C,
    client: IssuerClient,
    /// The keys of the configuration, which are never fetched.
    inline: Option<KeySet>,
    cached: Mutex<CachedKeys>,
}

#[derive(Default)]
struct CachedKeys {
    keys: KeySet,
    /// When the keys were fetched; `None` before the first success.
    fetched_at: Option<Timestamp>,
    tried_at: Option<Timestamp>,
}

/// Why there is no key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum KeyError {
    /// The issuer publishes no key with this id for this algorithm.
    Unknown,
    /// The issuer's keys have never been fetched.
    IssuerUnavailable,
}

impl<C: Clock> Issuer<C> {
    pub(super) fn new(trusted: TrustedIssuer, clock: C) -> Self {
        let inline = match &trusted.keys {
            // The configuration has checked the set when it was read.
            KeySource::Inline(document) => Some(KeySet::parse(document.as_bytes()).unwrap_or_default()),
            KeySource::Discovery | KeySource::Url(_) => None,
        };
        Self { trusted, clock, client: IssuerClient::default(), inline, cached: Mutex::default() }
    }

    /// The key with this id for this algorithm. Fetches the keys if they are old or the key is not among them.
    pub(super) async fn key(&self, id: Option<&str>, alg: SignatureAlgorithm) -> Result<DecodingKey, KeyError> {
        if let Some(keys) = &self.inline {
            return keys.find(id, alg).cloned().ok_or(KeyError::Unknown);
        }
        // Held during the fetch: concurrent callers need the same keys.
        let mut cached = self.cached.lock().await;
        let now = self.clock.now();
        let is_needed = cached.keys.find(id, alg).is_none() || cached.is_stale(now);
        if is_needed && cached.may_fetch(now) {
            self.fetch(&mut cached, now).await;
        }
        match cached.keys.find(id, alg) {
            Some(key) => Ok(key.clone()),
            None if cached.fetched_at.is_some() => Err(KeyError::Unknown),
            None => Err(KeyError::IssuerUnavailable),
        }
    }

    /// Fetches the keys. Known keys stay valid if the fetch fails, or if it brings no usable key: that is an error of the
    /// issuer, not a withdrawal of all its keys.
    async fn fetch(&self, cached: &mut CachedKeys, now: Timestamp) {
        cached.tried_at = Some(now);
        let issuer = self.trusted.issuer.as_str();
        match self.client.keys(&self.trusted).await {
            Ok(keys) if keys.is_empty() && !cached.keys.is_empty() => {
                tracing::warn!(outcome = "issuer_unavailable", issuer, "the issuer's key set has no usable key");
            }
            Ok(keys) => {
                cached.keys = keys;
                cached.fetched_at = Some(now);
            }
            Err(error) => {
                tracing::warn!(outcome = "issuer_unavailable", issuer, "cannot fetch keys: {}", chain(&error));
            }
        }
    }
}

impl CachedKeys {
    fn is_stale(&self, now: Timestamp) -> bool {
        match self.fetched_at {
            Some(fetched_at) => !is_within(now, fetched_at, MAX_KEY_AGE),
            None => true,
        }
    }

    fn may_fetch(&self, now: Timestamp) -> bool {
        let interval = if self.keys.is_empty() { FIRST_FETCH_INTERVAL } else { FETCH_INTERVAL };
        match self.tried_at {
            Some(tried_at) => !is_within(now, tried_at, interval),
            None => true,
        }
    }
}

/// Whether `then` is less than `span` before `now`. A moment in the future is not: the clock has been set back.
fn is_within(now: Timestamp, then: Timestamp, span: SignedDuration) -> bool {
    let age = now.duration_since(then);
    age >= SignedDuration::ZERO && age < span
}
