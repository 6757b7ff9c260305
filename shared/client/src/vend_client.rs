//! The client, with the tokens that it holds.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use crate::authorize::Authorize;
use crate::clock::{SystemTokenClock, TokenClock};
use crate::error::Error;
use crate::grant_slot::GrantSlot;
use crate::options::ClientOptions;
use crate::token::VendedToken;
use crate::vend_api::VendApi;

/// Asks the broker for tokens and holds them. Create one client and share it.
pub struct VendClient<A, C = SystemTokenClock> {
    api: VendApi,
    authorize: A,
    clock: C,
    options: ClientOptions,
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
        let (api, options) = (VendApi::new(base)?, ClientOptions::default());
        Ok(Self { api, authorize, clock, options, slots: Mutex::default() })
    }

    /// The same client with other options.
    #[must_use]
    pub fn with_options(self, options: ClientOptions) -> Self {
        Self { options, ..self }
    }

    /// A token for the grant of `subject` to `app` with more than [`ClientOptions::min_ttl`] left; with less only if the
    /// broker does not answer.
    ///
    /// # Errors
    /// Any [`Error`] of the request, if no live token is held or if the broker says that the grant has ended.
    pub async fn token(&self, app: &str, subject: &str) -> Result<VendedToken, Error> {
        self.token_for(app, subject, self.options.min_ttl).await
    }

    /// Like [`VendClient::token`], with another life that the token must have left.
    ///
    /// # Errors
    /// As [`VendClient::token`].
    pub async fn token_for(&self, app: &str, subject: &str, min_ttl: Duration) -> Result<VendedToken, Error> {
        let slot = self.slot(app, subject);
        let mut seen = slot.results();
        let deadline = self.clock.now() + self.options.max_wait;
        let _turn = slot.turn.lock().await;
        loop {
            let now = self.clock.now();
            if let Some(token) = slot.held(now, min_ttl) {
                return Ok(token);
            }
            let error = match slot.remembered_failure(min_ttl, seen, now) {
                Some(error) => error,
                // In a box: callers that wait for the request of another one need no memory for their own.
                None => match Box::pin(self.fetch(&slot, app, subject, min_ttl)).await {
                    Ok(token) => return Ok(token),
                    Err(error) => error,
                },
            };
            let now = self.clock.now();
            if let Some(token) = slot.held(now, Duration::ZERO) {
                return Ok(token);
            }
            let wait = error.retry_after().unwrap_or_default();
            if wait.is_zero() || now + wait > deadline {
                return Err(error);
            }
            seen = slot.results();
            self.clock.sleep(wait).await;
        }
    }

    /// The token that is held for a grant, if it lives. No request is sent, and a running one is not waited for.
    pub fn held(&self, app: &str, subject: &str) -> Option<VendedToken> {
        self.slot(app, subject).held(self.clock.now(), Duration::ZERO)
    }

    /// Forgets a grant and its token.
    pub fn forget(&self, app: &str, subject: &str) {
        self.slots().remove(&(app.to_owned(), subject.to_owned()));
    }

    /// The token to use after Webex answered 401 to `token`. The token is reported to the broker once, however many callers
    /// report it. The broker gives the same token back if Webex confirms that it lives.
    ///
    /// # Errors
    /// Any [`Error`] of the request.
    pub async fn rejected(&self, app: &str, subject: &str, token: &VendedToken) -> Result<VendedToken, Error> {
        self.rejected_sha256(app, subject, &token.sha256()).await
    }

    /// Like [`VendClient::rejected`], for the token with this SHA-256 in lower-case hex.
    ///
    /// # Errors
    /// Any [`Error`] of the request.
    pub async fn rejected_sha256(&self, app: &str, subject: &str, sha256: &str) -> Result<VendedToken, Error> {
        let slot = self.slot(app, subject);
        let seen = slot.results();
        let _turn = slot.turn.lock().await;
        let now = self.clock.now();
        if let Some(held) = slot.held(now, self.options.min_ttl)
            && held.sha256() != sha256
        {
            return Ok(held);
        }
        if let Some(result) = slot.remembered_report(sha256, seen, now) {
            return result;
        }
        slot.drop_held();
        let result = Box::pin(self.api.report(app, subject, sha256, &self.authorize, &self.clock)).await;
        slot.store_report(sha256, &result, self.clock.now());
        result
    }

    async fn fetch(&self, slot: &GrantSlot, app: &str, subject: &str, min_ttl: Duration) -> Result<VendedToken, Error> {
        let result = self.api.token(app, subject, min_ttl, &self.authorize, &self.clock).await;
        match &result {
            Ok(token) => slot.store(token),
            Err(error) => slot.fail(error, min_ttl, self.clock.now(), self.options.backoff),
        }
        result
    }

    fn slot(&self, app: &str, subject: &str) -> Arc<GrantSlot> {
        Arc::clone(self.slots().entry((app.to_owned(), subject.to_owned())).or_default())
    }

    fn slots(&self) -> MutexGuard<'_, HashMap<(String, String), Arc<GrantSlot>>> {
        self.slots.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests;
