//! Stand-ins for the unit tests of this crate.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use broker_core::app::{App, WebhookSecrets};
use broker_core::clock::{Clock, Deadline};
use broker_core::grant::{Grant, State};
use broker_core::id::{AppName, GrantId};
use broker_core::port::{Found, Scan, Scheduled, Store, StoreError, Stored, Version};
use broker_core::token::WebhookSecret;
use jiff::{SignedDuration, Timestamp};

/// A clock whose hands move when somebody sleeps, and when they are moved.
#[derive(Debug, Clone)]
pub(crate) struct Hands(Arc<Mutex<Timestamp>>);

impl Default for Hands {
    fn default() -> Self {
        let noon: Timestamp = "2026-11-21T12:00:00Z".parse().unwrap();
        Self(Arc::new(Mutex::new(noon)))
    }
}

impl Hands {
    pub(crate) fn advance(&self, by: SignedDuration) {
        *self.0.lock().unwrap() += by;
    }
}

impl Clock for Hands {
    fn now(&self) -> Timestamp {
        *self.0.lock().unwrap()
    }

    async fn sleep(&self, duration: SignedDuration) {
        self.advance(duration);
    }
}

/// A store that answers reads with what it was last told to, and counts them.
#[derive(Clone)]
pub(crate) struct Shelf(Arc<Inner>);

struct Inner {
    reads: AtomicUsize,
    answer: Mutex<Answer>,
    on_read: Mutex<Option<Box<dyn FnOnce() + Send>>>,
}

/// What the store says.
#[derive(Clone)]
pub(crate) enum Answer {
    Nothing,
    Retired,
    /// A grant in that state, or keys of which that is one.
    Holds(State, &'static str),
    Down,
    Denied,
}

impl Shelf {
    pub(crate) fn holding(answer: Answer) -> Self {
        Self(Arc::new(Inner { reads: AtomicUsize::new(0), answer: Mutex::new(answer), on_read: Mutex::new(None) }))
    }

    pub(crate) fn now_holds(&self, answer: Answer) {
        *self.0.answer.lock().unwrap() = answer;
    }

    /// Does something while the next read is under way, after its answer is settled.
    pub(crate) fn during_the_next_read(&self, what: impl FnOnce() + Send + 'static) {
        *self.0.on_read.lock().unwrap() = Some(Box::new(what));
    }

    /// How many reads there were since this was last asked.
    pub(crate) fn reads(&self) -> usize {
        self.0.reads.swap(0, Ordering::SeqCst)
    }

    fn read(&self) -> Result<Answer, StoreError> {
        self.0.reads.fetch_add(1, Ordering::SeqCst);
        let answer = self.0.answer.lock().unwrap().clone();
        if let Some(what) = self.0.on_read.lock().unwrap().take() {
            what();
        }
        match answer {
            Answer::Down => Err(StoreError::Unavailable { operation: "GetSecretValue", code: "HTTP 503".into() }),
            Answer::Denied => {
                Err(StoreError::Refused { operation: "GetSecretValue", code: "AccessDeniedException".into() })
            }
            answer => Ok(answer),
        }
    }
}

impl Store for Shelf {
    async fn webhook_secrets(&self, _: &AppName) -> Result<Option<WebhookSecrets>, StoreError> {
        Ok(match self.read()? {
            Answer::Holds(_, key) => {
                Some(WebhookSecrets { secrets: vec![WebhookSecret::new(key)], application_id: None })
            }
            _ => None,
        })
    }

    async fn load(&self, id: &GrantId) -> Result<Found<Stored>, StoreError> {
        Ok(match self.read()? {
            Answer::Holds(state, version) => {
                let mut grant = Grant::pending(id.clone(), None);
                grant.state = state;
                let version = Version(version.into());
                Found::Live(Box::new(Stored { grant, version }))
            }
            Answer::Retired => Found::Retired,
            _ => Found::Absent,
        })
    }

    async fn app(&self, _: &AppName) -> Result<Option<App>, StoreError> {
        unreachable!("a cache only reads")
    }

    async fn apps(&self, _: Deadline) -> Result<Scan<App>, StoreError> {
        unreachable!("a cache only reads")
    }

    async fn grants(&self, _: Deadline) -> Result<Scan<Stored>, StoreError> {
        unreachable!("a cache only reads")
    }

    async fn create(&self, _: &Grant, _: Deadline) -> Result<Version, StoreError> {
        unreachable!("a cache only reads")
    }

    async fn replace(&self, _: &Grant, _: &Version, _: Deadline) -> Result<Version, StoreError> {
        unreachable!("a cache only reads")
    }

    async fn withhold(&self, _: &GrantId, _: Timestamp, _: Deadline) -> Result<(), StoreError> {
        unreachable!()
    }

    async fn scheduled_in_error(&self, _: Deadline) -> Result<Vec<Scheduled>, StoreError> {
        unreachable!()
    }

    async fn previous(&self, _: &GrantId) -> Result<Option<Grant>, StoreError> {
        unreachable!()
    }

    async fn retire(&self, _: &GrantId, _: Deadline) -> Result<(), StoreError> {
        unreachable!("a cache only reads")
    }

    async fn restore(&self, _: &GrantId, _: Deadline) -> Result<(), StoreError> {
        unreachable!("a cache only reads")
    }
}
