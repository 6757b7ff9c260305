//! The client, with the tokens that it holds.

use std::collections::HashMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use serde_json::json;
use tokio::sync::{Mutex as AsyncMutex, MutexGuard};

use crate::authorize::Authorize;
use crate::vend_api::VendApi;
use crate::{Error, SystemTokenClock, TokenClock, VendedToken};

/// The remaining life below which a token is replaced before it is returned: enough for the longest call to Webex.
const MIN_LIFE: Duration = Duration::from_mins(5);

type TokenResult = Result<VendedToken, Error>;

/// The newest result for one grant.
#[derive(Default)]
struct GrantSlot {
    /// Locked during a request to the broker, so that concurrent callers wait for its result instead of asking too.
    newest: AsyncMutex<Option<TokenResult>>,
    /// The number of results so far.
    results: AtomicU64,
}

/// Asks the broker for tokens and holds them. Create one client and share it.
pub struct VendClient<A, C = SystemTokenClock> {
    api: VendApi,
    authorize: A,
    clock: C,
    slots: Mutex<HashMap<(String, String), Arc<GrantSlot>>>,
}

impl<A: Authorize> VendClient<A> {
    /// A client of the broker at the URL `base`. `authorize` identifies the caller.
    ///
    /// # Errors
    /// [`Error::Address`] if `base` is not an `http` or `https` URL.
    pub fn new(base: &str, authorize: A) -> Result<Self, Error> {
        Self::with_clock(base, authorize, SystemTokenClock)
    }
}

impl<A: Authorize, C: TokenClock> VendClient<A, C> {
    /// Like [`VendClient::new`], with another clock.
    ///
    /// # Errors
    /// [`Error::Address`] if `base` is not an `http` or `https` URL.
    pub fn with_clock(base: &str, authorize: A, clock: C) -> Result<Self, Error> {
        Ok(Self { api: VendApi::new(base)?, authorize, clock, slots: Mutex::default() })
    }

    /// A token for the grant of `subject` to `app`. It lives for at least another five minutes; for less only if the broker
    /// does not answer.
    ///
    /// # Errors
    /// Any [`Error`] of the request, if no live token is held or if the broker says that the grant has ended.
    pub async fn token(&self, app: &str, subject: &str) -> Result<VendedToken, Error> {
        let slot = self.slot(app, subject);
        let (mut newest, is_new) = slot.wait().await;
        if let Some(result) = newest.as_ref()
            && (is_new || self.has_life(result, MIN_LIFE))
        {
            return result.clone();
        }
        let query = format!("min_ttl={}", MIN_LIFE.as_secs());
        let url = self.api.url(app, subject, &["token"], &query)?;
        let mut result = self.api.request_token(url, String::new(), &self.authorize, self.clock.now()).await;
        if let Err(error) = &result
            && error.leaves_grant_unknown()
            && let Some(held) = newest.take()
            && self.has_life(&held, Duration::ZERO)
        {
            result = held;
        }
        slot.store(&mut newest, result)
    }

    /// The token to use after Webex answered 401 to `token`. The broker is told once, however many callers report the same
    /// token.
    ///
    /// # Errors
    /// Any [`Error`] of the request.
    pub async fn rejected(&self, app: &str, subject: &str, token: &VendedToken) -> Result<VendedToken, Error> {
        let slot = self.slot(app, subject);
        let (mut newest, is_new) = slot.wait().await;
        let sha256 = token.sha256();
        if let Some(result) = newest.as_ref()
            && self.replaces(result, &sha256, is_new)
        {
            return result.clone();
        }
        *newest = None;
        let url = self.api.url(app, subject, &["token", "rejected"], "")?;
        let body = json!({"access_token_sha256": sha256}).to_string();
        let result = self.api.request_token(url, body, &self.authorize, self.clock.now()).await;
        slot.store(&mut newest, result)
    }

    /// Whether `result` is the answer for a rejected token with this SHA-256, so that the broker need not be told.
    fn replaces(&self, result: &TokenResult, rejected_sha256: &str, is_new: bool) -> bool {
        match result {
            Ok(token) => token.sha256() != rejected_sha256 && (is_new || self.has_life(result, MIN_LIFE)),
            Err(_) => is_new,
        }
    }

    /// Whether `result` is a token with more than `min_life` left.
    fn has_life(&self, result: &TokenResult, min_life: Duration) -> bool {
        let Ok(token) = result else {
            return false;
        };
        match token.expires_at.duration_since(self.clock.now()) {
            Ok(left) => left > min_life,
            Err(_) => false,
        }
    }

    fn slot(&self, app: &str, subject: &str) -> Arc<GrantSlot> {
        let mut slots = self.slots.lock().unwrap_or_else(PoisonError::into_inner);
        Arc::clone(slots.entry((app.to_owned(), subject.to_owned())).or_default())
    }
}

impl GrantSlot {
    /// Waits until no request to the broker is running. Returns the newest result, and whether it came during the wait.
    async fn wait(&self) -> (MutexGuard<'_, Option<TokenResult>>, bool) {
        let before = self.results.load(Ordering::Acquire);
        let newest = self.newest.lock().await;
        let is_new = self.results.load(Ordering::Acquire) != before;
        (newest, is_new)
    }

    fn store(&self, newest: &mut Option<TokenResult>, result: TokenResult) -> TokenResult {
        self.results.fetch_add(1, Ordering::Release);
        newest.insert(result).clone()
    }
}

#[cfg(test)]
mod tests;
