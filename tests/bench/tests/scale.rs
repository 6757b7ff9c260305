//! Sweeps over fleets that are too large for one pass, and over a small one in packs.

use std::collections::BTreeSet;

use bench::scale::{FleetOptions, HourOfEvents, RunFigures, Simulation, SweepFigures, TIMEOUT};
use jiff::SignedDuration;

const DAY: SignedDuration = SignedDuration::from_hours(24);

const MANY: usize = 12_000;

fn sweep(fleet: &Simulation) -> SweepFigures {
    fleet.hour(&HourOfEvents::default())
}

#[test]
fn first_sweep_over_a_large_fleet_lists_it_in_parts_that_it_finds_itself() {
    let fleet = Simulation::new((0..MANY).map(|_| DAY), TIMEOUT);
    let first = sweep(&fleet);
    assert_eq!((first.report.scanned, first.report.deferred), (12_000, 0), "{first:?}");
    assert!(first.took < TIMEOUT / 2, "{first:?}");
    let second = sweep(&fleet);
    assert_eq!((second.report.scanned, second.report.deferred), (12_000, 0), "{second:?}");
    assert!(second.took < TIMEOUT / 4, "passes at once should take a quarter of the time at most: {second:?}");
}

#[test]
fn sweep_that_cannot_list_all_is_followed_by_some_that_list_in_parts() {
    let fleet = Simulation::new((0..MANY).map(|_| DAY), TIMEOUT / 5);
    let first = sweep(&fleet);
    assert!(first.report.scanned < 9_000, "one pass should not reach all: {first:?}");
    assert_eq!(first.report.deferred, 2, "of both apps an unknown number was not reached: {first:?}");
    let (_, third) = (sweep(&fleet), sweep(&fleet));
    assert_eq!((third.report.scanned, third.report.deferred), (12_000, 0), "{third:?}");
}

#[test]
fn every_due_grant_of_a_large_fleet_is_renewed() {
    let fleet = Simulation::new((0..MANY).map(|_| DAY * 8), TIMEOUT);
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
fn fleet_that_no_sweep_can_list_is_renewed_by_the_sweeps_of_a_few_hours() {
    let timeout = SignedDuration::from_secs(100);
    let options = FleetOptions { grants: 30_000, newcomers: 0, pack_above: 0, timeout };
    let fleet = Simulation::in_service(&options);
    let sweeps: Vec<SweepFigures> = (0..12).map(|_| sweep(&fleet)).collect();
    assert!(sweeps[2..].iter().all(|it| it.report.deferred > 10_000 && it.took <= timeout), "{sweeps:?}");
    assert!(fleet.latest() <= SignedDuration::from_hours(6), "{}", fleet.latest());
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
