//! A clock and a store for the unit tests of this crate.

mod clock;
mod results;

use std::collections::BTreeMap;

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use broker_core::app::{App, WebhookSecrets};
use broker_core::app_state::AppState;
use broker_core::clock::Deadline;
use broker_core::grant::Grant;
use broker_core::id::{AppName, GrantId};
use broker_core::mark::Mark;
use broker_core::port::{
    Found, GrantsPage, GrantsPart, RecordsPage, Scan, Scheduled, Store, StoreError, Stored, Version,
};
use broker_core::token::WebhookSecret;
use jiff::Timestamp;

pub(crate) use clock::SteppedClock;
pub(crate) use results::{StubMark, StubRead};
use results::{denied, down, vendable};

/// A store that gives every read the same result, and counts the reads.
#[derive(Clone)]
pub(crate) struct StubStore(Arc<StubState>);

struct StubState {
    reads: AtomicUsize,
    looks: AtomicUsize,
    mark: Mutex<StubMark>,
    result: Mutex<StubRead>,
    on_read: Mutex<Option<StubAction>>,
    on_look: Mutex<Option<StubAction>>,
}

type StubAction = Box<dyn FnOnce() + Send>;

impl StubStore {
    pub(crate) fn returning(result: StubRead) -> Self {
        Self(Arc::new(StubState {
            reads: AtomicUsize::new(0),
            looks: AtomicUsize::new(0),
            mark: Mutex::new(StubMark::Absent),
            result: Mutex::new(result),
            on_read: Mutex::new(None),
            on_look: Mutex::new(None),
        }))
    }

    pub(crate) fn set_mark(&self, mark: StubMark) {
        *self.0.mark.lock().unwrap() = mark;
    }

    /// The number of looks at the mark since the last call of this.
    pub(crate) fn looks(&self) -> usize {
        self.0.looks.swap(0, Ordering::SeqCst)
    }

    pub(crate) fn now_returns(&self, result: StubRead) {
        *self.0.result.lock().unwrap() = result;
    }

    /// Runs `action` during the next read, after its result is fixed.
    pub(crate) fn during_next_read(&self, action: impl FnOnce() + Send + 'static) {
        *self.0.on_read.lock().unwrap() = Some(Box::new(action));
    }

    /// Runs `action` during the next look at the mark, after its result is fixed.
    pub(crate) fn during_next_look(&self, action: impl FnOnce() + Send + 'static) {
        *self.0.on_look.lock().unwrap() = Some(Box::new(action));
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
            StubRead::Down => Err(down("GetSecretValue")),
            StubRead::Denied => Err(denied("GetSecretValue")),
            result => Ok(result),
        }
    }
}

fn only_reads<T>() -> Result<T, StoreError> {
    unreachable!("a cache only reads grants, marks and webhook secrets")
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
            StubRead::Vends(token) => {
                let version = Version(token.into());
                Found::Live(Box::new(Stored { grant: vendable(id, token), version }))
            }
            StubRead::Retired => Found::Retired,
            _ => Found::Absent,
        })
    }

    async fn app(&self, _: &AppName) -> Result<Option<App>, StoreError> {
        only_reads()
    }

    async fn apps(&self, _: Deadline) -> Result<Scan<App>, StoreError> {
        only_reads()
    }

    async fn list_grants(
        &self,
        _: &GrantsPart,
        _: &mut (dyn FnMut(GrantsPage) + Send),
        _: Deadline,
    ) -> Result<Option<StoreError>, StoreError> {
        only_reads()
    }

    async fn create(&self, _: &Grant, _: Deadline) -> Result<Version, StoreError> {
        only_reads()
    }

    async fn replace(&self, _: &Grant, _: &Version, _: Deadline) -> Result<Version, StoreError> {
        only_reads()
    }

    async fn claim(&self, _: &Grant, _: &Version, _: Deadline) -> Result<Version, StoreError> {
        only_reads()
    }

    async fn withhold(&self, _: &GrantId, _: Timestamp, _: Deadline) -> Result<(), StoreError> {
        only_reads()
    }

    async fn withhold_again(&self, _: &GrantId, _: Deadline) -> Result<(), StoreError> {
        only_reads()
    }

    async fn end_withholding(&self, _: &GrantId, _: Deadline) -> Result<(), StoreError> {
        only_reads()
    }

    async fn scheduled_in_error(&self, _: &GrantsPart, _: Deadline) -> Result<Vec<Scheduled>, StoreError> {
        only_reads()
    }

    async fn records_page(&self, _: &AppName, _: Option<&str>, _: Deadline) -> Result<Option<RecordsPage>, StoreError> {
        only_reads()
    }

    async fn app_states(&self, _: Deadline) -> Result<BTreeMap<AppName, AppState>, StoreError> {
        only_reads()
    }

    async fn save_app_state(&self, _: &AppName, _: &AppState, _: bool, _: Deadline) -> Result<(), StoreError> {
        only_reads()
    }

    async fn mark(&self, _: &AppName) -> Result<Option<Mark>, StoreError> {
        self.0.looks.fetch_add(1, Ordering::SeqCst);
        let mark = *self.0.mark.lock().unwrap();
        if let Some(action) = self.0.on_look.lock().unwrap().take() {
            action();
        }
        match mark {
            StubMark::Absent => Ok(None),
            StubMark::Is(mark) => Ok(Some(Mark(mark.to_owned()))),
            StubMark::Down => Err(down("DescribeSecret")),
            StubMark::Denied => Err(denied("DescribeSecret")),
        }
    }

    async fn move_mark(&self, _: &AppName, _: Deadline) -> Result<(), StoreError> {
        only_reads()
    }

    async fn previous(&self, _: &GrantId) -> Result<Option<Grant>, StoreError> {
        only_reads()
    }

    async fn retire(&self, _: &GrantId, _: Deadline) -> Result<(), StoreError> {
        only_reads()
    }

    async fn restore(&self, _: &GrantId, _: Deadline) -> Result<(), StoreError> {
        only_reads()
    }
}
