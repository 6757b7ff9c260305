//! The state of each app that a sweep leaves for operators: when it was swept, whether its webhooks deliver, and whether
//! Webex takes its credentials.

use std::collections::{BTreeMap, BTreeSet};

use jiff::SignedDuration;
use tracing::warn;

use super::counts::AppCounts;
use super::credentials;
use super::fleet::Fleet;
use super::report::SweepOutcome;
use crate::app::App;
use crate::app_state::{AppState, DataSourceSummary, StateCounts};
use crate::clock::Deadline;
use crate::context::{Context, Ports};
use crate::id::{AppName, GrantId, Subject};
use crate::port::Store as _;

/// Time that the states need at the end of a sweep.
const SAVING: SignedDuration = SignedDuration::from_secs(2);

/// The states that earlier sweeps have saved; `None` if they cannot be read.
pub(super) struct AppStates(Option<BTreeMap<AppName, AppState>>);

/// The state of one app that this sweep is going to save.
pub(super) struct NewAppState {
    pub(super) app: AppName,
    pub(super) state: AppState,
    is_first: bool,
}

/// Reads the states. Nothing here keeps a sweep from succeeding.
pub(super) async fn load<P: Ports>(cx: &Context<'_, P>, deadline: Deadline) -> AppStates {
    match cx.store.app_states(deadline).await {
        Ok(states) => AppStates(Some(states)),
        Err(error) => {
            warn!(outcome = "failed", "the apps' states could not be read: {error}");
            AppStates(None)
        }
    }
}

impl AppStates {
    #[cfg(test)]
    pub(super) fn of(states: BTreeMap<AppName, AppState>) -> Self {
        Self(Some(states))
    }

    /// Whether an operator has removed the app as its secret describes it.
    pub(super) fn has_removed(&self, app: &App) -> bool {
        match self.get(&app.name) {
            Some(state) => state.removed_version.as_ref() == Some(&app.version),
            None => false,
        }
    }

    /// The apps that are described, and those that were.
    pub(super) fn names_with(&self, apps: &[App]) -> Vec<AppName> {
        let described = apps.iter().map(|app| &app.name);
        let known = self.0.iter().flat_map(BTreeMap::keys);
        let names: BTreeSet<&AppName> = described.chain(known).collect();
        names.into_iter().cloned().collect()
    }

    /// The grants of an app as the last sweep counted them; none if nothing is known.
    pub(super) fn known_grants(&self, app: &AppName) -> u32 {
        self.known_counts(app).total()
    }

    /// The grants of an app by state, as the last sweep counted them; none if nothing is known.
    pub(super) fn known_counts(&self, app: &AppName) -> StateCounts {
        let counts = self.get(app).and_then(|state| state.counts);
        counts.unwrap_or_default()
    }

    /// The initials of the subjects that the last sweep did not reach.
    pub(super) fn unlisted(&self, app: &AppName) -> &str {
        match self.get(app) {
            Some(state) => &state.unlisted,
            None => "",
        }
    }

    /// The grants that people had a notice about.
    pub(super) fn announced(&self) -> BTreeSet<GrantId> {
        let mut announced = BTreeSet::new();
        for (app, state) in self.0.iter().flatten() {
            for subject in state.incidents.iter().filter_map(|incident| incident.subject.as_deref()) {
                announced.extend(Subject::parse(subject).ok().map(|subject| GrantId::new(app.clone(), subject)));
            }
        }
        announced
    }

    /// Counts the grants as deferred that this sweep did not reach, as far as the last one knew them: one at least.
    pub(super) fn defer_unlisted(&self, outcome: &mut SweepOutcome) {
        for app in outcome.unlisted.keys() {
            let counts = outcome.apps.entry(app.to_string()).or_default();
            counts.deferred += self.known_grants(app).saturating_sub(counts.by_state().total()).max(1);
        }
    }

    fn get(&self, app: &AppName) -> Option<&AppState> {
        self.0.as_ref()?.get(app)
    }

    /// Checks credentials that are new. Returns the states to be saved, none if the earlier ones could not be read.
    pub(super) async fn update<P: Ports>(
        self,
        cx: &Context<'_, P>,
        apps: &[App],
        fleet: &Fleet,
        outcome: &mut SweepOutcome,
    ) -> Vec<NewAppState> {
        let Some(mut known) = self.0 else { return Vec::new() };
        let mut updated = Vec::new();
        for app in apps {
            let before = known.remove(&app.name);
            updated.push(update_one(cx, app, before, fleet, outcome).await);
        }
        updated
    }
}

/// Saves the states, as far as the time allows.
pub(super) async fn save<P: Ports>(cx: &Context<'_, P>, states: &[NewAppState]) {
    for NewAppState { app, state, is_first } in states {
        if !cx.deadline.allows(cx.now(), SAVING) {
            return;
        }
        if let Err(error) = cx.store.save_app_state(app, state, *is_first, cx.deadline).await {
            warn!(app = %app, outcome = "failed", "the state of {app} could not be saved: {error}");
        }
    }
}

async fn update_one<P: Ports>(
    cx: &Context<'_, P>,
    app: &App,
    before: Option<AppState>,
    fleet: &Fleet,
    outcome: &mut SweepOutcome,
) -> NewAppState {
    let is_first = before.is_none();
    let before = before.unwrap_or_default();
    let credentials = credentials::check(cx, app, &before.credentials, fleet, outcome).await;
    let counts = outcome.apps.get(app.name.as_str()).cloned().unwrap_or_default();
    let unlisted = outcome.unlisted.get(&app.name).cloned().unwrap_or_default();
    let state = AppState {
        last_sweep_at: Some(cx.now()),
        webhooks: outcome.webhooks.get(&app.name).cloned().unwrap_or(before.webhooks),
        credentials,
        counts: Some(counts_to_keep(before.counts, counts.by_state(), &unlisted)),
        unlisted,
        removed_version: None,
        live_tokens: Some(counts.live_tokens),
        data_sources: data_sources_of(app, &counts, before.data_sources),
        incidents: before.incidents,
    };
    NewAppState { app: app.name.clone(), state, is_first }
}

/// The counts of a sweep that did not reach every grant replace only lower ones.
fn counts_to_keep(before: Option<StateCounts>, seen: StateCounts, unlisted: &str) -> StateCounts {
    match before {
        Some(counts) if !unlisted.is_empty() && counts.total() > seen.total() => counts,
        _ => seen,
    }
}

/// What this sweep counted; as `before` if it could not read the records.
fn data_sources_of(app: &App, counts: &AppCounts, before: Option<DataSourceSummary>) -> Option<DataSourceSummary> {
    match &counts.data_sources {
        Some(counted) => Some(counted.summary()),
        None if app.data_sources().is_empty() => None,
        None => before,
    }
}
