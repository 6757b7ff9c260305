//! A clock and a store for the unit tests of this crate.

use std::collections::BTreeMap;

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use broker_core::app::{App, WebhookSecrets};
use broker_core::app_state::AppState;
use broker_core::clock::{Clock, Deadline};
use broker_core::grant::{Grant, State};
use broker_core::id::{AppName, GrantId};
use broker_core::port::{
    Found, GrantsPage, GrantsPart, RecordsPage, Scan, Scheduled, Store, StoreError, Stored, Version,
};
use broker_core::token::WebhookSecret;
use jiff::{SignedDuration, Timestamp};

/// A clock that moves when a test moves it, and when someone sleeps on it.
#[derive(Debug, Clone)]
pub(crate) struct SteppedClock(Arc<Mutex<Timestamp>>);

impl Default for SteppedClock {
    fn default() -> Self {
        let noon: Timestamp = "2026-11-21T12:00:00Z".parse().unwrap();
        Self(Arc::new(Mutex::new(noon)))
    }
}

impl SteppedClock {
    pub(crate) fn advance(&self, by: SignedDuration) {
        *self.0.lock().unwrap() += by;
    }
}

impl Clock for SteppedClock {
    fn now(&self) -> Timestamp {
        *self.0.lock().unwrap()
    }

    async fn sleep(&self, duration: SignedDuration) {
        self.advance(duration);
    }
}

/// A store that gives every read the same result, and counts the reads.
#[derive(Clone)]
pub(crate) struct StubStore(Arc<StubState>);

struct StubState {
    reads: AtomicUsize,
    result: Mutex<StubRead>,
    on_read: Mutex<Option<Box<dyn FnOnce() + Send>>>,
}

/// The result of a read.
#[derive(Clone)]
pub(crate) enum StubRead {
    Absent,
    Retired,
    /// A grant in that state and version, or one webhook secret with that value.
    Holds(State, &'static str),
    Down,
    Denied,
}

impl StubStore {
    pub(crate) fn returning(result: StubRead) -> Self {
        Self(Arc::new(StubState { reads: AtomicUsize::new(0), result: Mutex::new(result), on_read: Mutex::new(None) }))
    }

    pub(crate) fn now_returns(&self, result: StubRead) {
        *self.0.result.lock().unwrap() = result;
    }

    /// Runs `action` during the next read, after its result is fixed.
    pub(crate) fn during_next_read(&self, action: impl FnOnce() + Send + 'static) {
        *self.0.on_read.lock().unwrap() = Some(Box::new(action));
    }

    /// The number of reads since the last call of this.
    pub(crate) fn reads(&self) -> usize {
        self.0.reads.swap(0, Ordering::SeqCst)
    }

    fn read(&self) -> Result<StubRead, StoreError> {
        self.0.reads.fetch_add(1, Ordering::SeqCst);
        let result = self.0.result.lock().unwrap().clone();
        if let Some(action) = self.0.on_read.lock().unwrap().take() {
            action();
        }
        match result {
            StubRead::Down => Err(StoreError::Unavailable { operation: "GetSecretValue", code: "HTTP 503".into() }),
            StubRead::Denied => {
                Err(StoreError::Refused { operation: "GetSecretValue", code: "AccessDeniedException".into() })
            }
            result => Ok(result),
        }
    }
}

impl Store for StubStore {
    async fn webhook_secrets(&self, _: &AppName) -> Result<Option<WebhookSecrets>, StoreError> {
        Ok(match self.read()? {
            StubRead::Holds(_, key) => Some(WebhookSecrets {
                secrets: vec![WebhookSecret::new(key)],
                application_id: None,
                problems: Vec::new(),
            }),
            _ => None,
        })
    }

    async fn load(&self, id: &GrantId) -> Result<Found<Stored>, StoreError> {
        Ok(match self.read()? {
            StubRead::Holds(state, version) => {
                let mut grant = Grant::pending(id.clone(), None);
                grant.state = state;
                let version = Version(version.into());
                Found::Live(Box::new(Stored { grant, version }))
            }
            StubRead::Retired => Found::Retired,
            _ => Found::Absent,
        })
    }

    async fn app(&self, _: &AppName) -> Result<Option<App>, StoreError> {
        unreachable!("a cache only reads grants and webhook secrets")
    }

    async fn apps(&self, _: Deadline) -> Result<Scan<App>, StoreError> {
        unreachable!("a cache only reads grants and webhook secrets")
    }

    async fn list_grants(
        &self,
        _: &GrantsPart,
        _: &mut (dyn FnMut(GrantsPage) + Send),
        _: Deadline,
    ) -> Result<Option<StoreError>, StoreError> {
        unreachable!("a cache only reads grants and webhook secrets")
    }

    async fn create(&self, _: &Grant, _: Deadline) -> Result<Version, StoreError> {
        unreachable!("a cache only reads grants and webhook secrets")
    }

    async fn replace(&self, _: &Grant, _: &Version, _: Deadline) -> Result<Version, StoreError> {
        unreachable!("a cache only reads grants and webhook secrets")
    }

    async fn claim(&self, _: &Grant, _: &Version, _: Deadline) -> Result<Version, StoreError> {
        unreachable!("a cache only reads grants and webhook secrets")
    }

    async fn withhold(&self, _: &GrantId, _: Timestamp, _: Deadline) -> Result<(), StoreError> {
        unreachable!("a cache only reads grants and webhook secrets")
    }

    async fn withhold_again(&self, _: &GrantId, _: Deadline) -> Result<(), StoreError> {
        unreachable!("a cache only reads grants and webhook secrets")
    }

    async fn end_withholding(&self, _: &GrantId, _: Deadline) -> Result<(), StoreError> {
        unreachable!("a cache only reads grants and webhook secrets")
    }

    async fn scheduled_in_error(&self, _: &GrantsPart, _: Deadline) -> Result<Vec<Scheduled>, StoreError> {
        unreachable!("a cache only reads grants and webhook secrets")
    }

    async fn records_page(&self, _: &AppName, _: Option<&str>, _: Deadline) -> Result<Option<RecordsPage>, StoreError> {
        unreachable!("a cache only reads grants and webhook secrets")
    }

    async fn app_states(&self, _: Deadline) -> Result<BTreeMap<AppName, AppState>, StoreError> {
        unreachable!("a cache only reads grants and webhook secrets")
    }

    async fn save_app_state(&self, _: &AppName, _: &AppState, _: bool, _: Deadline) -> Result<(), StoreError> {
        unreachable!("a cache only reads grants and webhook secrets")
    }

    async fn previous(&self, _: &GrantId) -> Result<Option<Grant>, StoreError> {
        unreachable!("a cache only reads grants and webhook secrets")
    }

    async fn retire(&self, _: &GrantId, _: Deadline) -> Result<(), StoreError> {
        unreachable!("a cache only reads grants and webhook secrets")
    }

    async fn restore(&self, _: &GrantId, _: Deadline) -> Result<(), StoreError> {
        unreachable!("a cache only reads grants and webhook secrets")
    }
}
