//! Listing all grants: in one pass while they are few, in parts at once when they are many.

use std::collections::BTreeMap;
use std::sync::Mutex;

use futures_util::{StreamExt as _, stream};
use jiff::SignedDuration;

use super::app_states::AppStates;
use super::census::Census;
use super::scheduled;
use crate::app::App;
use crate::clock::Deadline;
use crate::context::{Context, Ports};
use crate::error::BrokerError;
use crate::id::AppName;
use crate::port::{GrantsPart, Store as _, StoreError};
use crate::sync::lock;

/// Grants of all apps up to which one pass lists them: 60 pages of 20, about 18 seconds. More passes cost more calls.
const ONE_PASS: u32 = 1_200;

/// Grants of an app up to which one pass lists them, where there are many in all.
const ONE_PASS_OF_APP: u32 = 500;

/// Passes at once. A page takes about 0.3 s and Secrets Manager accepts about 100 a second.
const PASSES_AT_ONCE: usize = 24;

/// In the place of initials: one pass over everything did not reach all grants of the app.
const WHOLE: &str = "*";

/// How the listing ended.
pub(super) struct ListingEnd {
    /// The parts that were listed to the end.
    pub(super) complete: Vec<GrantsPart>,
    /// The initials of the subjects that were not listed to the end, by app. The next sweep begins with them.
    pub(super) unlisted: BTreeMap<AppName, String>,
    /// Why a part was not listed to the end.
    pub(super) cut_short: Option<StoreError>,
}

/// Lists all grants into `census`. An error means that not one page could be read.
pub(super) async fn list<P: Ports>(
    cx: &Context<'_, P>,
    apps: &[App],
    states: &AppStates,
    census: &Mutex<Census<'_>>,
    deadline: Deadline,
) -> Result<ListingEnd, BrokerError> {
    let names = states.names_with(apps);
    let passes = stream::iter(parts(&names, states)).map(|part| list_part(cx, part, census, deadline));
    let mut passes = passes.buffer_unordered(PASSES_AT_ONCE);
    let mut listing = ListingEnd { complete: Vec::new(), unlisted: BTreeMap::new(), cut_short: None };
    let mut has_listed = false;
    while let Some((part, end)) = passes.next().await {
        has_listed |= end.is_ok();
        match end {
            Ok(None) => listing.complete.push(part),
            Ok(Some(error)) | Err(error) => listing.add_unlisted(&part, &names, error),
        }
    }
    match listing.cut_short {
        Some(error) if !has_listed => Err(error.into()),
        _ => Ok(listing),
    }
}

/// The parts in the order in which they are listed: those first that the sweep before did not reach.
fn parts(names: &[AppName], states: &AppStates) -> Vec<GrantsPart> {
    let is_complete = names.iter().all(|app| states.unlisted(app).is_empty());
    let grants: u32 = names.iter().map(|app| states.known_grants(app)).sum();
    if is_complete && grants <= ONE_PASS {
        return vec![GrantsPart::All];
    }
    let mut first = Vec::new();
    let mut then = Vec::new();
    for app in names {
        let unlisted = states.unlisted(app);
        let is_small = states.known_grants(app) <= ONE_PASS_OF_APP;
        if is_small && (unlisted.is_empty() || unlisted == WHOLE) {
            let parts = if unlisted.is_empty() { &mut then } else { &mut first };
            parts.push(GrantsPart::App(app.clone()));
            continue;
        }
        for initial in GrantsPart::INITIALS.chars() {
            let part = GrantsPart::Initial { app: app.clone(), initial };
            if unlisted == WHOLE || unlisted.contains(initial) {
                first.push(part);
            } else {
                then.push(part);
            }
        }
    }
    first.extend(then);
    first
}

async fn list_part<P: Ports>(
    cx: &Context<'_, P>,
    part: GrantsPart,
    census: &Mutex<Census<'_>>,
    deadline: Deadline,
) -> (GrantsPart, Result<Option<StoreError>, StoreError>) {
    if part != GrantsPart::All && deadline.left(cx.now()) == SignedDuration::ZERO {
        let code = "DeadlineReached".to_owned();
        return (part, Ok(Some(StoreError::Unavailable { operation: "BatchGetSecretValue", code })));
    }
    scheduled::restore_live_records(cx, &part, census, deadline).await;
    let mut see = |page| lock(census).add_page(page);
    let end = cx.store.list_grants(&part, &mut see, deadline).await;
    (part, end)
}

impl ListingEnd {
    fn add_unlisted(&mut self, part: &GrantsPart, names: &[AppName], error: StoreError) {
        match part {
            GrantsPart::All => {
                for app in names {
                    self.unlisted.insert(app.clone(), WHOLE.to_owned());
                }
            }
            GrantsPart::App(app) => {
                self.unlisted.insert(app.clone(), GrantsPart::INITIALS.to_owned());
            }
            GrantsPart::Initial { app, initial } => self.unlisted.entry(app.clone()).or_default().push(*initial),
        }
        if self.cut_short.is_none() {
            self.cut_short = Some(error);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::app_state::{AppState, StateCounts};

    fn state(active: u32, unlisted: &str) -> AppState {
        let counts = Some(StateCounts { active, ..StateCounts::default() });
        AppState { counts, unlisted: unlisted.to_owned(), ..AppState::default() }
    }

    fn parts_of(states: &[(&str, AppState)]) -> Vec<String> {
        let states = states.iter().map(|(app, state)| (AppName::parse(app).unwrap(), state.clone())).collect();
        let states = AppStates::of(states);
        parts(&states.names_with(&[]), &states).iter().map(ToString::to_string).collect()
    }

    #[test]
    fn few_grants_are_listed_in_one_pass() {
        assert_eq!(parts_of(&[]), [""]);
        assert_eq!(parts_of(&[("a", state(500, "")), ("b", state(500, ""))]), [""]);
    }

    #[test]
    fn many_grants_are_listed_by_app_and_by_initial() {
        let parts = parts_of(&[("small", state(10, "")), ("large", state(5_000, ""))]);
        assert_eq!(parts.len(), 37);
        assert_eq!((parts[0].as_str(), parts[35].as_str(), parts[36].as_str()), ("large/0", "large/z", "small/"));
    }

    #[test]
    fn parts_that_were_not_reached_come_first() {
        let parts = parts_of(&[("a", state(5_000, "")), ("b", state(5_000, "9f"))]);
        assert_eq!(parts[..3], ["b/9", "b/f", "a/0"]);
        let parts = parts_of(&[("a", state(5_000, "")), ("b", state(10, GrantsPart::INITIALS))]);
        assert_eq!(parts[0], "b/0", "one that a pass of its own could not finish is split, however few are known");
    }

    #[test]
    fn pass_over_everything_that_was_cut_short_is_followed_by_one_for_each_app() {
        let parts = parts_of(&[("a", state(5_000, WHOLE)), ("b", state(10, WHOLE)), ("c", state(10, ""))]);
        assert_eq!((parts[0].as_str(), parts[36].as_str(), parts.last().unwrap().as_str()), ("a/0", "b/", "c/"));
    }
}
