//! A Secrets Manager with AWS's quotas and latencies.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use broker_core::app::{App, WebhookSecrets};
use broker_core::app_state::AppState;
use broker_core::clock::{Clock as _, Deadline};
use broker_core::grant::Grant;
use broker_core::id::{AppName, GrantId};
use broker_core::mark::Mark;
use broker_core::port::{
    Found, GrantsPage, GrantsPart, RecordsPage, Scan, Scheduled, Store, StoreError, Stored, Version,
};
use broker_core::sync::lock;
use jiff::{SignedDuration, Timestamp};

use super::clock::EventClock;
use super::rows::{self, GrantRows};

const GET: SignedDuration = SignedDuration::from_millis(15);
const WRITE: SignedDuration = SignedDuration::from_millis(60);
const PAGE: SignedDuration = SignedDuration::from_millis(300);
/// The distance of lists and batch reads as the adapter keeps it: 80 a second.
const PAGE_DISTANCE: SignedDuration = SignedDuration::from_micros(12_500);
/// The distance of writes as the adapter keeps it in a long sweep: 46 a second.
const WRITE_DISTANCE: SignedDuration = SignedDuration::from_micros(21_740);
const BATCH: usize = 20;
const LIST: usize = 100;

/// The calls of a sweep.
#[derive(Debug, Default, Clone, Copy)]
pub struct Calls {
    /// `BatchGetSecretValue` and `ListSecrets`.
    pub pages: u64,
    /// `GetSecretValue`.
    pub reads: u64,
    /// Calls that write a secret.
    pub writes: u64,
}

/// The store. Clones share its content.
#[derive(Clone)]
pub(super) struct ScaleStore {
    clock: EventClock,
    state: Arc<Mutex<StoreState>>,
}

struct StoreState {
    rows: GrantRows,
    app_states: BTreeMap<AppName, AppState>,
    calls: Calls,
    next_page: Timestamp,
    next_write: Timestamp,
}

impl ScaleStore {
    /// A store whose grants were renewed at `renewed_at`, one organisation after another by name.
    pub(super) fn new(clock: EventClock, renewed_at: Vec<Timestamp>) -> Self {
        let state = StoreState {
            rows: GrantRows::new(renewed_at),
            app_states: BTreeMap::new(),
            calls: Calls::default(),
            next_page: Timestamp::MIN,
            next_write: Timestamp::MIN,
        };
        Self { clock, state: Arc::new(Mutex::new(state)) }
    }

    /// The calls since the last one of this.
    pub(super) fn take_calls(&self) -> Calls {
        std::mem::take(&mut lock(&self.state).calls)
    }

    /// When each grant was renewed last.
    pub(super) fn renewed_at(&self) -> Vec<Timestamp> {
        lock(&self.state).rows.renewed_at.clone()
    }

    /// Waits for a slot, and then for the answer.
    async fn page(&self) {
        let wait = {
            let now = self.clock.now();
            let mut state = lock(&self.state);
            state.calls.pages += 1;
            let slot = state.next_page.max(now);
            state.next_page = slot + PAGE_DISTANCE;
            slot.duration_since(now)
        };
        self.clock.sleep(wait + PAGE).await;
    }

    async fn write(&self) {
        let wait = {
            let now = self.clock.now();
            let mut state = lock(&self.state);
            state.calls.writes += 1;
            let slot = state.next_write.max(now);
            state.next_write = slot + WRITE_DISTANCE;
            slot.duration_since(now)
        };
        self.clock.sleep(wait + WRITE).await;
    }
}

/// What no sweep of the simulation asks for.
fn unused<T>(operation: &'static str) -> Result<T, StoreError> {
    Err(StoreError::Unavailable { operation, code: "unused".to_owned() })
}

impl Store for ScaleStore {
    async fn app(&self, _: &AppName) -> Result<Option<App>, StoreError> {
        Ok(None)
    }

    async fn apps(&self, _: Deadline) -> Result<Scan<App>, StoreError> {
        self.page().await;
        Ok(Scan { items: rows::apps(), unreadable: Vec::new(), cut_short: None })
    }

    async fn webhook_secrets(&self, _: &AppName) -> Result<Option<WebhookSecrets>, StoreError> {
        Ok(None)
    }

    async fn list_grants(
        &self,
        part: &GrantsPart,
        see: &mut (dyn FnMut(GrantsPage) + Send),
        deadline: Deadline,
    ) -> Result<Option<StoreError>, StoreError> {
        let range = lock(&self.state).rows.range(part);
        let mut first = range.start;
        loop {
            self.page().await;
            let last = range.end.min(first + BATCH);
            let grants = {
                let state = lock(&self.state);
                (first..last).map(|n| state.rows.stored(n)).collect()
            };
            see(GrantsPage { grants, ..GrantsPage::default() });
            first = last;
            if first >= range.end {
                return Ok(None);
            }
            if deadline.left(self.clock.now()) == SignedDuration::ZERO {
                let code = "DeadlineReached".to_owned();
                return Ok(Some(StoreError::Unavailable { operation: "BatchGetSecretValue", code }));
            }
        }
    }

    async fn load(&self, id: &GrantId) -> Result<Found<Stored>, StoreError> {
        self.clock.sleep(GET).await;
        let mut state = lock(&self.state);
        state.calls.reads += 1;
        Ok(match state.rows.find(id) {
            Some(stored) => Found::Live(Box::new(stored)),
            None => Found::Absent,
        })
    }

    async fn create(&self, _: &Grant, _: Deadline) -> Result<Version, StoreError> {
        unused("CreateSecret")
    }

    /// Two writes: a version is put, and its label is moved.
    async fn replace(&self, grant: &Grant, read: &Version, _: Deadline) -> Result<Version, StoreError> {
        self.write().await;
        self.write().await;
        lock(&self.state).rows.replace(grant, read)
    }

    async fn claim(&self, grant: &Grant, read: &Version, deadline: Deadline) -> Result<Version, StoreError> {
        self.replace(grant, read, deadline).await
    }

    async fn retire(&self, _: &GrantId, _: Deadline) -> Result<(), StoreError> {
        unused("DeleteSecret")
    }

    async fn restore(&self, _: &GrantId, _: Deadline) -> Result<(), StoreError> {
        unused("RestoreSecret")
    }

    async fn withhold(&self, _: &GrantId, _: Timestamp, _: Deadline) -> Result<(), StoreError> {
        unused("DeleteSecret")
    }

    async fn withhold_again(&self, _: &GrantId, _: Deadline) -> Result<(), StoreError> {
        unused("DeleteSecret")
    }

    async fn end_withholding(&self, _: &GrantId, _: Deadline) -> Result<(), StoreError> {
        unused("UpdateSecret")
    }

    async fn scheduled_in_error(&self, part: &GrantsPart, deadline: Deadline) -> Result<Vec<Scheduled>, StoreError> {
        let pages = lock(&self.state).rows.range(part).len().div_ceil(LIST).max(1);
        for _ in 0..pages {
            self.page().await;
            if deadline.left(self.clock.now()) == SignedDuration::ZERO {
                break;
            }
        }
        Ok(Vec::new())
    }

    async fn records_page(&self, _: &AppName, _: Option<&str>, _: Deadline) -> Result<Option<RecordsPage>, StoreError> {
        Ok(None)
    }

    async fn app_states(&self, _: Deadline) -> Result<BTreeMap<AppName, AppState>, StoreError> {
        self.page().await;
        Ok(lock(&self.state).app_states.clone())
    }

    async fn save_app_state(&self, app: &AppName, state: &AppState, _: bool, _: Deadline) -> Result<(), StoreError> {
        self.write().await;
        lock(&self.state).app_states.insert(app.clone(), state.clone());
        Ok(())
    }

    async fn mark(&self, _: &AppName) -> Result<Option<Mark>, StoreError> {
        unused("DescribeSecret")
    }

    async fn move_mark(&self, _: &AppName, _: Deadline) -> Result<(), StoreError> {
        self.write().await;
        Ok(())
    }

    async fn previous(&self, _: &GrantId) -> Result<Option<Grant>, StoreError> {
        Ok(None)
    }
}
