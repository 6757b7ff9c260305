//! The daily question whether a token lives, so that a lost `deauthorized` event is found within a day.
//!
//! Each grant has its moment of the day, by its name. A sweep asks about the grants whose moment came since the last one;
//! no memory in the store is needed for that, and so no version.

use jiff::{SignedDuration, Timestamp};

use crate::grant::{Grant, State};
use crate::memory::Memory;
use crate::schedule::place_in_day;

/// How far an environment looks back that does not know when the last sweep was: the longest interval of sweeps.
const LOOK_BACK: SignedDuration = SignedDuration::from_hours(2);

/// A pair that was issued within this time needs no question: its issue was an answer of Webex's.
const FRESH: SignedDuration = SignedDuration::from_hours(24);

/// The grants of a small fleet are asked about by every sweep up to this number, longest unasked first.
const AT_LEAST: usize = 20;

/// The active grants to ask about at `now`, longest unasked first.
pub(super) fn due<'a>(grants: impl Iterator<Item = &'a Grant>, memory: &Memory, now: Timestamp) -> Vec<&'a Grant> {
    let since = match memory.probed_until() {
        Some(at) => at.max(now - FRESH),
        None => now - LOOK_BACK,
    };
    let mut waiting: Vec<(Timestamp, &Grant)> =
        grants.filter(|grant| needs_question(grant, now)).map(|grant| (place_in_day(&grant.id, now), grant)).collect();
    waiting.sort_by_key(|(turn, _)| *turn);
    let (asked_today, due): (Vec<_>, Vec<_>) = waiting.into_iter().partition(|(turn, _)| *turn <= since);
    let number = due.len().max(AT_LEAST);
    due.into_iter().chain(asked_today).map(|(_, grant)| grant).take(number).collect()
}

fn needs_question(grant: &Grant, now: Timestamp) -> bool {
    let is_fresh = match grant.renewed_at {
        Some(at) => now.duration_since(at) < FRESH,
        None => false,
    };
    grant.state == State::Active && grant.pair.is_some() && !is_fresh
}
