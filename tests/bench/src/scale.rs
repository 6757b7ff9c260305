//! Sweeps over any number of grants, on a clock that jumps, with AWS's quotas and latencies: how long they take, what
//! they call, how late renewals become, and what it all costs. The rules are the broker's; store and Webex are in memory.

mod clock;
mod data_sources;
mod events;
mod figures;
mod in_service;
mod made_up;
mod packs;
mod pages;
mod port;
mod quota;
mod rows;
mod store;
mod webex;
mod write;

use broker_core::broker::{Broker, BrokerSettings, Invocation, SweepOptions, SweepReport};
use broker_core::clock::{Clock as _, Deadline};
use broker_core::id::GrantId;
use broker_core::port::{Found, GrantsPage, GrantsPart, NoEventBus, Store as _};
use broker_core::schedule::RenewAt;
use jiff::{SignedDuration, Timestamp};
use secrets::PackedStore;

use clock::EventClock;
use rows::GrantRows;
use store::ScaleStore;
use webex::ScaleWebex;

pub use events::HourOfEvents;
pub use figures::{Prices, RunFigures, float};
pub use made_up::ACCESS_LIFE;
pub use quota::{Calls, Operation};
pub use store::SecretHours;

/// The time that the template gives to a sweep.
pub const TIMEOUT: SignedDuration = SignedDuration::from_mins(5);

/// The time between two sweeps.
const INTERVAL: SignedDuration = SignedDuration::from_hours(1);

type ScaleBroker = Broker<PackedStore<ScaleStore, EventClock>, ScaleWebex, NoEventBus, EventClock>;

/// A fleet to simulate.
#[derive(Debug, Clone, Copy)]
pub struct FleetOptions {
    /// Grants that are there at the beginning.
    pub grants: u32,
    /// Organisations that may come later.
    pub newcomers: u32,
    /// `PACK_ABOVE`.
    pub pack_above: u32,
    /// The time of a sweep.
    pub timeout: SignedDuration,
}

/// A deployment with one app.
pub struct Simulation {
    clock: EventClock,
    store: ScaleStore,
    webex: ScaleWebex,
    timeout: SignedDuration,
    /// The environment that sweeps.
    sweeper: ScaleBroker,
    /// The environment that takes events.
    receiver: ScaleBroker,
}

/// The figures of one sweep, and of the events beside it.
#[derive(Debug, Clone)]
pub struct SweepFigures {
    /// From the start to the answer.
    pub took: SignedDuration,
    /// The sweep's answer.
    pub report: SweepReport,
    /// Calls to Secrets Manager in the whole hour.
    pub calls: Calls,
    /// Calls within the busiest quota of writes, as long as the sweep took.
    pub writes_of_sweep: u64,
    /// Calls to Webex.
    pub webex_calls: u64,
    /// Life left in the access token that ends first, afterwards.
    pub oldest: SignedDuration,
    /// Secrets, times the hours that they existed.
    pub hours: SecretHours,
}

impl Simulation {
    /// A fleet whose pairs have `ages`, one organisation after another by name, each with a secret of its own. No sweep has
    /// seen it yet, and one has the time `timeout`.
    pub fn new(ages: impl Iterator<Item = SignedDuration>, timeout: SignedDuration) -> Self {
        let clock = EventClock::at(start());
        let rows = GrantRows::new(ages.map(|age| Some(start() - age)));
        Self::over(ScaleStore::new(clock, rows), 0, timeout)
    }

    fn over(store: ScaleStore, pack_above: u32, timeout: SignedDuration) -> Self {
        let clock = store.clock.clone();
        let webex = ScaleWebex::new(clock.clone());
        let broker = |store: ScaleStore| {
            let packed = PackedStore::new(store, clock.clone());
            Broker::new(packed, webex.clone(), NoEventBus, clock.clone(), settings(pack_above))
        };
        let (sweeper, receiver) = (broker(store.clone()), broker(store.of_another_process()));
        Self { clock, store, webex, timeout, sweeper, receiver }
    }

    /// Sweeps once, while `events` arrive, and waits for the next hour.
    ///
    /// # Panics
    /// If the sweep fails.
    pub fn hour(&self, events: &HourOfEvents) -> SweepFigures {
        let began = self.clock.now();
        let sweep = async {
            let invocation = Invocation::until(Deadline::at(began + self.timeout));
            let outcome = self.sweeper.sweep(&invocation, &SweepOptions::default()).await;
            let report = outcome.unwrap_or_else(|error| panic!("the sweep failed: {error}")).report;
            let took = self.clock.now().duration_since(began);
            (report, took, self.store.calls().most_in_a_quota())
        };
        let both = futures_util::future::join(sweep, self.deliver(events, began));
        let ((report, took, writes_of_sweep), ()) = self.clock.run(both);
        let now = self.clock.now();
        self.clock.advance((INTERVAL - now.duration_since(began)).max(SignedDuration::ZERO));
        SweepFigures {
            took,
            report,
            writes_of_sweep,
            calls: self.store.take_calls(),
            webex_calls: self.webex.take_calls(),
            oldest: self.store.least_life(now),
            hours: self.store.take_hours(),
        }
    }

    /// How long after it was due the latest renewal came, or is outstanding.
    pub fn latest(&self) -> SignedDuration {
        let now = self.clock.now();
        let state = self.store.state();
        state.rows.overdue(now).fold(state.rows.latest, SignedDuration::max)
    }

    /// The packs.
    pub fn packs(&self) -> usize {
        self.store.state().packs.len()
    }

    /// The grants as a new environment lists them, each as often as it comes.
    ///
    /// # Panics
    /// If the listing ends early.
    pub fn listed(&self) -> Vec<GrantId> {
        let store = PackedStore::new(self.store.of_another_process(), self.clock.clone());
        let mut listed = Vec::new();
        let mut see = |page: GrantsPage| listed.extend(page.grants.into_iter().map(|stored| stored.grant.id));
        let end = self.clock.run(store.list_grants(&GrantsPart::All, &mut see, far()));
        assert!(matches!(end, Ok(None)), "the listing ended early");
        listed
    }

    /// Those of the organisations that have a grant with a pair, and of which a read finds another one, or none.
    pub fn lost(&self) -> Vec<GrantId> {
        let store = PackedStore::new(self.store.of_another_process(), self.clock.clone());
        let active: Vec<(GrantId, Timestamp)> = self.store.state().rows.active().collect();
        let mut lost = Vec::new();
        for (id, renewed_at) in active {
            match self.clock.run(store.load(&id)) {
                Ok(Found::Live(stored)) if stored.grant.renewed_at == Some(renewed_at) => {}
                _ => lost.push(id),
            }
        }
        lost
    }
}

/// The schedule begins at some minute of the hour, as in a deployment.
fn start() -> Timestamp {
    Timestamp::UNIX_EPOCH + SignedDuration::from_hours(20_000 * 24) + SignedDuration::from_mins(17)
}

fn far() -> Deadline {
    Deadline::at(Timestamp::MAX)
}

fn settings(pack_above: u32) -> BrokerSettings {
    BrokerSettings {
        minter: made_up::minter(),
        renew_at: RenewAt::DEFAULT,
        fence_settle: SignedDuration::from_mins(5),
        sweep_interval: INTERVAL,
        show_tokens: false,
        webhook_url: None,
        pack_above,
        console_url: None,
    }
}
