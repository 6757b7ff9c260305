//! Sweeps over any number of grants, on a clock that jumps, with AWS's quotas and latencies: how long they take, what
//! they call, and how old the oldest token becomes. The rules are the broker's; store and Webex are in memory.

mod clock;
mod data_sources;
mod rows;
mod store;
mod webex;

use broker_core::broker::{Broker, BrokerSettings, Invocation, SweepOptions};
use broker_core::clock::{Clock as _, Deadline};
use broker_core::id::GrantId;
use broker_core::port::NoEventBus;
use broker_core::schedule::RenewAt;
use jiff::{SignedDuration, Timestamp};

use clock::EventClock;
use store::ScaleStore;
use webex::ScaleWebex;

pub use rows::ACCESS_LIFE;
pub use store::Calls;

/// The time that the template gives to a sweep.
pub const TIMEOUT: SignedDuration = SignedDuration::from_mins(5);

/// A deployment with one app.
pub struct Simulation {
    clock: EventClock,
    store: ScaleStore,
    webex: ScaleWebex,
    broker: Broker<ScaleStore, ScaleWebex, NoEventBus, EventClock>,
}

/// The figures of one sweep.
#[derive(Debug, Clone, Copy)]
pub struct SweepFigures {
    /// From the start to the answer.
    pub took: SignedDuration,
    /// Grants that were listed.
    pub scanned: u32,
    /// Pairs renewed.
    pub renewed: u32,
    /// Grants left to the next sweep.
    pub deferred: u32,
    /// Calls to Secrets Manager.
    pub calls: Calls,
    /// Calls to Webex.
    pub webex_calls: u64,
    /// Life left in the access token that ends first, afterwards.
    pub oldest: SignedDuration,
}

impl Simulation {
    /// A fleet whose pairs have `ages`, one organisation after another by name.
    ///
    /// # Panics
    /// If the name of the minter is none.
    pub fn new(ages: impl Iterator<Item = SignedDuration>) -> Self {
        let now = Timestamp::UNIX_EPOCH + SignedDuration::from_hours(20_000 * 24);
        let clock = EventClock::at(now);
        let store = ScaleStore::new(clock.clone(), ages.map(|age| now - age).collect());
        let webex = ScaleWebex::new(clock.clone());
        let settings = BrokerSettings {
            minter: GrantId::parse("minter/default").unwrap_or_else(|error| panic!("{error}")),
            renew_at: RenewAt::DEFAULT,
            fence_settle: SignedDuration::from_mins(5),
            sweep_interval: jiff::SignedDuration::from_hours(1),
            show_tokens: false,
            webhook_url: None,
            pack_above: 0,
            console_url: None,
        };
        let broker = Broker::new(store.clone(), webex.clone(), NoEventBus, clock.clone(), settings);
        Self { clock, store, webex, broker }
    }

    /// A fleet whose pairs are evenly as old as those that sweeps keep fresh.
    pub fn in_service(grants: u32) -> Self {
        let oldest = ACCESS_LIFE / 2;
        // Neighbours by name are far apart in age.
        let place = move |n: u32| u64::from(n) * 7919 % u64::from(grants);
        let age = move |n| oldest * i32::try_from(place(n) * 1000 / u64::from(grants)).unwrap_or_default() / 1000;
        Self::new((0..grants).map(age))
    }

    /// Sweeps once, within the time that the template gives.
    ///
    /// # Panics
    /// If the sweep fails.
    pub fn sweep(&self) -> SweepFigures {
        let began = self.clock.now();
        let invocation = Invocation::until(Deadline::at(began + TIMEOUT));
        let outcome = self.clock.run(self.broker.sweep(&invocation, &SweepOptions::default()));
        let report = outcome.unwrap_or_else(|error| panic!("the sweep failed: {error}")).report;
        let now = self.clock.now();
        let oldest = self.store.renewed_at().into_iter().min().unwrap_or(now);
        SweepFigures {
            took: now.duration_since(began),
            scanned: report.scanned,
            renewed: report.renewed,
            deferred: report.deferred,
            calls: self.store.take_calls(),
            webex_calls: self.webex.take_calls(),
            oldest: (oldest + ACCESS_LIFE).duration_since(now),
        }
    }

    /// Lets time pass until `interval` after the sweep began that took `took`.
    pub fn wait(&self, interval: SignedDuration, took: SignedDuration) {
        self.clock.advance((interval - took).max(SignedDuration::ZERO));
    }
}
