//! Incidents: what is wrong at the end of a sweep, compared with what was announced before. People get a notice when
//! something breaks and one when it is well again, and none while it lasts.
//!
//! The incidents are saved after the notices were sent. A crash in between repeats notices and loses none.

mod compare;
mod find;
mod wording;

use std::collections::BTreeMap;

use jiff::Timestamp;

use super::app_states::NewAppState;
use super::fleet::Fleet;
use super::report::SweepOutcome;
use crate::app::App;
use crate::app_state::{Incident, IncidentCause};
use crate::context::{Context, Ports};
use crate::id::{AppName, GrantId};
use crate::notice;
use crate::notify;
use crate::port::{BusEvent, Events as _, Scan, Unreadable};

use compare::{Comparison, compare};

/// What a sweep has found.
pub(super) struct Findings<'a> {
    pub(super) apps: &'a Scan<App>,
    /// The records that cannot be read.
    pub(super) unreadable: &'a [Unreadable],
    pub(super) fleet: &'a Fleet,
    pub(super) outcome: &'a SweepOutcome,
}

/// What an incident is about. Incidents of the deployment are kept with the minter's app.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
struct IncidentKey {
    app: AppName,
    cause: IncidentCause,
    subject: Option<String>,
}

/// An incident that is open as the records stand.
#[derive(Debug, Clone)]
struct OpenIncident {
    since: Timestamp,
    /// The code of the failure; empty where there is none.
    code: String,
    /// The grants concerned.
    grants: Vec<GrantId>,
    /// How many are concerned, if they are not grants.
    count: u32,
    /// What failed, in words.
    reason: String,
}

type OpenIncidents = BTreeMap<IncidentKey, OpenIncident>;

/// Sends notices of what broke and of what is well again since the states were saved, and puts the incidents that are
/// now open into `states`. If a notice cannot be sent, the states keep the incidents of before, so that the next sweep
/// tries again.
pub(super) async fn announce<P: Ports>(cx: &Context<'_, P>, found: &Findings<'_>, states: &mut [NewAppState]) {
    if !cx.events.is_on() {
        return;
    }
    let Some(home) = home_of(cx, states) else { return };
    let known = known_incidents(states, &home);
    let open = find::open_incidents(cx, found, states, &known, &home);
    let compared = compare(open, known, found);
    let mut events: Vec<BusEvent> = Vec::new();
    for notice in wording::notices(&compared, cx.settings) {
        events.extend(notice.to_event(cx.now()));
    }
    if !notify::send(cx, &events).await {
        return;
    }
    notify::send(cx, &changes(cx, &compared, found.outcome)).await;
    notify::send_changes(cx).await;
    for state in states {
        state.state.incidents = compared.saved(&state.app);
    }
}

/// The app whose state holds the incidents of the deployment: the minter's, or the first if that one is not described.
fn home_of<P: Ports>(cx: &Context<'_, P>, states: &[NewAppState]) -> Option<AppName> {
    let minter = &cx.settings.minter.app;
    if states.iter().any(|state| state.app == *minter) {
        return Some(minter.clone());
    }
    states.iter().map(|state| state.app.clone()).min()
}

/// The incidents that were announced. Those of the deployment count wherever an earlier sweep has left them.
fn known_incidents(states: &[NewAppState], home: &AppName) -> BTreeMap<IncidentKey, Incident> {
    let mut known = BTreeMap::new();
    for NewAppState { app, state, .. } in states {
        for incident in &state.incidents {
            let app = if incident.cause.is_of_deployment() { home } else { app };
            let key = IncidentKey { app: app.clone(), cause: incident.cause, subject: incident.subject.clone() };
            known.insert(key, incident.clone());
        }
    }
    known
}

/// The events for programs.
fn changes<P: Ports>(cx: &Context<'_, P>, compared: &Comparison, outcome: &SweepOutcome) -> Vec<BusEvent> {
    let mut events = Vec::new();
    for (keys, is_open) in [(compared.broken_keys(), true), (compared.recovered_keys(), false)] {
        for key in keys {
            if let Some(change) = notice::incident_change(key.cause, &key.app, is_open) {
                events.extend(change.to_event(cx.now()));
            }
        }
    }
    for (name, counts) in &outcome.apps {
        if counts.webhooks_repaired > 0
            && let Ok(app) = AppName::parse(name)
        {
            events.extend(notice::repaired_change(&app, counts.webhooks_repaired).to_event(cx.now()));
        }
    }
    events
}
