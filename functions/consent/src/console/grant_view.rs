//! A grant as a page shows it.

use broker_core::grant::{Transition, TransitionKind};
use broker_core::id::GrantId;
use broker_core::request::{GrantStatus, ShownState};
use jiff::Timestamp;

use super::life_clock::LifeClock;
use super::time_text::Moment;

/// One row of the fleet.
#[derive(Debug)]
pub(crate) struct GrantRow {
    pub(crate) app: String,
    pub(crate) subject: String,
    /// The page of the grant from the root; `None` for a record whose name cannot be read.
    pub(crate) href: Option<String>,
    /// The display name of the organisation.
    pub(crate) name: Option<String>,
    pub(crate) state: &'static str,
    pub(crate) level: &'static str,
    pub(crate) reason: Option<String>,
    pub(crate) access: Option<LifeClock>,
    pub(crate) due: Option<Moment>,
}

/// One entry of the history.
#[derive(Debug)]
pub(crate) struct HistoryRow {
    pub(crate) at: Moment,
    pub(crate) what: &'static str,
    pub(crate) level: &'static str,
    pub(crate) by: String,
    pub(crate) code: Option<String>,
    pub(crate) tracking_id: Option<String>,
}

impl GrantRow {
    pub(crate) fn new(grant: GrantStatus, now: Timestamp) -> Self {
        let (state, level) = state_of(&grant);
        let id = GrantId::parse(&format!("{}/{}", grant.app, grant.subject)).ok();
        Self {
            href: id.map(|id| page_of(&id)),
            access: LifeClock::access(&grant, now),
            due: grant.due_at.map(|due| Moment::new(due, now)),
            app: grant.app,
            subject: grant.subject,
            name: grant.name,
            reason: grant.reason,
            state,
            level,
        }
    }
}

impl HistoryRow {
    fn new(entry: Transition, now: Timestamp) -> Self {
        let (what, level) = words_for(entry.what);
        Self {
            at: Moment::new(entry.at, now),
            what,
            level,
            by: entry.by,
            code: entry.code,
            tracking_id: entry.tracking_id,
        }
    }
}

/// The page of a grant, from the root.
pub(crate) fn page_of(id: &GrantId) -> String {
    format!("fleet/{}/{}", id.app, id.subject)
}

/// The history, newest first.
pub(crate) fn history(entries: Option<Vec<Transition>>, now: Timestamp) -> Vec<HistoryRow> {
    let entries = entries.unwrap_or_default();
    entries.into_iter().rev().map(|entry| HistoryRow::new(entry, now)).collect()
}

/// The state in a word or two, and how it is coloured.
pub(crate) fn state_of(grant: &GrantStatus) -> (&'static str, &'static str) {
    match grant.state {
        _ if grant.blocked => ("Blocked", "off"),
        ShownState::Active if grant.failing => ("Failing", "bad"),
        ShownState::Active => ("Active", "good"),
        ShownState::Pending => ("Pending", "warn"),
        ShownState::Fenced => ("Fenced", "warn"),
        ShownState::Revoked => ("Ended", "off"),
        ShownState::Unreadable => ("Unreadable", "bad"),
    }
}

/// The meaning of the state in a sentence, for a page that is shown at `now`.
pub(crate) fn meaning_of(grant: &GrantStatus, now: Timestamp) -> &'static str {
    match grant.state {
        _ if grant.blocked => "An operator keeps this grant out. Callers get no token.",
        ShownState::Active if access_has_ended(grant, now) => {
            "The access token has ended, so callers get none. Each sweep tries to renew it."
        }
        ShownState::Active if grant.failing => {
            "Callers get its token while the token lives. The last renewal failed; each sweep tries again."
        }
        ShownState::Active => "Callers get its token, and the broker renews it.",
        ShownState::Pending => "An event announced an authorisation. Callers get no token until Webex confirms it.",
        ShownState::Fenced => "An event announced a withdrawal. Callers get no token until Webex says otherwise.",
        ShownState::Revoked => "The grant has ended. Callers get no token.",
        ShownState::Unreadable => "The record cannot be read and was left alone. Callers get no token.",
    }
}

fn access_has_ended(grant: &GrantStatus, now: Timestamp) -> bool {
    match grant.access_token_expires_at {
        Some(ends) => ends <= now,
        None => false,
    }
}

fn words_for(what: TransitionKind) -> (&'static str, &'static str) {
    match what {
        TransitionKind::Authorized => ("Webex announced an authorisation", "good"),
        TransitionKind::Minted => ("A token pair was minted", "good"),
        TransitionKind::Renewed => ("The token pair was renewed", "good"),
        TransitionKind::Failing => ("A renewal failed", "bad"),
        TransitionKind::Recovered => ("Renewed again after failures", "good"),
        TransitionKind::Fenced => ("Webex announced a withdrawal", "warn"),
        TransitionKind::Retired => ("Webex confirmed the withdrawal", "off"),
        TransitionKind::Restored => ("Taken back after its end", "good"),
        TransitionKind::Imported => ("A token pair was imported", "good"),
        TransitionKind::Consented => ("A person consented", "good"),
        TransitionKind::Removed => ("Removed", "off"),
        TransitionKind::Blocked => ("Removed and blocked", "off"),
        TransitionKind::Unblocked => ("The block was lifted", "good"),
    }
}
