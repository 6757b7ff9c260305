//! Sweeps over fleets that are too large for one pass, and over a small one in packs.

use std::collections::BTreeSet;

use bench::scale::{FleetOptions, HourOfEvents, RunFigures, Simulation, SweepFigures, TIMEOUT};
use jiff::SignedDuration;

const DAY: SignedDuration = SignedDuration::from_hours(24);

/// One pass lists about 7,600 in half of the time.
const MANY: usize = 12_000;

fn sweep(fleet: &Simulation) -> SweepFigures {
    fleet.hour(&HourOfEvents::default())
}

#[test]
fn sweep_that_cannot_list_all_is_followed_by_one_that_lists_in_parts() {
    let fleet = Simulation::new((0..MANY).map(|_| DAY));
    let first = sweep(&fleet);
    assert!((6_000..9_000).contains(&first.report.scanned), "one pass should not reach all: {first:?}");
    assert_eq!(first.report.deferred, 2, "of both apps an unknown number was not reached: {first:?}");
    let second = sweep(&fleet);
    assert_eq!((second.report.scanned, second.report.deferred), (12_000, 0), "{second:?}");
    assert!(second.took < TIMEOUT / 4, "passes at once should take a quarter of the time at most: {second:?}");
}

#[test]
fn every_due_grant_of_a_large_fleet_is_renewed() {
    let fleet = Simulation::new((0..MANY).map(|_| DAY * 8));
    let mut renewed = 0;
    for _ in 0..20 {
        let figures = sweep(&fleet);
        assert!(figures.took <= TIMEOUT, "{figures:?}");
        renewed += figures.report.renewed as usize;
        if figures.oldest > DAY * 13 {
            break;
        }
    }
    assert_eq!(renewed, MANY, "each grant should be renewed once");
}

#[test]
fn packed_fleet_loses_no_grant_while_organisations_come_and_go() {
    let options = FleetOptions { grants: 600, newcomers: 40, pack_above: 100, timeout: TIMEOUT };
    let fleet = Simulation::in_service(&options);
    let mut run = RunFigures::default();
    for hour in 0..30 {
        let mut events = HourOfEvents::default();
        if hour < 10 {
            events.authorize = 4;
        }
        if hour == 15 {
            events.deauthorize = fleet.some(20);
        }
        run.add(&fleet.hour(&events));
    }
    assert!(fleet.packs() > 3, "{} packs", fleet.packs());
    assert!(run.own_secrets() < 100.0, "{run:?}");
    assert!(fleet.latest() < DAY && run.least_life > DAY * 6 && run.deferred == 0, "{run:?}");
    assert_eq!(run.calls.refused, 0, "a secret that waits for deletion is restored before it is written");
    let listed = fleet.listed();
    let each: BTreeSet<_> = listed.iter().collect();
    assert_eq!((listed.len(), each.len()), (620, 620), "each grant is listed once, and those that ended are not");
    assert_eq!(fleet.lost(), []);
}
