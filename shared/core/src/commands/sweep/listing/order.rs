//! The order in which the parts are listed.

use std::collections::BTreeMap;

use super::super::app_states::AppStates;
use crate::id::AppName;
use crate::port::GrantsPart;

/// Grants of all apps up to which one pass lists them: 60 pages of 20, about 18 seconds. More passes cost more calls.
const ONE_PASS: u32 = 1_200;

/// Grants of an app up to which one pass lists them, where there are many in all.
const ONE_PASS_OF_APP: u32 = 500;

/// In the place of initials: one pass over everything did not reach all grants of the app.
const WHOLE: &str = "*";

/// The parts in the order in which they are listed: those first that the sweep before did not reach, as it would have gone
/// on, and a part of each app after the other, so that no app waits for another one.
pub(super) fn parts(names: &[AppName], states: &AppStates) -> Vec<GrantsPart> {
    let is_complete = names.iter().all(|app| states.unlisted(app).is_empty());
    let grants: u32 = names.iter().map(|app| states.known_grants(app)).sum();
    if is_complete && grants <= ONE_PASS {
        return vec![GrantsPart::All];
    }
    let of_apps: Vec<(Vec<GrantsPart>, Vec<GrantsPart>)> = names.iter().map(|app| parts_of(app, states)).collect();
    let (first, then): (Vec<Vec<GrantsPart>>, Vec<Vec<GrantsPart>>) = of_apps.into_iter().unzip();
    let mut parts = in_turns(first);
    parts.extend(in_turns(then));
    parts
}

/// The parts of one app: those that the sweep before did not reach, and the others.
fn parts_of(app: &AppName, states: &AppStates) -> (Vec<GrantsPart>, Vec<GrantsPart>) {
    let unlisted = states.unlisted(app);
    let is_small = states.known_grants(app) <= ONE_PASS_OF_APP;
    if is_small && unlisted.is_empty() {
        return (Vec::new(), vec![GrantsPart::App(app.clone())]);
    }
    if is_small && unlisted == WHOLE {
        return (vec![GrantsPart::App(app.clone())], Vec::new());
    }
    let part = |initial: char| GrantsPart::Initial { app: app.clone(), initial };
    let first: Vec<char> = if unlisted == WHOLE { GrantsPart::INITIALS } else { unlisted }.chars().collect();
    let then = GrantsPart::INITIALS.chars().filter(|initial| !first.contains(initial));
    (first.iter().copied().map(part).collect(), then.map(part).collect())
}

/// The first part of each app, then the second of each, and so on.
fn in_turns(of_apps: Vec<Vec<GrantsPart>>) -> Vec<GrantsPart> {
    let mut apps: Vec<_> = of_apps.into_iter().map(Vec::into_iter).collect();
    let longest = apps.iter().map(ExactSizeIterator::len).max().unwrap_or_default();
    (0..longest).flat_map(|_| apps.iter_mut().filter_map(Iterator::next).collect::<Vec<_>>()).collect()
}

/// The initials of the parts by app, in the order in which the next sweep is to go on.
pub(super) fn unlisted_of(parts: impl Iterator<Item = GrantsPart>, names: &[AppName]) -> BTreeMap<AppName, String> {
    let mut unlisted: BTreeMap<AppName, String> = BTreeMap::new();
    for part in parts {
        match part {
            GrantsPart::All => unlisted.extend(names.iter().map(|app| (app.clone(), WHOLE.to_owned()))),
            GrantsPart::App(app) => {
                unlisted.insert(app, GrantsPart::INITIALS.to_owned());
            }
            GrantsPart::Initial { app, initial } => unlisted.entry(app).or_default().push(initial),
        }
    }
    unlisted
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::app_state::{AppState, StateCounts};

    fn state(active: u32, unlisted: &str) -> AppState {
        let counts = Some(StateCounts { active, ..StateCounts::default() });
        AppState { counts, unlisted: unlisted.to_owned(), ..AppState::default() }
    }

    fn listed(states: &[(&str, AppState)]) -> Vec<String> {
        let states = states.iter().map(|(app, state)| (AppName::parse(app).unwrap(), state.clone())).collect();
        let states = AppStates::of(states);
        parts(&states.names_with(&[]), &states).iter().map(ToString::to_string).collect()
    }

    #[test]
    fn few_grants_are_listed_in_one_pass() {
        assert_eq!(listed(&[]), [""]);
        assert_eq!(listed(&[("a", state(500, "")), ("b", state(500, ""))]), [""]);
    }

    #[test]
    fn many_grants_are_listed_by_app_and_by_initial() {
        let parts = listed(&[("small", state(10, "")), ("large", state(5_000, ""))]);
        assert_eq!(parts.len(), 37);
        assert_eq!((parts[0].as_str(), parts[1].as_str(), parts[36].as_str()), ("large/0", "small/", "large/z"));
    }

    #[test]
    fn parts_that_were_not_reached_come_first() {
        let parts = listed(&[("a", state(5_000, "")), ("b", state(5_000, "f9"))]);
        assert_eq!(parts[..4], ["b/f", "b/9", "a/0", "b/0"], "in the order in which the sweep before went");
        let parts = listed(&[("a", state(5_000, "")), ("b", state(10, GrantsPart::INITIALS))]);
        assert_eq!(parts[0], "b/0", "one that a pass of its own could not finish is split, however few are known");
    }

    #[test]
    fn pass_over_everything_that_was_cut_short_is_followed_by_one_for_each_app() {
        let parts = listed(&[("a", state(5_000, WHOLE)), ("b", state(10, WHOLE)), ("c", state(10, ""))]);
        assert_eq!(
            (parts[..3].to_vec(), parts.last().unwrap().as_str()),
            (vec!["a/0".into(), "b/".into(), "a/1".into()], "c/")
        );
    }

    /// Sweeps that have time for some parts only reach each part again and again, whatever the apps' sizes.
    #[test]
    fn sweeps_that_are_always_cut_short_leave_no_part_out() {
        let names: Vec<AppName> = ["a", "b"].map(|app| AppName::parse(app).unwrap()).to_vec();
        let mut states = BTreeMap::from([("a", state(90_000, "")), ("b", state(60_000, ""))]);
        let mut waits: BTreeMap<String, u32> = BTreeMap::new();
        for sweep in 0..100 {
            let known = states.iter().map(|(app, state)| (AppName::parse(app).unwrap(), state.clone())).collect();
            let parts = parts(&names, &AppStates::of(known));
            let time_for = 5 + sweep % 7;
            for part in &parts {
                *waits.entry(part.to_string()).or_default() += 1;
            }
            for part in &parts[..time_for] {
                waits.insert(part.to_string(), 0);
            }
            let unlisted = unlisted_of(parts.into_iter().skip(time_for), &names);
            for (app, state) in &mut states {
                state.unlisted = unlisted.get(&AppName::parse(app).unwrap()).cloned().unwrap_or_default();
            }
            assert!(*waits.values().max().unwrap() <= 12, "{waits:?}");
        }
    }
}
