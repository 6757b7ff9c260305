//! What a sweep is to do, and in which order.

use std::collections::HashSet;

use jiff::Timestamp;

use super::probes;
use crate::app::{App, AppType};
use crate::grant::{Grant, State};
use crate::id::GrantId;
use crate::memory::Memory;
use crate::port::{Scan, Stored};
use crate::settings::BrokerSettings;

/// One grant to look at.
#[derive(Debug)]
pub(super) struct Task {
    /// The grant.
    pub(super) id: GrantId,
    /// What is to be done.
    pub(super) work: Work,
    /// Since when, or until when, its callers have a token to work with: the earlier, the more urgent.
    urgency: Timestamp,
}

/// What there is to do for a grant.
#[derive(Debug)]
pub(super) enum Work {
    /// Its pair is due, or renewals are failing.
    Renew(Box<Stored>),
    /// Webex is to say whether the organisation has authorised the app.
    Ask(Box<Stored>),
    /// Webex is to say whether the access token lives.
    Probe(Box<Stored>),
    /// The operator names the organisation, and there is no grant.
    Discover,
    /// It is revoked, and its deletion was never scheduled.
    FinishRetirement,
}

impl Task {
    /// Whether a record that was scanned is busy with it. A probe counts as nothing to do.
    pub(super) fn is_about_a_record(&self) -> bool {
        !matches!(self.work, Work::Discover | Work::Probe(_))
    }
}

/// The tasks of one sweep, the most urgent first.
pub(super) fn plan(
    apps: &[App],
    grants: &Scan<Stored>,
    settings: &BrokerSettings,
    memory: &Memory,
    now: Timestamp,
) -> Vec<Task> {
    let configured: Vec<GrantId> = apps.iter().flat_map(configured_orgs).collect();
    let wanted: HashSet<&GrantId> = configured.iter().collect();
    let mut tasks = Vec::new();
    let mut idle = Vec::new();
    for stored in &grants.items {
        match work_for(stored, wanted.contains(&stored.grant.id), settings, now) {
            Some((work, urgency)) => tasks.push(Task { id: stored.grant.id.clone(), work, urgency }),
            None => idle.push(stored),
        }
    }
    tasks.extend(probes_of(&idle, settings, memory, now));
    if grants.cut_short.is_none() {
        tasks.extend(discoveries(&configured, grants));
    }
    tasks.sort_by(|a, b| (a.urgency, &a.id).cmp(&(b.urgency, &b.id)));
    tasks.dedup_by(|a, b| a.id == b.id);
    prove_the_store_first(&mut tasks, now);
    tasks
}

/// The first renewal of a sweep proves that the store takes writes. A record that is written least and does not fail
/// goes first, so that the proof does not exhaust one failing record.
fn prove_the_store_first(tasks: &mut [Task], now: Timestamp) {
    let cost = |task: &Task| match &task.work {
        Work::Renew(stored) => Some((stored.grant.failure.is_some(), stored.grant.writes_in_a_day(now))),
        _ => None,
    };
    let renewals = tasks.iter().enumerate().filter_map(|(at, task)| Some((cost(task)?, at)));
    let Some((_, first)) = renewals.min() else { return };
    tasks[..=first].rotate_right(1);
}

fn probes_of(idle: &[&Stored], settings: &BrokerSettings, memory: &Memory, now: Timestamp) -> Vec<Task> {
    let grants = idle.iter().map(|stored| &stored.grant).filter(|grant| grant.id != settings.minter);
    let due: HashSet<&GrantId> = probes::due(grants, memory, now).into_iter().map(|grant| &grant.id).collect();
    let asked = idle.iter().filter(|stored| due.contains(&stored.grant.id));
    asked
        .map(|stored| Task {
            id: stored.grant.id.clone(),
            work: Work::Probe(Box::new((*stored).clone())),
            urgency: Timestamp::MAX,
        })
        .collect()
}

/// The configured organisations without a record: neither one that was read nor one that could not be read. Minting for
/// those would bring a token that cannot be stored.
fn discoveries(configured: &[GrantId], grants: &Scan<Stored>) -> Vec<Task> {
    let read: HashSet<&GrantId> = grants.items.iter().map(|stored| &stored.grant.id).collect();
    let unreadable: HashSet<&str> = grants.unreadable.iter().map(|document| document.name.as_str()).collect();
    let mut tasks = Vec::new();
    for id in configured {
        if !read.contains(id) && !unreadable.contains(format!("grants/{id}").as_str()) {
            tasks.push(Task { id: id.clone(), work: Work::Discover, urgency: Timestamp::MAX });
        }
    }
    tasks
}

/// What is to be done for one grant now, if anything. The minter is not here: it went first.
fn work_for(stored: &Stored, is_wanted: bool, settings: &BrokerSettings, now: Timestamp) -> Option<(Work, Timestamp)> {
    let grant = &stored.grant;
    if grant.id == settings.minter {
        return None;
    }
    let has_settled = grant.has_settled(now, settings.fence_settle);
    let boxed = Box::new(stored.clone());
    match grant.state {
        State::Active if is_due(grant, settings, now) => Some((Work::Renew(boxed), ends_at(grant))),
        State::Pending => Some((Work::Ask(boxed), grant.authorized_at.unwrap_or(now).min(now))),
        State::Fenced if grant.id.subject.org().is_some() && has_settled => {
            Some((Work::Ask(boxed), grant.fenced_at.unwrap_or(now).min(now)))
        }
        State::Revoked if grant.blocked => None,
        State::Revoked if is_wanted && has_settled => Some((Work::Ask(boxed), Timestamp::MAX)),
        State::Revoked => Some((Work::FinishRetirement, Timestamp::MAX)),
        State::Active | State::Fenced => None,
    }
}

/// Due by its age, or failing: a failing grant is tried again by every sweep.
pub(super) fn is_due(grant: &Grant, settings: &BrokerSettings, now: Timestamp) -> bool {
    if grant.failure.is_some() {
        return true;
    }
    match settings.renew_at.due_at(grant) {
        Some(due) => due <= now,
        None => false,
    }
}

fn ends_at(grant: &Grant) -> Timestamp {
    match &grant.pair {
        Some(pair) => pair.access_token_expires_at,
        None => Timestamp::MIN,
    }
}

fn configured_orgs(app: &App) -> impl Iterator<Item = GrantId> {
    let orgs = match &app.kind {
        AppType::ServiceApp(service_app) => service_app.orgs.as_slice(),
        AppType::Integration(_) => &[],
    };
    orgs.iter().map(|org| GrantId::new(app.name.clone(), org.clone().into()))
}
