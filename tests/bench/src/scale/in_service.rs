//! A fleet as sweeps have kept it for weeks.

use broker_core::app_state::{AppState, StateCounts};
use broker_core::clock::Clock as _;
use broker_core::grant::{Grant, State};
use broker_core::id::GrantId;
use broker_core::port::{Store as _, Stored};
use broker_core::schedule::RenewAt;
use jiff::{SignedDuration, Timestamp};
use secrets::PackedStore;

use super::clock::EventClock;
use super::made_up::{APP, app_name, org_of, pair_of};
use super::rows::{GrantRows, OwnSecret};
use super::store::ScaleStore;
use super::{FleetOptions, Simulation, far, start};

/// Merges of one pack while the fleet is prepared: they are eight hours apart, as a pack takes them.
const MERGES: usize = 8;
const BETWEEN_MERGES: SignedDuration = SignedDuration::from_hours(8);

/// How long after a renewal a grant is in a pack again.
const ALONE: SignedDuration = SignedDuration::from_hours(1);

impl Simulation {
    /// A fleet whose pairs are evenly as old as those that sweeps keep fresh.
    ///
    /// # Panics
    /// If the grants cannot be packed.
    pub fn in_service(options: &FleetOptions) -> Self {
        let all = options.grants + options.newcomers;
        let rows = GrantRows::new((0..all).map(|n| renewed_at(n, all, options.newcomers, options.pack_above > 0)));
        let before = start() - BETWEEN_MERGES * i32::try_from(MERGES).unwrap_or_default();
        let store = ScaleStore::new(EventClock::at(before), rows);
        store.set_free(true);
        for part in 0..MERGES {
            if options.pack_above > 0 {
                pack_part(&store, part);
            }
            store.clock.advance(BETWEEN_MERGES);
        }
        store.settle(options);
        store.set_free(false);
        Self::over(store, options.pack_above, options.timeout)
    }
}

/// When the pair of a grant was issued; `None` for every so many, whose organisation has not come yet.
fn renewed_at(n: u32, all: u32, newcomers: u32, is_packed: bool) -> Option<Timestamp> {
    let absent_before = |n: u32| u64::from(n) * u64::from(newcomers) / u64::from(all);
    if absent_before(n) != absent_before(n + 1) {
        return None;
    }
    let age_when_due = RenewAt::DEFAULT.due_at(&issued(n, all, start()))?.duration_since(start());
    // Neighbours by name are far apart in age.
    let place = u64::from(n) * 7919 % u64::from(all);
    let share = i32::try_from(place * 1_000 / u64::from(all)).ok()?;
    let renewed_at = start() - age_when_due * share / 1_000;
    let grant = issued(n, all, renewed_at);
    let renew_at = RenewAt::DEFAULT;
    let due = if is_packed { renew_at.due_at_together(&grant) } else { renew_at.due_at(&grant) }?;
    // The sweep at the beginning of the window has renewed it.
    Some(if due < start() { due } else { renewed_at })
}

fn issued(n: u32, all: u32, at: Timestamp) -> Grant {
    let id = GrantId::new(app_name(APP), org_of(n as usize, all as usize).into());
    let pair = pair_of(n as usize, &id, at);
    Grant { renewed_at: Some(at), pair: Some(pair), ..Grant::empty(id, State::Active) }
}

/// Packs every so many grants.
fn pack_part(store: &ScaleStore, part: usize) {
    let quiet: Vec<Stored> = {
        let state = store.state();
        let live = state.rows.live_in(0..state.rows.len(), usize::MAX);
        live.into_iter().filter(|n| n % MERGES == part).map(|n| state.rows.stored(n)).collect()
    };
    let packed = PackedStore::new(store.clone(), store.clock.clone());
    let expected = quiet.len();
    let moved = store.clock.run(packed.pack(&app_name(APP), quiet, far()));
    assert!(matches!(moved, Ok(moved) if moved as usize == expected), "{moved:?} of {expected} were packed");
}

impl ScaleStore {
    /// Gives the own secrets the age that their grants have, and lets the sweeps know how many grants there are.
    fn settle(&self, options: &FleetOptions) {
        let now = self.clock.now();
        let mut state = self.state();
        for n in 0..state.rows.len() {
            let OwnSecret::Waiting(_) = state.rows.secret(n, now) else { continue };
            let Some(renewed_at) = state.rows.stored(n).grant.renewed_at else { continue };
            let set_aside_at = renewed_at + ALONE;
            let secret = if set_aside_at > now { OwnSecret::Live } else { OwnSecret::Waiting(set_aside_at) };
            state.rows.set_secret(n, secret);
        }
        let counts = StateCounts { active: options.grants, ..StateCounts::default() };
        let known = AppState { counts: Some(counts), ..AppState::default() };
        state.app_states.insert(app_name(APP), known);
        drop(state);
        self.take_hours();
        self.take_calls();
    }
}
