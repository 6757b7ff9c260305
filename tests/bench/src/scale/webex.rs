//! A Webex that renews every pair, as slowly as the real one.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use broker_core::app::Client;
use broker_core::clock::{Clock as _, Deadline};
use broker_core::id::{ApplicationId, OrgId};
use broker_core::pair::TokenResponse;
use broker_core::port::{
    CodeExchange, DeviceAuthorization, Registration, RegistrationDraft, Webex, WebexError, WebexErrorKind,
};
use broker_core::token::{AccessToken, DeviceCode, RefreshToken};
use jiff::{SignedDuration, Timestamp};

use super::clock::EventClock;
use super::rows::{ACCESS_LIFE, REFRESH_LIFE};

/// The time of one call.
const CALL: SignedDuration = SignedDuration::from_millis(80);

/// Webex. Clones share the count of calls.
#[derive(Clone)]
pub(super) struct ScaleWebex {
    clock: EventClock,
    calls: Arc<AtomicU64>,
}

impl ScaleWebex {
    /// A Webex on `clock`.
    pub(super) fn new(clock: EventClock) -> Self {
        Self { clock, calls: Arc::default() }
    }

    /// The calls since the last one of this.
    pub(super) fn take_calls(&self) -> u64 {
        self.calls.swap(0, Ordering::Relaxed)
    }

    async fn call(&self) {
        self.calls.fetch_add(1, Ordering::Relaxed);
        self.clock.sleep(CALL).await;
    }
}

/// What no sweep of the simulation asks for.
fn unused<T>(operation: &'static str) -> Result<T, WebexError> {
    let kind = WebexErrorKind::Unreachable;
    Err(WebexError { operation, kind, code: None, description: None, tracking_id: None, retry_after: None })
}

impl Webex for ScaleWebex {
    async fn mint(
        &self,
        _: &Client,
        _: &ApplicationId,
        _: &OrgId,
        _: &AccessToken,
        _: Deadline,
    ) -> Result<TokenResponse, WebexError> {
        unused("mint")
    }

    async fn refresh(&self, _: &Client, token: &RefreshToken, _: Deadline) -> Result<TokenResponse, WebexError> {
        self.call().await;
        Ok(TokenResponse {
            access_token: AccessToken::new("access"),
            expires_in: ACCESS_LIFE,
            refresh_token: Some(token.clone()),
            refresh_token_expires_in: Some(REFRESH_LIFE),
            scope: None,
        })
    }

    async fn exchange(&self, _: &Client, _: &CodeExchange, _: Deadline) -> Result<TokenResponse, WebexError> {
        unused("exchange")
    }

    async fn device_authorize(&self, _: &Client, _: &str, _: Deadline) -> Result<DeviceAuthorization, WebexError> {
        unused("device_authorize")
    }

    async fn device_token(&self, _: &Client, _: &DeviceCode, _: Deadline) -> Result<TokenResponse, WebexError> {
        unused("device_token")
    }

    async fn token_expiry(&self, _: &AccessToken, _: Deadline) -> Result<Timestamp, WebexError> {
        self.call().await;
        Ok(self.clock.now() + ACCESS_LIFE)
    }

    async fn token_owner(&self, _: &AccessToken, _: Deadline) -> Result<Option<OrgId>, WebexError> {
        Ok(None)
    }

    async fn revoke_authorization(
        &self,
        _: &Client,
        _: &OrgId,
        _: &AccessToken,
        _: Deadline,
    ) -> Result<(), WebexError> {
        unused("revoke_authorization")
    }

    async fn list_webhooks(&self, _: &AccessToken, _: Deadline) -> Result<Vec<Registration>, WebexError> {
        unused("list_webhooks")
    }

    async fn create_webhook(&self, _: &RegistrationDraft, _: &AccessToken, _: Deadline) -> Result<(), WebexError> {
        unused("create_webhook")
    }

    async fn update_webhook(
        &self,
        _: &str,
        _: &RegistrationDraft,
        _: &AccessToken,
        _: Deadline,
    ) -> Result<(), WebexError> {
        unused("update_webhook")
    }

    async fn delete_webhook(&self, _: &str, _: &AccessToken, _: Deadline) -> Result<(), WebexError> {
        unused("delete_webhook")
    }
}
