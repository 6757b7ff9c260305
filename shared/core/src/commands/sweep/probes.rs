//! The daily question whether a token lives, so that a lost `deauthorized` event is found within a day.
//!
//! Each grant has its moment of the day, by its name. A sweep asks about the grants whose moment came since the last one;
//! no memory in the store is needed for that, and so no version.

use std::collections::BTreeMap;

use jiff::{SignedDuration, Timestamp};

use super::plan::{Task, Work};
use crate::grant::{Grant, State};
use crate::id::GrantId;
use crate::memory::Memory;
use crate::schedule::place_in_day;
use crate::token::AccessToken;

/// How far an environment looks back that does not know when the last sweep was: the longest interval of sweeps.
const LOOK_BACK: SignedDuration = SignedDuration::from_hours(2);

/// A pair that was issued within this time needs no question: its issue was an answer of Webex's.
const FRESH: SignedDuration = SignedDuration::from_hours(24);

/// The grants of a small fleet are asked about by every sweep up to this number, longest unasked first.
const AT_LEAST: usize = 20;

/// The most questions of one sweep. A token takes about 200 bytes, and Webex about 80 ms, 32 at once.
const AT_MOST: usize = 50_000;

/// The tokens to ask about, by the moment at which the question was last due.
type Questions = BTreeMap<(Timestamp, GrantId), AccessToken>;

/// The questions of one sweep, collected grant by grant.
pub(super) struct ProbeList {
    now: Timestamp,
    asked_until: Timestamp,
    due: Questions,
    /// The questions that were asked within a day already, longest ago first.
    asked: Questions,
    /// Until when every due question is in the list.
    complete_until: Timestamp,
}

impl ProbeList {
    /// An empty list.
    pub(super) fn new(memory: &Memory, now: Timestamp) -> Self {
        let asked_until = match memory.probed_until() {
            Some(at) => at.max(now - FRESH),
            None => now - LOOK_BACK,
        };
        Self { now, asked_until, due: Questions::new(), asked: Questions::new(), complete_until: now }
    }

    /// Adds the question about the grant, if it needs one.
    pub(super) fn consider(&mut self, grant: &Grant) {
        let Some(pair) = &grant.pair else { return };
        if grant.state != State::Active || self.is_fresh(grant) {
            return;
        }
        let turn = place_in_day(&grant.id, self.now);
        let question = ((turn, grant.id.clone()), pair.access_token.clone());
        if turn > self.asked_until {
            self.due.extend([question]);
            self.leave_out_latest();
        } else {
            self.asked.extend([question]);
            if self.asked.len() > AT_LEAST {
                self.asked.pop_last();
            }
        }
    }

    fn is_fresh(&self, grant: &Grant) -> bool {
        match grant.renewed_at {
            Some(at) => self.now.duration_since(at) < FRESH,
            None => false,
        }
    }

    fn leave_out_latest(&mut self) {
        if self.due.len() <= AT_MOST {
            return;
        }
        if let Some(((turn, _), _)) = self.due.pop_last() {
            self.complete_until = self.complete_until.min(turn - SignedDuration::from_nanos(1));
        }
    }

    /// Until when the daily question has been asked, once every question of this list is answered.
    pub(super) fn complete_until(&self) -> Timestamp {
        self.complete_until
    }

    /// The questions, longest unasked first.
    pub(super) fn into_questions(self) -> impl Iterator<Item = Task> {
        let more = AT_LEAST.saturating_sub(self.due.len());
        let questions = self.due.into_iter().chain(self.asked.into_iter().take(more));
        questions.map(|((_, id), token)| Task { id, work: Work::Probe(token) })
    }
}

#[cfg(test)]
mod tests {
    use super::super::testing::active_grant;
    use super::*;

    fn now() -> Timestamp {
        "2026-11-26T12:00:00Z".parse().unwrap()
    }

    fn grant(n: usize) -> Grant {
        active_grant(&format!("g{n}"), now() - SignedDuration::from_hours(48))
    }

    fn asked_until(at: Timestamp) -> Memory {
        let memory = Memory::default();
        memory.set_probed_until(at);
        memory
    }

    fn list(memory: &Memory, grants: usize) -> ProbeList {
        let mut probes = ProbeList::new(memory, now());
        for n in 0..grants {
            probes.consider(&grant(n));
        }
        probes
    }

    #[test]
    fn small_fleet_is_asked_about_by_every_sweep() {
        let memory = asked_until(now());
        assert_eq!(list(&memory, 7).into_questions().count(), 7);
        assert_eq!(list(&memory, 500).into_questions().count(), AT_LEAST);
    }

    #[test]
    fn questions_that_came_due_are_all_asked_longest_unasked_first() {
        let memory = asked_until(now() - SignedDuration::from_hours(12));
        let asked: Vec<GrantId> = list(&memory, 500).into_questions().map(|question| question.id).collect();
        assert!((200..300).contains(&asked.len()), "half of the day is due: {}", asked.len());
        assert!(asked.is_sorted_by_key(|id| place_in_day(id, now())));
    }

    #[test]
    fn fresh_pairs_and_ended_grants_are_not_asked_about() {
        let mut fresh = grant(1);
        fresh.renewed_at = Some(now());
        let mut fenced = grant(2);
        fenced.state = State::Fenced;
        let mut probes = ProbeList::new(&Memory::default(), now());
        probes.consider(&fresh);
        probes.consider(&fenced);
        assert_eq!(probes.into_questions().count(), 0);
    }

    #[test]
    fn question_that_is_left_out_stays_due() {
        let memory = asked_until(now() - FRESH);
        let probes = list(&memory, AT_MOST + 10);
        let until = probes.complete_until();
        assert!(until < now());
        let asked: Vec<GrantId> = probes.into_questions().map(|question| question.id).collect();
        assert_eq!(asked.len(), AT_MOST);
        let left_out = (0..AT_MOST + 10).map(|n| grant(n).id).filter(|id| place_in_day(id, now()) > until);
        assert_eq!(left_out.count(), 10, "the next sweep asks about exactly those that this one left out");
    }
}
