//! A full pack is split, and the process dies at any point of it, or another one does the same. A record in a pack is all
//! that is left of its grant: its own secret was deleted long ago.

use broker_core::clock::{Clock as _, Deadline};
use broker_core::grant::Grant;
use broker_core::id::{AppName, GrantId, OrgId};
use broker_core::pair::Pair;
use broker_core::port::{Found, Store as _, Stored};
use broker_core::token::AccessToken;
use jiff::{SignedDuration, Timestamp};
use secrets::PackedStore;

use super::clock::ModelClock;
use super::run::{poll, run_alone};
use super::store::ModelStore;
use super::webex::ModelWebex;

/// More than the days for which a secret that was set aside can be restored.
const LONG_AFTER: SignedDuration = SignedDuration::from_hours(8 * 24);
/// More polls than any merge needs.
const ENOUGH: usize = 60;
const GRANTS: u32 = 6;

type Packed = PackedStore<ModelStore, ModelClock>;

/// Grants of which all but the newest lie in packs, and nowhere else.
struct PackedGrants {
    clock: ModelClock,
    store: ModelStore,
    ids: Vec<GrantId>,
    newest: Stored,
}

impl PackedGrants {
    fn new(grants: u32) -> Self {
        let clock = ModelClock::new();
        let store = ModelStore::new(Vec::new(), clock.clone(), ModelWebex::new(clock.clone(), false));
        let ids: Vec<GrantId> = (0..grants).map(id).collect();
        let newest = create(&store, &clock, ids.last().unwrap());
        let this = Self { clock, store, ids, newest };
        for id in this.older() {
            let stored = create(&this.store, &this.clock, id);
            assert_eq!(this.pack(stored), 1);
            this.clock.advance(LONG_AFTER);
        }
        this.assert_readable(this.older());
        this
    }

    fn older(&self) -> &[GrantId] {
        &self.ids[..self.ids.len() - 1]
    }

    /// The store of another process.
    fn process(&self) -> Packed {
        PackedStore::new(self.store.clone(), self.clock.clone())
    }

    /// Packs a record in a process of its own; returns how many were set aside.
    fn pack(&self, stored: Stored) -> u32 {
        run_alone(self.process().pack(&app(), vec![stored], no_deadline())).unwrap()
    }

    fn assert_readable(&self, ids: &[GrantId]) {
        for id in ids {
            assert!(matches!(self.store.seen(id), Found::Live(_)), "{id} is not readable");
        }
    }

    /// Ends a grant for good.
    fn end(&self, id: &GrantId) {
        let process = self.process();
        let Found::Live(stored) = run_alone(process.load(id)).unwrap() else { panic!("{id} is not readable") };
        run_alone(process.replace(&stored.grant.revoked(), &stored.version, no_deadline())).unwrap();
        run_alone(process.retire(id, no_deadline())).unwrap();
    }
}

fn id(number: u32) -> GrantId {
    let org = OrgId::parse(&format!("{number:08}-0000-4000-8000-000000000000")).unwrap();
    GrantId::new(app(), org.into())
}

fn no_deadline() -> Deadline {
    Deadline::at(Timestamp::MAX)
}

fn app() -> AppName {
    AppName::parse("reports").unwrap()
}

/// A grant in a secret of its own.
fn create(store: &ModelStore, clock: &ModelClock, id: &GrantId) -> Stored {
    let pair = Pair {
        access_token: AccessToken::new(format!("token of {id}")),
        access_token_expires_at: clock.now() + LONG_AFTER * 100,
        refresh_token: None,
        refresh_token_expires_at: None,
        scope: None,
    };
    let grant = Grant::pending(id.clone(), None).minted(pair, clock.now());
    let version = run_alone(store.create(&grant, no_deadline())).unwrap();
    Stored { grant, version }
}

#[test]
fn split_killed_anywhere_hides_no_record() {
    for grants in 2..=GRANTS {
        for polls in 0..ENOUGH {
            let world = PackedGrants::new(grants);
            let process = world.process();
            let app = app();
            let mut merge = Box::pin(process.pack(&app, vec![world.newest.clone()], no_deadline()));
            let _ = (0..polls).any(|_| poll(&mut merge));
            drop(merge);
            world.assert_readable(&world.ids);
        }
    }
}

/// The next split writes over what a crash has left over, so that nothing comes back that has ended since.
#[test]
fn split_after_a_crash_brings_back_no_ended_grant() {
    for grants in 3..=GRANTS {
        for polls in 0..ENOUGH {
            for ended in 0..grants as usize - 1 {
                let world = PackedGrants::new(grants);
                let process = world.process();
                let app = app();
                let mut merge = Box::pin(process.pack(&app, vec![world.newest.clone()], no_deadline()));
                let _ = (0..polls).any(|_| poll(&mut merge));
                drop(merge);
                let ended = &world.ids[ended];
                world.end(ended);
                let Found::Live(newest) = world.store.seen(&world.newest.grant.id) else { panic!("lost the newest") };
                world.pack(*newest);
                // They split the packs again.
                for number in grants..grants + 4 {
                    world.clock.advance(LONG_AFTER);
                    world.pack(create(&world.store, &world.clock, &id(number)));
                }
                world.clock.advance(LONG_AFTER);
                assert!(!matches!(world.store.seen(ended), Found::Live(_)), "{ended} has ended");
            }
        }
    }
}

/// One process stands still at any point while another one does the same and a grant ends. Then it goes on.
#[test]
fn splits_at_once_lose_and_bring_back_nothing() {
    for grants in 3..=GRANTS {
        for polls in 0..ENOUGH {
            let world = PackedGrants::new(grants);
            let (slow, app) = (world.process(), app());
            let mut merge = Box::pin(slow.pack(&app, vec![world.newest.clone()], no_deadline()));
            let has_ended = (0..polls).any(|_| poll(&mut merge));
            world.pack(world.newest.clone());
            let ended = &world.ids[0];
            world.end(ended);
            if !has_ended {
                run_alone(merge).unwrap();
            }
            world.assert_readable(&world.ids[1..]);
            world.clock.advance(LONG_AFTER);
            assert!(!matches!(world.store.seen(ended), Found::Live(_)), "{ended} has ended");
            world.assert_readable(&world.older()[1..]);
        }
    }
}
