//! What a sweep would do, and in which order.

use std::collections::HashSet;

use jiff::Timestamp;

use crate::app::{App, AppType};
use crate::broker::Settings;
use crate::grant::{Grant, State};
use crate::id::GrantId;
use crate::port::{Scan, Stored};

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
    /// Webex is to say whether the org has authorised the app.
    Ask(Box<Stored>),
    /// The operator names the org, and there is no grant.
    Discover,
    /// It is revoked, and its deletion was never scheduled.
    FinishRetirement,
}

impl Task {
    /// Whether it is about a record that was scanned.
    pub(super) fn is_about_a_record(&self) -> bool {
        !matches!(self.work, Work::Discover)
    }
}

/// The tasks of one sweep, the most urgent first.
pub(super) fn plan(apps: &[App], grants: &Scan<Stored>, settings: &Settings, now: Timestamp) -> Vec<Task> {
    let unknown = unknown(grants);
    let configured: Vec<GrantId> = apps.iter().flat_map(configured_orgs).collect();
    let wanted: HashSet<&GrantId> = configured.iter().collect();
    let of_grants = grants.items.iter().filter_map(|stored| {
        let (work, urgency) = work_for(stored, wanted.contains(&stored.grant.id), settings, now)?;
        Some(Task { id: stored.grant.id.clone(), work, urgency })
    });
    let discovered = configured.iter().filter(|id| unknown(id)).map(|id| Task {
        id: id.clone(),
        work: Work::Discover,
        urgency: Timestamp::MAX,
    });
    let mut tasks: Vec<_> = of_grants.chain(discovered).collect();
    tasks.sort_by(|a, b| (a.urgency, &a.id).cmp(&(b.urgency, &b.id)));
    tasks.dedup_by(|a, b| a.id == b.id);
    tasks
}

/// Whether there is no record of a grant, as far as the scan tells: neither one that could not be read, nor one that was
/// not listed. Minting for those would bring a token that nobody can store.
fn unknown(grants: &Scan<Stored>) -> impl Fn(&GrantId) -> bool {
    let read: HashSet<&GrantId> = grants.items.iter().map(|stored| &stored.grant.id).collect();
    let unreadable: HashSet<&str> = grants.unreadable.iter().map(|document| document.name.as_str()).collect();
    move |id| grants.cut_short.is_none() && !read.contains(id) && !unreadable.contains(format!("grants/{id}").as_str())
}

/// What is to be done for one grant now, if anything. The minter is not here: it went first.
fn work_for(stored: &Stored, wanted: bool, settings: &Settings, now: Timestamp) -> Option<(Work, Timestamp)> {
    let grant = &stored.grant;
    if grant.id == settings.minter {
        return None;
    }
    let boxed = || Box::new(stored.clone());
    match grant.state {
        State::Active => is_due(grant, settings, now).then(|| (Work::Renew(boxed()), ends(grant))),
        State::Pending => Some((Work::Ask(boxed()), grant.authorized_at.unwrap_or(now).min(now))),
        State::Fenced if grant.id.subject.org().is_some() && grant.has_settled(now, settings.fence_settle) => {
            Some((Work::Ask(boxed()), grant.fenced_at.unwrap_or(now).min(now)))
        }
        State::Fenced => None,
        State::Revoked if wanted && grant.has_settled(now, settings.fence_settle) => {
            Some((Work::Ask(boxed()), Timestamp::MAX))
        }
        State::Revoked => Some((Work::FinishRetirement, Timestamp::MAX)),
    }
}

/// Due by its age, or failing: what fails is tried again by every sweep.
pub(super) fn is_due(grant: &Grant, settings: &Settings, now: Timestamp) -> bool {
    grant.failure.is_some() || settings.renew_at.due_at(grant).is_some_and(|due| due <= now)
}

fn ends(grant: &Grant) -> Timestamp {
    grant.pair.as_ref().map_or(Timestamp::MIN, |pair| pair.access_token_expires_at)
}

fn configured_orgs(app: &App) -> impl Iterator<Item = GrantId> {
    let orgs = match &app.kind {
        AppType::ServiceApp(service_app) => service_app.orgs.as_slice(),
        AppType::Integration(_) => &[],
    };
    orgs.iter().map(|org| GrantId::new(app.name.clone(), org.clone().into()))
}
