//! A Webex that renews every pair, as slowly as the real one, and sends a 429 now and then.

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex};

use broker_core::app::Client;
use broker_core::clock::{Clock as _, Deadline};
use broker_core::id::{ApplicationId, OrgId};
use broker_core::pair::TokenResponse;
use broker_core::port::{
    CodeExchange, DeviceAuthorization, Registration, RegistrationDraft, Webex, WebexError, WebexErrorKind,
};
use broker_core::sync::lock;
use broker_core::token::{AccessToken, DeviceCode, RefreshToken};
use jiff::{SignedDuration, Timestamp};

use super::clock::EventClock;
use super::made_up::{ACCESS_LIFE, REFRESH_LIFE};

/// The time of one call.
const CALL: SignedDuration = SignedDuration::from_millis(80);
/// Every so many calls are answered with 429.
const LIMITED: u64 = 5_000;
/// The `Retry-After` of these answers. The adapter then holds back all of the sender's calls.
const RETRY_AFTER: SignedDuration = SignedDuration::from_secs(2);

/// Webex. Clones share its state.
#[derive(Clone)]
pub(super) struct ScaleWebex {
    clock: EventClock,
    state: Arc<Mutex<WebexState>>,
}

#[derive(Default)]
struct WebexState {
    calls: u64,
    all_calls: u64,
    /// Calls are held back until then.
    held_until: Option<Timestamp>,
    /// The organisations that have withdrawn.
    left: BTreeSet<OrgId>,
}

impl ScaleWebex {
    /// A Webex on `clock`.
    pub(super) fn new(clock: EventClock) -> Self {
        Self { clock, state: Arc::default() }
    }

    /// The calls since the last one of this.
    pub(super) fn take_calls(&self) -> u64 {
        std::mem::take(&mut lock(&self.state).calls)
    }

    /// The organisation withdraws.
    pub(super) fn deauthorize(&self, org: &OrgId) {
        lock(&self.state).left.insert(org.clone());
    }

    /// One call, and another after each 429.
    async fn call(&self) {
        while self.is_limited().await {}
    }

    async fn is_limited(&self) -> bool {
        let now = self.clock.now();
        let held_until = lock(&self.state).held_until.filter(|until| *until > now);
        if let Some(until) = held_until {
            self.clock.sleep(until.duration_since(now)).await;
        }
        let is_limited = {
            let mut state = lock(&self.state);
            state.calls += 1;
            state.all_calls += 1;
            state.all_calls.is_multiple_of(LIMITED)
        };
        self.clock.sleep(CALL).await;
        if is_limited {
            lock(&self.state).held_until = Some(self.clock.now() + RETRY_AFTER);
        }
        is_limited
    }

    fn has_left(&self, org: Option<&OrgId>) -> bool {
        matches!(org, Some(org) if lock(&self.state).left.contains(org))
    }
}

/// The answer of an operation that the simulation never calls.
fn unused<T>(operation: &'static str) -> Result<T, WebexError> {
    let kind = WebexErrorKind::Unreachable;
    Err(WebexError { operation, kind, code: None, description: None, tracking_id: None, retry_after: None })
}

fn refused<T>(operation: &'static str, status: u16) -> Result<T, WebexError> {
    let kind = WebexErrorKind::Answered(status);
    let tracking_id = Some("ROUTER_1".to_owned());
    Err(WebexError { operation, kind, code: None, description: None, tracking_id, retry_after: None })
}

fn issued(refresh_token: RefreshToken) -> TokenResponse {
    TokenResponse {
        access_token: AccessToken::new("access"),
        expires_in: ACCESS_LIFE,
        refresh_token: Some(refresh_token),
        refresh_token_expires_in: Some(REFRESH_LIFE),
        scope: None,
    }
}

impl Webex for ScaleWebex {
    async fn mint(
        &self,
        _: &Client,
        _: &ApplicationId,
        org: &OrgId,
        _: &AccessToken,
        _: Deadline,
    ) -> Result<TokenResponse, WebexError> {
        self.call().await;
        if self.has_left(Some(org)) {
            return refused("mint", 403);
        }
        Ok(issued(RefreshToken::new("refresh")))
    }

    async fn refresh(&self, _: &Client, token: &RefreshToken, _: Deadline) -> Result<TokenResponse, WebexError> {
        self.call().await;
        Ok(issued(token.clone()))
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

    async fn token_expiry(&self, token: &AccessToken, _: Deadline) -> Result<Timestamp, WebexError> {
        self.call().await;
        if self.has_left(token.org_suffix().as_ref()) {
            return refused("token_expiry", 401);
        }
        Ok(self.clock.now() + ACCESS_LIFE)
    }

    async fn organization_name(&self, _: &AccessToken, _: &OrgId, _: Deadline) -> Result<Option<String>, WebexError> {
        Ok(None)
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
