//! What a sweep is to do, and in which order.

use std::collections::BTreeMap;

use jiff::Timestamp;

use crate::grant::{Grant, State};
use crate::id::GrantId;
use crate::port::Stored;
use crate::settings::BrokerSettings;
use crate::token::AccessToken;

/// Grants with work that a sweep keeps. Each costs about four writes, of which Secrets Manager takes 50 a second, so a
/// Lambda function has no time for more.
const AT_MOST: usize = 12_000;

/// One grant to look at.
#[derive(Debug)]
pub(super) struct Task {
    /// The grant.
    pub(super) id: GrantId,
    /// What is to be done.
    pub(super) work: Work,
}

/// What there is to do for a grant.
#[derive(Debug)]
pub(super) enum Work {
    /// Its pair is due, or renewals are failing.
    Renew(Box<Stored>),
    /// Webex is to say whether the organisation has authorised the app.
    Ask(Box<Stored>),
    /// Webex is to say whether the access token lives.
    Probe(AccessToken),
    /// The operator names the organisation, and there is no grant.
    Discover,
    /// It is revoked, and its deletion was never scheduled.
    FinishRetirement,
}

/// The most urgent tasks, in order. The earlier the callers of a grant are, or were, without a token, the more urgent.
#[derive(Debug, Default)]
pub(super) struct TaskList(BTreeMap<(Timestamp, GrantId), Work>);

impl TaskList {
    /// Adds a task. Returns the grant of the least urgent one if there are too many: it is left out.
    pub(super) fn add(&mut self, id: GrantId, work: Work, urgency: Timestamp) -> Option<GrantId> {
        self.0.insert((urgency, id), work);
        if self.0.len() <= AT_MOST {
            return None;
        }
        let ((_, least_urgent), _) = self.0.pop_last()?;
        Some(least_urgent)
    }

    /// All tasks in order.
    pub(super) fn in_order(self, now: Timestamp) -> Vec<Task> {
        let mut tasks: Vec<Task> = self.0.into_iter().map(|((_, id), work)| Task { id, work }).collect();
        prove_the_store_first(&mut tasks, now);
        tasks
    }
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

/// What is to be done for one grant now, if anything. The minter is not here: it went first.
pub(super) fn work_for(
    stored: &Stored,
    is_packed: bool,
    is_wanted: bool,
    settings: &BrokerSettings,
    now: Timestamp,
) -> Option<(Work, Timestamp)> {
    let grant = &stored.grant;
    if grant.id == settings.minter {
        return None;
    }
    let has_settled = grant.has_settled(now, settings.fence_settle);
    let boxed = || Box::new(stored.clone());
    match grant.state {
        State::Active if is_due(grant, is_packed, settings, now) => Some((Work::Renew(boxed()), ends_at(grant))),
        State::Pending => Some((Work::Ask(boxed()), grant.authorized_at.unwrap_or(now).min(now))),
        State::Fenced if grant.id.subject.org().is_some() && has_settled => {
            Some((Work::Ask(boxed()), grant.fenced_at.unwrap_or(now).min(now)))
        }
        State::Revoked if grant.blocked => None,
        State::Revoked if is_wanted && has_settled => Some((Work::Ask(boxed()), Timestamp::MAX)),
        State::Revoked => Some((Work::FinishRetirement, Timestamp::MAX)),
        State::Active | State::Fenced => None,
    }
}

/// Due by its age, or failing: a failing grant is tried again by every sweep.
pub(super) fn is_due(grant: &Grant, is_packed: bool, settings: &BrokerSettings, now: Timestamp) -> bool {
    if grant.failure.is_some() {
        return true;
    }
    let due = if is_packed { settings.renew_at.due_at_together(grant) } else { settings.renew_at.due_at(grant) };
    match due {
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

#[cfg(test)]
mod tests {
    use jiff::SignedDuration;

    use super::*;

    fn id(n: usize) -> GrantId {
        GrantId::parse(&format!("reports/g{n}")).unwrap()
    }

    #[test]
    fn task_list_leaves_out_the_least_urgent() {
        let mut tasks = TaskList::default();
        let now = Timestamp::UNIX_EPOCH;
        let urgency = |n: usize| now + SignedDuration::from_secs(i64::try_from(n).unwrap());
        for n in (1..=AT_MOST).rev() {
            assert_eq!(tasks.add(id(n), Work::Discover, urgency(n)), None);
        }
        assert_eq!(tasks.add(id(0), Work::Discover, urgency(0)), Some(id(AT_MOST)), "the latest goes");
        assert_eq!(tasks.add(id(AT_MOST), Work::Discover, urgency(AT_MOST)), Some(id(AT_MOST)), "and stays away");
        let ids: Vec<GrantId> = tasks.0.into_keys().map(|(_, id)| id).collect();
        assert_eq!((ids.first(), ids.len()), (Some(&id(0)), AT_MOST));
    }
}
