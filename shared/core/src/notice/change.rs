//! The changes of grants, of the minter and of apps, as events for programs.

use jiff::Timestamp;
use serde::Serialize;

use super::change_kind;
use crate::app_state::IncidentCause;
use crate::grant::{Grant, State, Transition, TransitionKind};
use crate::id::{AppName, GrantId};
use crate::port::BusEvent;

/// A change of a grant that is worth an event. A plain renewal is none.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GrantChange {
    pub(crate) id: GrantId,
    /// The kind without its first word: `activated` of `grant.activated`.
    pub(crate) kind: &'static str,
    state: State,
    transition: Transition,
}

/// A change of an app.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct AppChange {
    kind: &'static str,
    app: AppName,
    count: Option<u32>,
}

/// The `detail` of a change event.
#[derive(Serialize)]
struct ChangeDetail<'a> {
    kind: &'a str,
    app: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    subject: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    state: Option<State>,
    at: Timestamp,
    #[serde(skip_serializing_if = "Option::is_none")]
    by: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    code: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    tracking_id: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    count: Option<u32>,
}

impl GrantChange {
    /// The change that `transition` made of `previous`.
    pub(crate) fn of(previous: Option<&Grant>, grant: &Grant, transition: &Transition) -> Option<Self> {
        let was_active = matches!(previous, Some(previous) if previous.state == State::Active);
        let is_activated = grant.state == State::Active && !was_active;
        let kind = match transition.what {
            TransitionKind::Minted
            | TransitionKind::Recovered
            | TransitionKind::Imported
            | TransitionKind::Consented
                if is_activated =>
            {
                "activated"
            }
            TransitionKind::Renewed | TransitionKind::Minted => return None,
            TransitionKind::Imported | TransitionKind::Consented => "replaced",
            // An import makes an empty record first, to see whether the store takes writes.
            TransitionKind::Retired if previous.is_none() => return None,
            TransitionKind::Authorized
            | TransitionKind::Failing
            | TransitionKind::Recovered
            | TransitionKind::Fenced
            | TransitionKind::Retired
            | TransitionKind::Restored
            | TransitionKind::Removed
            | TransitionKind::Blocked
            | TransitionKind::Unblocked => transition.what.as_str(),
        };
        Some(Self { id: grant.id.clone(), kind, state: grant.state, transition: transition.clone() })
    }

    /// Whether people want to know it at once. What fails and recovers is told by sweeps, as incidents.
    pub(crate) fn is_for_people(&self) -> bool {
        !matches!(self.kind, "authorized" | "failing" | "recovered")
    }

    /// The event: `Minter Changed` for the minter, `Grant Changed` for all others.
    pub(crate) fn to_event(&self, minter: &GrantId) -> Option<BusEvent> {
        let is_minter = self.id == *minter;
        let kind = format!("{}.{}", if is_minter { "minter" } else { "grant" }, self.kind);
        let detail = ChangeDetail {
            kind: &kind,
            app: self.id.app.as_str(),
            subject: Some(self.id.subject.as_str()),
            state: Some(self.state),
            at: self.transition.at,
            by: Some(&self.transition.by),
            code: self.transition.code.as_deref(),
            tracking_id: self.transition.tracking_id.as_deref(),
            count: None,
        };
        let detail_type = if is_minter { "Minter Changed" } else { "Grant Changed" };
        Some(BusEvent { detail_type, detail: serde_json::to_string(&detail).ok()?, at: self.transition.at })
    }
}

/// The change that opens or closes an incident of an app, if programs are told of it.
pub(crate) fn incident_change(cause: IncidentCause, app: &AppName, is_open: bool) -> Option<AppChange> {
    Some(AppChange { kind: change_kind(cause, is_open)?, app: app.clone(), count: None })
}

/// The change that a sweep makes when it repairs `count` webhook registrations.
pub(crate) fn repaired_change(app: &AppName, count: u32) -> AppChange {
    AppChange { kind: "registration.repaired", app: app.clone(), count: Some(count) }
}

impl AppChange {
    /// The event: `Minter Changed` if the minter is concerned, `App Changed` for all others.
    pub(crate) fn to_event(&self, at: Timestamp) -> Option<BusEvent> {
        let detail = ChangeDetail {
            kind: self.kind,
            app: self.app.as_str(),
            subject: None,
            state: None,
            at,
            by: Some("sweep"),
            code: None,
            tracking_id: None,
            count: self.count,
        };
        let detail_type = if self.kind.starts_with("minter.") { "Minter Changed" } else { "App Changed" };
        Some(BusEvent { detail_type, detail: serde_json::to_string(&detail).ok()?, at })
    }
}
