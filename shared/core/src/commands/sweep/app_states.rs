//! The state of each app that a sweep leaves for operators: when it was swept, whether its webhooks deliver, and whether
//! Webex takes its credentials.

use std::collections::{BTreeMap, BTreeSet};

use jiff::SignedDuration;
use tracing::warn;

use super::counts::AppCounts;
use super::fleet::Fleet;
use super::report::{FailureLine, SweepOutcome};
use crate::app::App;
use crate::app_state::{AppCredentials, AppState, CredentialState, DataSourceSummary, StateCounts};
use crate::clock::Deadline;
use crate::context::{Context, Ports};
use crate::error::BrokerError;
use crate::id::{AppName, GrantId, Subject};
use crate::port::{Store as _, Webex as _, WebexError};
use crate::token::RefreshToken;

/// Time that the states need at the end of a sweep.
const SAVING: SignedDuration = SignedDuration::from_secs(2);

/// A refresh token that no one was ever issued. Webex checks the client's credentials before the token, so that its
/// answer tells whether they are right, and nothing is spent.
const NO_TOKEN: &str = "webex-token-broker-checks-the-client-credentials";

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
        let counts = self.get(app).and_then(|state| state.counts);
        counts.unwrap_or_default().total()
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
        for app in outcome.unlisted.clone().keys() {
            let known = self.known_grants(app);
            let counts = outcome.app(app);
            counts.deferred += known.saturating_sub(counts.by_state().total()).max(1);
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
    let credentials = credentials(cx, app, &before.credentials, fleet, outcome).await;
    if credentials.state == CredentialState::Wrong {
        report_wrong_credentials(app, &credentials, outcome);
    }
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

/// Whether Webex takes the app's credentials: as this sweep has seen, as the app's grants show that were issued to them,
/// as is known of this version of the secret, or as Webex says now.
async fn credentials<P: Ports>(
    cx: &Context<'_, P>,
    app: &App,
    before: &AppCredentials,
    fleet: &Fleet,
    outcome: &mut SweepOutcome,
) -> AppCredentials {
    if let Some(seen) = outcome.credentials.remove(&app.name) {
        return AppCredentials { checked_at: Some(cx.now()), version: Some(app.version.clone()), ..seen };
    }
    if before.version.is_none()
        && let Some(state) = shown_by_grants(app, fleet)
    {
        return AppCredentials { state, version: Some(app.version.clone()), ..AppCredentials::unknown() };
    }
    let is_checked = before.version.as_ref() == Some(&app.version);
    if is_checked || !cx.webex_deadline().allows(cx.now(), SAVING) {
        return before.clone();
    }
    let answer = cx.webex.refresh(&app.client, &RefreshToken::new(NO_TOKEN), cx.webex_deadline()).await;
    let said = match answer {
        Ok(_) => AppCredentials::unknown(),
        Err(error) => verdict(&error),
    };
    // Without a verdict the next sweep asks again.
    let version = if said.state == CredentialState::Unknown { None } else { Some(app.version.clone()) };
    AppCredentials { checked_at: Some(cx.now()), version, ..said }
}

/// Judges the credentials of an app that no sweep knew before by its grants: they are right if a pair was issued to them
/// and nothing fails. `None` if it has no pair at all.
fn shown_by_grants(app: &App, fleet: &Fleet) -> Option<CredentialState> {
    if fleet.healthy_grant(&app.name).is_some() {
        Some(CredentialState::Ok)
    } else if fleet.has_pair(&app.name) {
        Some(CredentialState::Unknown)
    } else {
        None
    }
}

/// Judges the credentials by Webex's refusal of a refresh.
pub(super) fn verdict(error: &WebexError) -> AppCredentials {
    match error.code.as_deref() {
        Some("invalid_grant") => AppCredentials { state: CredentialState::Ok, ..AppCredentials::unknown() },
        Some("invalid_client") => AppCredentials {
            state: CredentialState::Wrong,
            reason: Some(BrokerError::Webex(error.clone()).words()),
            ..AppCredentials::unknown()
        },
        _ => AppCredentials::unknown(),
    }
}

/// One failure for the app, unless a grant's has told it already.
fn report_wrong_credentials(app: &App, credentials: &AppCredentials, outcome: &mut SweepOutcome) {
    let is_listed = |line: &FailureLine| line.app == app.name.as_str() && line.code == "invalid_client";
    if outcome.report.failures.iter().any(is_listed) {
        return;
    }
    outcome.add_failure(FailureLine {
        app: app.name.to_string(),
        subject: String::new(),
        code: "invalid_client".to_owned(),
        tracking_id: None,
        reason: credentials.reason.clone().unwrap_or_default(),
    });
}
