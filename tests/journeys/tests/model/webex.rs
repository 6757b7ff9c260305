//! Webex in memory: who has authorised, which tokens live, and how it lags behind itself.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::sync::{Arc, Mutex};

use broker_core::app::Client;
use broker_core::clock::{Clock, Deadline};
use broker_core::id::{ApplicationId, OrgId};
use broker_core::pair::TokenResponse;
use broker_core::port::{
    CodeExchange, DeviceAuthorization, Registration, RegistrationDraft, Webex, WebexError, WebexErrorKind,
};
use broker_core::token::{AccessToken, DeviceCode, RefreshToken};
use jiff::{SignedDuration, Timestamp};

use super::clock::{ModelClock, pause};

/// How long mints go on after a withdrawal, or are refused after an authorisation: less than the settle time.
const LAG: SignedDuration = SignedDuration::from_secs(120);
/// The minter's access token.
pub(super) const MINTER: &str = "minter";
const ACCESS_LIFE: SignedDuration = SignedDuration::from_hours(14 * 24);
const REFRESH_LIFE: SignedDuration = SignedDuration::from_hours(90 * 24);

#[derive(Default)]
struct Org {
    authorized: bool,
    withdrawn_at: Option<Timestamp>,
    /// When it authorised, if Webex lags behind that.
    unheard_since: Option<Timestamp>,
    /// A new machine account at every authorisation.
    account: u32,
}

#[derive(Default)]
#[expect(clippy::struct_excessive_bools, reason = "four independent switches of the world")]
struct State {
    orgs: BTreeMap<OrgId, Org>,
    issued: u64,
    /// Whose account a token belongs to.
    access: HashMap<String, (OrgId, u32)>,
    refresh: HashMap<String, (OrgId, u32)>,
    spent: HashSet<String>,
    outage: bool,
    /// Every answer comes from a proxy.
    foreign: bool,
    minter_refused: bool,
    lose_next_refresh: bool,
}

#[derive(Clone)]
pub(super) struct ModelWebex {
    state: Arc<Mutex<State>>,
    clock: ModelClock,
    rotating: bool,
}

impl ModelWebex {
    pub(super) fn new(clock: ModelClock, rotating: bool) -> Self {
        Self { state: Arc::default(), clock, rotating }
    }

    pub(super) fn authorize(&self, org: &OrgId, lags: bool) {
        let now = self.clock.now();
        let mut state = self.state.lock().unwrap();
        let org = state.orgs.entry(org.clone()).or_default();
        org.unheard_since = if org.authorized { org.unheard_since } else { lags.then_some(now) };
        org.account += u32::from(!org.authorized);
        org.authorized = true;
    }

    pub(super) fn deauthorize(&self, org: &OrgId) {
        let now = self.clock.now();
        if let Some(org) = self.state.lock().unwrap().orgs.get_mut(org).filter(|org| org.authorized) {
            org.authorized = false;
            org.withdrawn_at = Some(now);
        }
    }

    pub(super) fn is_authorized(&self, org: &OrgId) -> bool {
        self.state.lock().unwrap().orgs.get(org).is_some_and(|org| org.authorized)
    }

    pub(super) fn is_alive(&self, token: &AccessToken) -> bool {
        let state = self.state.lock().unwrap();
        state.access.get(token.expose()).is_some_and(|account| state.lives(account))
    }

    pub(super) fn outage(&self, on: bool) {
        self.state.lock().unwrap().outage = on;
    }

    pub(super) fn foreign(&self, on: bool) {
        self.state.lock().unwrap().foreign = on;
    }

    pub(super) fn refuse_minter(&self, on: bool) {
        self.state.lock().unwrap().minter_refused = on;
    }

    pub(super) fn lose_next_refresh(&self) {
        self.state.lock().unwrap().lose_next_refresh = true;
    }
}

impl State {
    fn lives(&self, (org, account): &(OrgId, u32)) -> bool {
        self.orgs.get(org).is_some_and(|org| org.authorized && org.account == *account)
    }

    fn issue(&mut self, org: &OrgId, account: u32, refresh_token: Option<&str>) -> TokenResponse {
        self.issued += 1;
        let access_token = format!("access-{}", self.issued);
        let refresh_token = refresh_token.map_or_else(|| format!("refresh-{}", self.issued), str::to_owned);
        self.access.insert(access_token.clone(), (org.clone(), account));
        self.refresh.insert(refresh_token.clone(), (org.clone(), account));
        TokenResponse {
            access_token: AccessToken::new(access_token),
            expires_in: ACCESS_LIFE,
            refresh_token: Some(RefreshToken::new(refresh_token)),
            refresh_token_expires_in: Some(REFRESH_LIFE),
            scope: None,
        }
    }

    fn mint(&mut self, org: &OrgId, now: Timestamp) -> Result<TokenResponse, WebexError> {
        self.is_up()?;
        if self.minter_refused {
            let words = "the access token is missing required scopes or the user is missing required roles or licenses";
            return Err(WebexError { description: Some(words.to_owned()), ..answered("mint", 403, None) });
        }
        let known = self.orgs.get(org).ok_or_else(|| answered("mint", 403, None))?;
        let is_recent = |at: Option<Timestamp>| at.is_some_and(|at| now.duration_since(at) < LAG);
        let (left, unheard) = (is_recent(known.withdrawn_at), is_recent(known.unheard_since));
        if if known.authorized { unheard } else { !left } {
            return Err(answered("mint", 403, None));
        }
        let account = known.account;
        Ok(self.issue(org, account, None))
    }

    fn refresh(&mut self, token: &str, rotating: bool) -> Result<TokenResponse, WebexError> {
        self.is_up()?;
        let account = self.refresh.get(token).cloned().filter(|account| self.lives(account));
        let account = account.filter(|_| !self.spent.contains(token));
        let (org, account) = account.ok_or_else(|| answered("refresh", 400, Some("invalid_grant")))?;
        if rotating {
            self.spent.insert(token.to_owned());
        }
        let issued = self.issue(&org, account, (!rotating).then_some(token));
        let lost = std::mem::take(&mut self.lose_next_refresh);
        if lost { Err(failed("refresh", WebexErrorKind::TimedOut)) } else { Ok(issued) }
    }

    fn is_up(&self) -> Result<(), WebexError> {
        if self.outage {
            return Err(failed("any call", WebexErrorKind::Unreachable));
        }
        if self.foreign {
            // A proxy's page under the status that means the most.
            return Err(failed("any call", WebexErrorKind::Foreign(403)));
        }
        Ok(())
    }
}

fn failed(operation: &'static str, kind: WebexErrorKind) -> WebexError {
    WebexError { operation, kind, code: None, description: None, tracking_id: None, retry_after: None }
}

fn answered(operation: &'static str, status: u16, code: Option<&str>) -> WebexError {
    WebexError {
        code: code.map(str::to_owned),
        tracking_id: Some("ROUTERGW_model".to_owned()),
        ..failed(operation, WebexErrorKind::Answered(status))
    }
}

/// The answer to a request without a result.
type Answer = Result<(), WebexError>;

impl Webex for ModelWebex {
    async fn mint(
        &self,
        _: &Client,
        _: &ApplicationId,
        org: &OrgId,
        _: &AccessToken,
        _: Deadline,
    ) -> Result<TokenResponse, WebexError> {
        pause().await;
        let answer = self.state.lock().unwrap().mint(org, self.clock.now());
        pause().await;
        answer
    }

    async fn refresh(&self, _: &Client, token: &RefreshToken, _: Deadline) -> Result<TokenResponse, WebexError> {
        pause().await;
        let answer = self.state.lock().unwrap().refresh(token.expose(), self.rotating);
        pause().await;
        answer
    }

    async fn exchange(&self, _: &Client, _: &CodeExchange, _: Deadline) -> Result<TokenResponse, WebexError> {
        Err(answered("exchange", 400, None))
    }

    async fn device_authorize(&self, _: &Client, _: &str, _: Deadline) -> Result<DeviceAuthorization, WebexError> {
        Err(answered("device_authorize", 400, None))
    }

    async fn device_token(&self, _: &Client, _: &DeviceCode, _: Deadline) -> Result<TokenResponse, WebexError> {
        Err(answered("device_token", 400, None))
    }

    async fn token_expiry(&self, token: &AccessToken, _: Deadline) -> Result<Timestamp, WebexError> {
        pause().await;
        let alive = token.expose() == MINTER || self.is_alive(token);
        self.state.lock().unwrap().is_up()?;
        if alive { Ok(self.clock.now() + ACCESS_LIFE) } else { Err(answered("token_expiry", 401, None)) }
    }

    async fn token_owner(&self, _: &AccessToken, _: Deadline) -> Result<Option<OrgId>, WebexError> {
        Ok(None)
    }

    async fn organization_name(&self, _: &AccessToken, _: &OrgId, _: Deadline) -> Result<Option<String>, WebexError> {
        self.state.lock().unwrap().is_up().map(|()| None)
    }

    async fn revoke_authorization(&self, _: &Client, _: &OrgId, _: &AccessToken, _: Deadline) -> Answer {
        Ok(())
    }

    async fn list_webhooks(&self, _: &AccessToken, _: Deadline) -> Result<Vec<Registration>, WebexError> {
        Ok(Vec::new())
    }

    async fn create_webhook(&self, _: &RegistrationDraft, _: &AccessToken, _: Deadline) -> Answer {
        Ok(())
    }

    async fn update_webhook(&self, _: &str, _: &RegistrationDraft, _: &AccessToken, _: Deadline) -> Answer {
        Ok(())
    }

    async fn delete_webhook(&self, _: &str, _: &AccessToken, _: Deadline) -> Answer {
        Ok(())
    }
}
