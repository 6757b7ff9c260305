//! Sweeps over fleets that are too large for one pass.

use bench::scale::{Simulation, TIMEOUT};
use jiff::SignedDuration;

const DAY: SignedDuration = SignedDuration::from_hours(24);
const HOUR: SignedDuration = SignedDuration::from_hours(1);

/// One pass lists about 24,000 in half of the time.
const MANY: usize = 30_000;

#[test]
fn sweep_that_cannot_list_all_is_followed_by_one_that_lists_in_parts() {
    let fleet = Simulation::new((0..MANY).map(|_| DAY));
    let first = fleet.sweep();
    assert!((20_000..29_000).contains(&first.scanned), "one pass should not reach all: {first:?}");
    assert_eq!(first.deferred, 2, "of both apps an unknown number was not reached: {first:?}");
    let second = fleet.sweep();
    assert_eq!((second.scanned, second.deferred), (30_000, 0), "{second:?}");
    assert!(second.took < TIMEOUT / 4, "passes at once should take a quarter of the time at most: {second:?}");
}

#[test]
fn every_due_grant_of_a_large_fleet_is_renewed() {
    let fleet = Simulation::new((0..MANY).map(|_| DAY * 8));
    let mut sweeps = Vec::new();
    while sweeps.len() < 20 {
        let figures = fleet.sweep();
        assert!(figures.took <= TIMEOUT, "{figures:?}");
        sweeps.push(figures);
        if figures.oldest > DAY * 13 {
            break;
        }
        fleet.wait(HOUR, figures.took);
    }
    let renewed: u32 = sweeps.iter().map(|figures| figures.renewed).sum();
    assert_eq!(renewed as usize, MANY, "each grant should be renewed once: {sweeps:#?}");
}
