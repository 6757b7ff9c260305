//! A Secrets Manager with AWS's quotas and latencies, which takes the calls that the adapter makes.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard};

use broker_core::app_state::AppState;
use broker_core::clock::Clock as _;
use broker_core::grant::{Grant, State};
use broker_core::id::{AppName, GrantId};
use broker_core::port::{Found, Stored, Version};
use broker_core::sync::lock;
use jiff::{SignedDuration, Timestamp};
use secrets::{CallRateLimit, MOST_READS, WriteRateLimits};

use super::clock::EventClock;
use super::figures::float;
use super::made_up::{self, MINTERS_APP};
use super::packs::PackRows;
use super::quota::{Calls, Operation, Quotas};
use super::rows::{GrantRows, OwnSecret};

/// The first and the longest pause before a throttled call is repeated.
const PAUSE: (SignedDuration, SignedDuration) = (SignedDuration::from_millis(100), SignedDuration::from_secs(5));

/// The store as one process sees it, with limits of its own on its calls. Clones share them.
#[derive(Clone)]
pub(super) struct ScaleStore {
    pub(super) clock: EventClock,
    pub(super) state: Arc<Mutex<StoreState>>,
    reads: CallRateLimit<EventClock>,
    writes: WriteRateLimits<EventClock>,
}

/// The secrets, and what they have cost.
pub(super) struct StoreState {
    pub(super) rows: GrantRows,
    pub(super) packs: PackRows,
    pub(super) app_states: BTreeMap<AppName, AppState>,
    pub(super) minter: Stored,
    pub(super) calls: Calls,
    quotas: Quotas,
    /// Calls take no time and count for nothing.
    is_free: bool,
    counted_until: Timestamp,
    /// Own secrets and packs, each times the hours that it existed.
    hours: SecretHours,
}

/// Secrets, each times the hours that it existed.
#[derive(Debug, Clone, Copy, Default)]
pub struct SecretHours {
    /// The grants' own.
    pub own: f64,
    /// Packs.
    pub packs: f64,
}

impl ScaleStore {
    /// A store without packs.
    pub(super) fn new(clock: EventClock, rows: GrantRows) -> Self {
        let now = clock.now();
        let id = made_up::minter();
        let pair = made_up::pair_of(0, &id, now);
        let minter = Grant { renewed_at: Some(now), pair: Some(pair), ..Grant::empty(id, State::Active) };
        let state = StoreState {
            rows,
            packs: PackRows::default(),
            app_states: BTreeMap::new(),
            minter: Stored { grant: minter, version: Version("1".to_owned()) },
            calls: Calls::default(),
            quotas: Quotas::default(),
            is_free: false,
            counted_until: now,
            hours: SecretHours::default(),
        };
        Self::process(clock, Arc::new(Mutex::new(state)))
    }

    /// The store as another process sees it.
    pub(super) fn of_another_process(&self) -> Self {
        Self::process(self.clock.clone(), Arc::clone(&self.state))
    }

    fn process(clock: EventClock, state: Arc<Mutex<StoreState>>) -> Self {
        let reads = CallRateLimit::per_second(MOST_READS, clock.clone());
        let writes = WriteRateLimits::new(&clock);
        Self { clock, state, reads, writes }
    }

    /// The secrets. What they have cost until now is counted before they change.
    pub(super) fn state(&self) -> MutexGuard<'_, StoreState> {
        let now = self.clock.now();
        let mut state = lock(&self.state);
        state.count_hours(now);
        state
    }

    /// Lets calls take no time, or as long as they do.
    pub(super) fn set_free(&self, is_free: bool) {
        self.state().is_free = is_free;
    }

    /// The calls since the last [`Self::take_calls`].
    pub(super) fn calls(&self) -> Calls {
        self.state().calls
    }

    /// Life left in the access token that ends first.
    pub(super) fn least_life(&self, now: Timestamp) -> SignedDuration {
        let oldest = self.state().rows.oldest().unwrap_or(now);
        (oldest + made_up::ACCESS_LIFE).duration_since(now)
    }

    /// The calls since the last one of this.
    pub(super) fn take_calls(&self) -> Calls {
        std::mem::take(&mut self.state().calls)
    }

    /// The hours of secrets that were counted since this was called last.
    pub(super) fn take_hours(&self) -> SecretHours {
        std::mem::take(&mut self.state().hours)
    }

    /// Waits for a slot and for the answer, again while the account's quota is spent.
    pub(super) async fn call(&self, operation: Operation) {
        let mut pause = PAUSE.0;
        loop {
            if self.state().is_free {
                return;
            }
            let limit = self.limit(operation);
            if let Some(limit) = limit {
                limit.wait().await;
            }
            let now = self.clock.now();
            let is_taken = {
                let mut state = self.state();
                state.calls.add(operation);
                state.quotas.take(operation, now)
            };
            self.clock.sleep(operation.latency()).await;
            if is_taken {
                return;
            }
            self.state().calls.throttled += 1;
            if let Some(limit) = limit {
                limit.slow_down();
            }
            self.clock.sleep(pause).await;
            pause = (pause * 2).min(PAUSE.1);
        }
    }

    /// The limit that this process keeps to, as the adapter does.
    fn limit(&self, operation: Operation) -> Option<&CallRateLimit<EventClock>> {
        match operation {
            Operation::Get | Operation::Describe => None,
            Operation::Batch | Operation::List => Some(&self.reads),
            Operation::Put | Operation::Move | Operation::Update | Operation::Create => Some(&self.writes.versions),
            Operation::Delete => Some(&self.writes.deletions),
            Operation::Restore => Some(&self.writes.restorations),
        }
    }

    /// `GetSecretValue` of a grant.
    pub(super) async fn get(&self, id: &GrantId) -> Found<Stored> {
        self.call(Operation::Get).await;
        let now = self.clock.now();
        let state = self.state();
        if id.app.as_str() == MINTERS_APP {
            return Found::Live(Box::new(state.minter.clone()));
        }
        let Some(n) = state.rows.find(id) else { return Found::Absent };
        match state.rows.secret(n, now) {
            OwnSecret::Absent => Found::Absent,
            OwnSecret::Waiting(_) => Found::Retired,
            OwnSecret::Live => Found::Live(Box::new(state.rows.stored(n))),
        }
    }

    /// The place and the state of the own secret of a grant that is not the minter.
    pub(super) fn own_secret(&self, id: &GrantId) -> (usize, OwnSecret) {
        let now = self.clock.now();
        let state = self.state();
        match state.rows.find(id) {
            Some(n) => (n, state.rows.secret(n, now)),
            None => panic!("{id} is in no row"),
        }
    }
}

impl StoreState {
    fn count_hours(&mut self, now: Timestamp) {
        let hours = now.duration_since(self.counted_until).as_secs_f64() / 3_600.0;
        self.counted_until = now;
        if hours > 0.0 {
            self.hours.own += hours * float(self.rows.live_secrets() as u64);
            self.hours.packs += hours * float(self.packs.len() as u64);
        }
    }
}
