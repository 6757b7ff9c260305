//! The tokens that the agent holds, and when it asks vend for others.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::{Duration, SystemTime};

use broker_core::error::chain;
use broker_core::sync::lock;
use client::{Authorize, BoxError, ClientOptions, Error, TokenClock, VendClient, VendedToken};
use futures_util::future::join_all;

/// The remaining life below which a token is renewed in the background: ten minutes before callers would wait for it.
const AHEAD: Duration = Duration::from_mins(15);
/// The longest time for which a caller waits for vend while a token lives. Its own time-out may be a few seconds.
const PATIENCE: Duration = Duration::from_secs(2);
/// The first pause after a failure without a token. It doubles, up to 5 seconds.
const BACKOFF: Duration = Duration::from_secs(1);
/// The time after its last use for which a grant's token is renewed in the background.
const IN_USE: Duration = Duration::from_hours(24);
/// The most grants that are remembered, as many as AWS's agent remembers secrets. The one used longest ago is forgotten.
const MOST_GRANTS: usize = 1000;

/// A grant, as a caller names it.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct GrantKey {
    /// The app's name.
    pub app: String,
    /// An org's id in any form, or a grant's name.
    pub subject: String,
}

/// The tokens of the grants that were asked for.
pub struct TokenCache<A, C> {
    client: VendClient<A, C>,
    clock: C,
    uses: Mutex<HashMap<GrantKey, GrantUse>>,
}

struct GrantUse {
    last: SystemTime,
    is_renewing: bool,
}

impl<A, C> TokenCache<A, C>
where
    A: Authorize + 'static,
    C: TokenClock + Clone + 'static,
{
    /// A cache of tokens of the broker at `base`.
    ///
    /// # Errors
    /// [`Error::Address`] if `base` is not an `http` or `https` URL.
    pub fn new(base: &str, authorize: A, clock: C) -> Result<Arc<Self>, Error> {
        let options = ClientOptions { backoff: BACKOFF, ..ClientOptions::default() };
        let client = VendClient::with_clock(base, authorize, clock.clone())?.with_options(options);
        Ok(Arc::new(Self { client, clock, uses: Mutex::default() }))
    }

    /// The current time.
    pub fn now(&self) -> SystemTime {
        self.clock.now()
    }

    /// A token with more than `min_ttl` left; with less only while vend does not answer, or not within 2 seconds.
    ///
    /// # Errors
    /// Any [`Error`] of the client.
    pub async fn token(self: &Arc<Self>, grant: &GrantKey, min_ttl: Duration) -> Result<VendedToken, Error> {
        self.note_use(grant);
        let held = self.held(grant);
        if let Some(held) = &held
            && held.lives(self.now(), min_ttl)
        {
            if !held.lives(self.now(), AHEAD) {
                self.renew(grant);
            }
            return Ok(held.clone());
        }
        // A task of its own, which goes on when this caller gives up.
        let (cache, key) = (Arc::clone(self), grant.clone());
        let mut request = tokio::spawn(async move { cache.client.token_for(&key.app, &key.subject, min_ttl).await });
        if held.is_some() {
            if let Ok(result) = tokio::time::timeout(PATIENCE, &mut request).await {
                return result.unwrap_or_else(|_| Err(lost_task()));
            }
            if let Some(held) = self.held(grant) {
                return Ok(held);
            }
        }
        request.await.unwrap_or_else(|_| Err(lost_task()))
    }

    /// The token to use after Webex answered 401 to the one with this SHA-256.
    ///
    /// # Errors
    /// Any [`Error`] of the client.
    pub async fn rejected(self: &Arc<Self>, grant: &GrantKey, sha256: String) -> Result<VendedToken, Error> {
        self.note_use(grant);
        let (cache, key) = (Arc::clone(self), grant.clone());
        let request = tokio::spawn(async move { cache.client.rejected_sha256(&key.app, &key.subject, &sha256).await });
        request.await.unwrap_or_else(|_| Err(lost_task()))
    }

    /// Renews the tokens that are due, of grants that are in use, and waits until that is done.
    pub async fn renew_due(self: &Arc<Self>) {
        let now = self.now();
        let mut due = Vec::new();
        for (grant, usage) in &*self.uses() {
            let is_in_use = now.duration_since(usage.last).unwrap_or_default() < IN_USE;
            if is_in_use && self.is_due(grant) {
                due.push(grant.clone());
            }
        }
        // One that a caller has begun is waited for: the client makes one request of both.
        join_all(due.into_iter().map(|grant| Arc::clone(self).renew_ahead(grant))).await;
    }

    /// Begins to renew a grant's token in the background, unless that is under way.
    fn renew(self: &Arc<Self>, grant: &GrantKey) {
        {
            let mut uses = self.uses();
            let Some(usage) = uses.get_mut(grant) else { return };
            if usage.is_renewing {
                return;
            }
            usage.is_renewing = true;
        }
        let (cache, key) = (Arc::clone(self), grant.clone());
        tokio::spawn(async move {
            Arc::clone(&cache).renew_ahead(key.clone()).await;
            if let Some(usage) = cache.uses().get_mut(&key) {
                usage.is_renewing = false;
            }
        });
    }

    async fn renew_ahead(self: Arc<Self>, grant: GrantKey) {
        let result = self.client.token_for(&grant.app, &grant.subject, AHEAD).await;
        let GrantKey { app, subject } = grant;
        match result {
            Ok(token) if token.lives(self.now(), AHEAD) => {}
            Ok(_) => tracing::warn!(outcome = "not_renewed", app, subject, "vend gave no token that lives longer"),
            Err(error) => tracing::warn!(outcome = "not_renewed", app, subject, "{}", chain(&error)),
        }
    }

    /// Whether a token is held that ends soon.
    fn is_due(&self, grant: &GrantKey) -> bool {
        match self.held(grant) {
            Some(held) => !held.lives(self.now(), AHEAD),
            None => false,
        }
    }

    fn held(&self, grant: &GrantKey) -> Option<VendedToken> {
        self.client.held(&grant.app, &grant.subject)
    }

    fn note_use(&self, grant: &GrantKey) {
        let now = self.now();
        let mut uses = self.uses();
        if let Some(usage) = uses.get_mut(grant) {
            usage.last = now;
            return;
        }
        if uses.len() >= MOST_GRANTS
            && let Some((oldest, _)) = uses.iter().min_by_key(|(_, usage)| usage.last)
        {
            let oldest = oldest.clone();
            uses.remove(&oldest);
            self.client.forget(&oldest.app, &oldest.subject);
        }
        uses.insert(grant.clone(), GrantUse { last: now, is_renewing: false });
    }

    fn uses(&self) -> MutexGuard<'_, HashMap<GrantKey, GrantUse>> {
        lock(&self.uses)
    }
}

/// A request that panicked, which is a bug.
fn lost_task() -> Error {
    Error::Unreachable(Arc::from(BoxError::from("the agent's own request failed")))
}
