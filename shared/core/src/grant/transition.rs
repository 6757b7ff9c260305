//! The state machine: each transition is a pure function of the record, the event and the time. Everything that matters
//! about races and crashes is decided here.

use jiff::{SignedDuration, Timestamp};

use super::{Failure, Grant, State, TransitionKind};
use crate::id::GrantId;
use crate::pair::Pair;

/// How far a clock of Webex's may be ahead of ours. A date beyond that is not used.
const CLOCK_SKEW: SignedDuration = SignedDuration::from_mins(5);

/// What an `authorized` event asks for.
#[derive(Debug)]
pub enum AuthorizedAction {
    /// There is no live grant, or its pair belongs to an earlier authorisation, whose machine account is gone. Save this
    /// first, so that a crash or an outage leaves work that a sweep finds; then mint.
    SaveThenMint(Box<Grant>),
    /// The event says nothing new. Ask whether the token lives, and renew only if it does not.
    Probe,
    /// The event is older than the fence, or has no date. The fence stays until a sweep asks Webex.
    KeepFence,
    /// The fence stays, and this is saved: for a grant that was revoked when it was fenced a moment ago, since no sweep
    /// asks about a revoked grant; or for an event that may be newer than the fence, so that the first 403 may be lag.
    SaveFence(Box<Grant>),
    /// An operator keeps the grant out, whatever events say.
    StayBlocked,
}

impl AuthorizedAction {
    /// The record that must be durable before anything else is done.
    pub fn to_save(&self) -> Option<&Grant> {
        match self {
            Self::SaveThenMint(grant) | Self::SaveFence(grant) => Some(grant),
            Self::Probe | Self::KeepFence | Self::StayBlocked => None,
        }
    }
}

impl Grant {
    /// What an `authorized` event of `authorized_at` asks for, given the record at `now`.
    pub fn on_authorized(
        found: Option<&Self>,
        id: &GrantId,
        authorized_at: Option<Timestamp>,
        now: Timestamp,
        settle: SignedDuration,
    ) -> AuthorizedAction {
        let authorized_at = plausible(authorized_at, now);
        let Some(grant) = found else {
            let pending = Self::pending(id.clone(), authorized_at).because(TransitionKind::Authorized);
            return AuthorizedAction::SaveThenMint(Box::new(pending));
        };
        if grant.blocked {
            return AuthorizedAction::StayBlocked;
        }
        let grant = &Self { authorized_at: plausible(grant.authorized_at, now), ..grant.clone() };
        match grant.state {
            State::Active if grant.is_older_than(authorized_at) => {
                AuthorizedAction::SaveThenMint(Box::new(Self { authorized_at, ..grant.reauthorized(now) }))
            }
            State::Active => AuthorizedAction::Probe,
            State::Fenced if authorized_at.is_none() => AuthorizedAction::SaveFence(Box::new(grant.reauthorized(now))),
            State::Fenced if !grant.is_unfenced_by(authorized_at) => AuthorizedAction::KeepFence,
            State::Revoked if grant.is_fenced_since(authorized_at) && !grant.has_settled(now, settle) => {
                let fenced = Self { state: State::Fenced, ..grant.clone() };
                AuthorizedAction::SaveFence(Box::new(fenced.because(TransitionKind::Fenced)))
            }
            State::Pending | State::Fenced | State::Revoked => {
                // An old date would make the first 403 final. An event without a date is as new as it can be.
                let newest = match authorized_at {
                    Some(_) => authorized_at.max(grant.authorized_at),
                    None => None,
                };
                let pending = Self::pending(id.clone(), newest).because(TransitionKind::Authorized);
                AuthorizedAction::SaveThenMint(Box::new(Self { fenced_at: grant.fenced_at, ..pending }))
            }
        }
    }

    /// The fence that a `deauthorized` event sets: nothing is vended, the tokens are held. A revoked grant stays revoked,
    /// but the fence is written all the same: a mint that was asked for before it must not be stored after it.
    pub fn on_deauthorized(found: Option<&Self>, id: &GrantId, now: Timestamp) -> Self {
        let grant = match found {
            Some(grant) => grant.clone(),
            None => Self::empty(id.clone(), State::Fenced),
        };
        let state = if grant.state == State::Revoked { State::Revoked } else { State::Fenced };
        Self { state, fenced_at: Some(now), failure: None, ..grant }.because(TransitionKind::Fenced)
    }

    /// Webex answered 200 to a mint: the organisation has authorised the app, whatever the record said before.
    #[must_use]
    pub fn minted(&self, pair: Pair, now: Timestamp) -> Self {
        let minted = Self {
            state: State::Active,
            pair: Some(pair),
            renewed_at: Some(now),
            fenced_at: None,
            renewing_since: None,
            failure: None,
            ..self.clone()
        };
        minted.counting_pair(now).because(self.renewal_kind(TransitionKind::Minted))
    }

    /// Webex answered a refresh: the pair is newer, the state is what it was. A fence stays: a refresh does not tell
    /// whether the organisation has withdrawn since.
    #[must_use]
    pub fn refreshed(&self, pair: Pair, now: Timestamp) -> Self {
        let refreshed =
            Self { pair: Some(pair), renewed_at: Some(now), renewing_since: None, failure: None, ..self.clone() };
        refreshed.counting_pair(now).because(self.renewal_kind(TransitionKind::Renewed))
    }

    /// Webex confirmed that the organisation has withdrawn: no tokens are left. The date of the authorisation is kept, to
    /// recognise a replay, and so is the fence, to recognise a mint that was asked for before it.
    #[must_use]
    pub fn revoked(&self) -> Self {
        let Self { authorized_at, fenced_at, .. } = *self;
        let revoked = Self { authorized_at, fenced_at, ..Self::empty(self.id.clone(), State::Revoked) };
        revoked.because(TransitionKind::Retired)
    }

    /// A renewal failed: a condition, which never touches the pair.
    #[must_use]
    pub fn failing(&self, failure: Failure) -> Self {
        let is_known = matches!(&self.failure, Some(before) if before.code == failure.code);
        let failing = Self { renewing_since: None, failure: Some(failure), ..self.clone() };
        if is_known { failing } else { failing.because(TransitionKind::Failing) }
    }

    /// Another authorisation has followed the known one. A pair that still works is vended; every sweep asks for a new
    /// one, and a 403 may be lag for a while.
    #[must_use]
    pub fn reauthorized(&self, now: Timestamp) -> Self {
        let failure = Failure::after(None, 0, Failure::REAUTHORIZED.to_owned(), None, now);
        self.failing(failure).because(TransitionKind::Authorized)
    }

    /// Marks the grant as being renewed from `now` on. Other renewals wait for it; this is an optimisation, not a lock.
    #[must_use]
    pub fn renewing(&self, now: Timestamp) -> Self {
        Self { renewing_since: Some(now), ..self.clone() }
    }

    /// Whether a renewal that began less than `longest` ago is under way at `now`. The clock of the process that began it may
    /// be ahead of this one's.
    pub fn is_being_renewed(&self, now: Timestamp, longest: SignedDuration) -> bool {
        match self.renewing_since {
            Some(since) => now.duration_since(since).abs() < longest,
            None => false,
        }
    }

    /// Whether a 403 at `now` may be lag behind Webex's own event: within `settle` of the authorisation, or of the first
    /// failure since. A date in the future is no reason to wait.
    pub fn may_be_lag(&self, now: Timestamp, settle: SignedDuration) -> bool {
        let failing_since = self.failure.as_ref().map(|failure| failure.since);
        let authorized_at = match self.state {
            State::Fenced => None,
            State::Pending | State::Active | State::Revoked => plausible(self.authorized_at, now),
        };
        match authorized_at.max(failing_since) {
            Some(at) => now.duration_since(at) < settle,
            None => self.state == State::Pending && settle > SignedDuration::ZERO,
        }
    }

    /// Whether Webex's answer to a question asked at `now` counts about the fence, if there is one. Sooner, a 200 may be
    /// lag behind Webex's own event.
    pub fn has_settled(&self, now: Timestamp, settle: SignedDuration) -> bool {
        match self.fenced_at {
            Some(at) => now.duration_since(at) >= settle,
            None => true,
        }
    }

    /// Whether nothing that Webex's answer depends on has changed since `read`: the failure and a claim may have.
    pub fn differs_only_in_failure(&self, read: &Self) -> bool {
        let has_same_pair = match (&self.pair, &read.pair) {
            (Some(now), Some(then)) => now.is_the_same_as(then),
            (now, then) => now.is_none() && then.is_none(),
        };
        has_same_pair
            && self.state == read.state
            && self.authorized_at == read.authorized_at
            && self.fenced_at == read.fenced_at
            && self.renewed_at == read.renewed_at
    }

    fn is_older_than(&self, authorized_at: Option<Timestamp>) -> bool {
        authorized_at > self.authorized_at
    }

    /// An event without a date counts as older than any fence.
    fn is_fenced_since(&self, authorized_at: Option<Timestamp>) -> bool {
        authorized_at < self.fenced_at
    }

    fn is_unfenced_by(&self, authorized_at: Option<Timestamp>) -> bool {
        self.is_older_than(authorized_at) && authorized_at >= self.fenced_at
    }
}

/// The date of an authorisation, unless it lies in the future: such a date would never be followed by a newer one.
fn plausible(authorized_at: Option<Timestamp>, now: Timestamp) -> Option<Timestamp> {
    authorized_at.filter(|at| at.duration_since(now) <= CLOCK_SKEW)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn claim_lasts_for_its_time_even_if_its_clock_was_ahead() {
        let began: Timestamp = "2026-11-26T12:00:00.5Z".parse().unwrap();
        let longest = SignedDuration::from_secs(30);
        let grant = Grant::pending(GrantId::parse("reports/default").unwrap(), None).renewing(began);
        for (seen, is_claimed) in [(-31_000, false), (-1, true), (0, true), (29_999, true), (30_000, false)] {
            let now = began + SignedDuration::from_millis(seen);
            assert_eq!(grant.is_being_renewed(now, longest), is_claimed, "{seen} ms after it began");
        }
    }
}
