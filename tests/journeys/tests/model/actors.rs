//! Invocations of the refresher, each in an environment of its own, going on or dying as the schedule says.

use std::future::Future;
use std::pin::Pin;
use std::sync::atomic::Ordering;

use broker_core::broker::{Broker, BrokerSettings, Invocation, SweepOptions};
use broker_core::clock::{Clock, Deadline};
use broker_core::id::GrantId;
use broker_core::port::NoEventBus;
use broker_core::request::{Reason, Reconcile, Renew};
use broker_core::schedule::RenewAt;
use jiff::{SignedDuration, Timestamp};
use secrets::PackedStore;

use super::clock::ModelClock;
use super::run::{poll, run_alone};
use super::store::ModelStore;
use super::webex::ModelWebex;
use super::world::World;
use super::{ORGS, Step, UNNAMED};

const FENCE_SETTLE: SignedDuration = SignedDuration::from_secs(300);

/// More waits than any command has; one that needs more never ends.
const ENOUGH: usize = 20_000;

type ActorRun<'w> = Pin<Box<dyn Future<Output = ()> + 'w>>;
type ModelBroker = Broker<PackedStore<ModelStore, ModelClock>, ModelWebex, NoEventBus, ModelClock>;

pub(super) struct Actors<'w> {
    world: &'w World,
    at_work: Vec<ActorRun<'w>>,
    /// Every event that Webex ever sent: what was said, and about whom.
    events: Vec<(Event, usize)>,
}

#[derive(Clone, Copy)]
enum Event {
    /// When that was, unless it was left out.
    Authorized(Option<Timestamp>),
    Deauthorized,
}

impl<'w> Actors<'w> {
    pub(super) fn new(world: &'w World) -> Self {
        Self { world, at_work: Vec::new(), events: Vec::new() }
    }

    pub(super) fn take(&mut self, step: &Step) {
        let world = self.world;
        match *step {
            Step::Authorize { org, delivered, dated, lags } => {
                self.authorize(org, dated, lags);
                if delivered {
                    self.deliver_newest();
                }
            }
            Step::Deauthorize { org, delivered } => self.deauthorize(org, delivered),
            Step::Replay { nth } => self.replay(nth),
            Step::Sweep => self.sweep(false),
            Step::Reject { org } => self.reject(org),
            Step::GoOn { nth, polls } => self.go_on(nth, polls),
            Step::Kill { nth } if !self.at_work.is_empty() => drop(self.at_work.remove(nth % self.at_work.len())),
            Step::Kill { .. } => {}
            Step::Wait { seconds } => world.clock.advance(SignedDuration::from_secs(seconds)),
            Step::Outage { on } => world.webex.outage(on),
            Step::Foreign { on } => world.webex.foreign(on),
            Step::RefuseMinter { on } => world.webex.refuse_minter(on),
            Step::Vend { environment, org, alone } => {
                let vend = world.vends[environment].vend(&world.orgs[org]);
                if alone { run_alone(vend) } else { self.at_work.push(Box::pin(vend)) }
            }
            Step::WarmUp { environment } => run_alone(world.vends[environment].warm_up(&world.orgs)),
            Step::PackAbove { grants } => world.pack_above.store(grants, Ordering::SeqCst),
            Step::PackAll => self.pack_all(),
            Step::LoseAnswer => world.webex.lose_next_refresh(),
        }
    }

    fn sweep(&mut self, allow_retirements: bool) {
        let options = SweepOptions { webhook_url: None, allow_retirements };
        self.invoke(|broker, run| async move { drop(broker.sweep(&run, &options).await) });
    }

    /// Every org authorises the app, nobody does anything for an hour, and a sweep packs what is quiet.
    fn pack_all(&mut self) {
        for org in 0..ORGS {
            self.authorize(org, true, false);
            self.deliver_newest();
        }
        self.world.pack_above.store(1, Ordering::SeqCst);
        self.finish();
        for _ in 0..2 {
            self.world.clock.advance(SignedDuration::from_secs(3_700));
            self.sweep(false);
            self.finish();
        }
    }

    /// Webex answers again, everything at work ends, Lambda's queue repeats the newest event about each org that no
    /// operator names, and the scheduler sweeps a few times: past the settle time, and past the day on which the newest
    /// pair is due. Where both orgs have left without an event, a person has to agree to their end.
    pub(super) fn settle(mut self) {
        self.world.webex.outage(false);
        self.world.webex.foreign(false);
        self.world.webex.refuse_minter(false);
        self.finish();
        for unnamed in UNNAMED..ORGS {
            let newest = self.events.iter().rev().find(|(_, org)| *org == unnamed).copied();
            if let Some(event) = newest {
                self.deliver(event);
            }
        }
        self.finish();
        for wait in [0, 600, 600, 8 * 86_400, 600, 600] {
            self.world.clock.advance(SignedDuration::from_secs(wait));
            self.world.check_fences();
            self.sweep(false);
            self.finish();
        }
        for _ in 0..2 {
            self.world.clock.advance(SignedDuration::from_secs(600));
            self.sweep(true);
            self.finish();
        }
    }

    fn finish(&mut self) {
        for mut invocation in std::mem::take(&mut self.at_work) {
            let ended = (0..ENOUGH).any(|_| {
                self.world.clock.advance(SignedDuration::from_millis(50));
                poll(&mut invocation)
            });
            assert!(ended, "an invocation never ends");
        }
    }

    fn authorize(&mut self, org: usize, dated: bool, lags: bool) {
        self.world.clock.advance(SignedDuration::from_secs(1));
        let again = !self.world.webex.is_authorized(&self.world.org(org));
        self.world.webex.authorize(&self.world.org(org), lags);
        if again {
            self.world.authorized_again(org);
            let at = dated.then(|| self.world.clock.now());
            self.events.push((Event::Authorized(at), org));
        }
    }

    fn deauthorize(&mut self, org: usize, delivered: bool) {
        self.world.clock.advance(SignedDuration::from_secs(1));
        if !self.world.webex.is_authorized(&self.world.org(org)) {
            return;
        }
        self.world.webex.deauthorize(&self.world.org(org));
        self.events.push((Event::Deauthorized, org));
        if delivered {
            self.deliver_newest();
        }
    }

    fn replay(&mut self, nth: usize) {
        if let Some(&event) = self.events.get(nth) {
            self.deliver(event);
        }
    }

    fn deliver_newest(&mut self) {
        if let Some(&event) = self.events.last() {
            self.deliver(event);
        }
    }

    fn deliver(&mut self, (event, org): (Event, usize)) {
        let world = self.world;
        let id = world.orgs[org].clone();
        match event {
            Event::Authorized(authorized_at) => self.invoke(move |broker, run| async move {
                let _ = broker.reconcile(&run, &Reconcile { id, authorized_at }).await;
            }),
            Event::Deauthorized => {
                let withdrawal = world.withdrawal(org);
                self.invoke(move |broker, run| async move {
                    if broker.fence(&run, &id).await.is_ok()
                        && let Some(withdrawal) = withdrawal
                    {
                        world.fence_acknowledged(withdrawal);
                    }
                });
            }
        }
    }

    fn reject(&mut self, org: usize) {
        let id: GrantId = self.world.orgs[org].clone();
        self.invoke(|broker, run| async move {
            let _ = broker
                .renew(
                    &run,
                    &Renew { id, if_sha256: None, reason: Some(Reason::Rejected), deadline: None, force: false },
                )
                .await;
        });
    }

    fn invoke<F: Future<Output = ()> + 'w>(&mut self, command: impl FnOnce(ModelBroker, Invocation) -> F) {
        assert!(self.world.orgs.len() == ORGS);
        let settings = BrokerSettings {
            minter: GrantId::parse("minter/default").unwrap(),
            renew_at: RenewAt::DEFAULT,
            fence_settle: FENCE_SETTLE,
            sweep_interval: jiff::SignedDuration::from_hours(1),
            show_tokens: false,
            webhook_url: None,
            pack_above: self.world.pack_above.load(Ordering::SeqCst),
            console_url: None,
        };
        let World { store, webex, clock, .. } = self.world;
        let broker = Broker::new(
            PackedStore::new(store.clone(), clock.clone()),
            webex.clone(),
            NoEventBus,
            clock.clone(),
            settings,
        );
        let run = Invocation::until(Deadline::at(Timestamp::MAX));
        self.at_work.push(Box::pin(command(broker, run)));
    }

    fn go_on(&mut self, nth: usize, polls: u8) {
        if self.at_work.is_empty() {
            return;
        }
        let nth = nth % self.at_work.len();
        if (0..polls).any(|_| poll(&mut self.at_work[nth])) {
            drop(self.at_work.remove(nth));
        }
    }
}
