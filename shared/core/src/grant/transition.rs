//! The state machine: each transition is a pure function of the record, what happened, and when. Everything that matters
//! about races and crashes is decided here.

use jiff::{SignedDuration, Timestamp};

use super::{Failure, Grant, State};
use crate::id::GrantId;
use crate::pair::Pair;

/// What an `authorized` event asks for.
#[derive(Debug)]
pub enum AuthorizedAction {
    /// There is no live grant, or its pair is of an authorisation before this one, whose machine account is left behind:
    /// write this first, so that a crash or an outage leaves work that a sweep finds; then mint.
    SaveThenMint(Box<Grant>),
    /// The event says nothing new: see whether the pair lives, and mint only if it does not.
    Probe,
    /// The event is older than the fence, or cannot be placed: the fence stays until a sweep asks Webex.
    KeepFence,
    /// The same, but write this: of a grant that was fenced just now when it was revoked already, since no sweep asks
    /// about what is revoked; or of an event that may be newer than the fence, so that the sweep's first 403 may be lag.
    SaveFence(Box<Grant>),
}

impl AuthorizedAction {
    /// What must be durable before anything else is done.
    pub fn note(&self) -> Option<&Grant> {
        match self {
            Self::SaveThenMint(grant) | Self::SaveFence(grant) => Some(grant),
            Self::Probe | Self::KeepFence => None,
        }
    }
}

impl Grant {
    /// What an `authorized` event of `authorized_at` asks for, given what is `found` at `now`.
    pub fn on_authorized(
        found: Option<&Self>,
        id: &GrantId,
        authorized_at: Option<Timestamp>,
        now: Timestamp,
        settle: SignedDuration,
    ) -> AuthorizedAction {
        let Some(grant) = found else {
            return AuthorizedAction::SaveThenMint(Box::new(Self::pending(id.clone(), authorized_at)));
        };
        match grant.state {
            State::Active if grant.is_older_than(authorized_at) => {
                AuthorizedAction::SaveThenMint(Box::new(Self { authorized_at, ..grant.left_behind(now) }))
            }
            State::Active => AuthorizedAction::Probe,
            State::Fenced if authorized_at.is_none() => AuthorizedAction::SaveFence(Box::new(grant.left_behind(now))),
            State::Fenced if !grant.is_unfenced_by(authorized_at) => AuthorizedAction::KeepFence,
            State::Revoked if grant.is_fenced_since(authorized_at) && !grant.has_settled(now, settle) => {
                AuthorizedAction::SaveFence(Box::new(Self { state: State::Fenced, ..grant.clone() }))
            }
            State::Pending | State::Fenced | State::Revoked => {
                // An old date would make the first 403 Webex's last word; an event without one is as new as it gets.
                let authorized_at = authorized_at.and_then(|_| authorized_at.max(grant.authorized_at));
                let pending = Self::pending(id.clone(), authorized_at);
                AuthorizedAction::SaveThenMint(Box::new(Self { fenced_at: grant.fenced_at, ..pending }))
            }
        }
    }

    /// The fence that a `deauthorized` event sets: nothing is vended, the tokens are held. A revoked grant stays revoked,
    /// but the fence is written all the same, against a mint for the org that was asked for before and comes home late.
    pub fn on_deauthorized(found: Option<&Self>, id: &GrantId, now: Timestamp) -> Self {
        let grant = found.cloned().unwrap_or_else(|| Self::empty(id.clone(), State::Fenced));
        let state = if grant.state == State::Revoked { State::Revoked } else { State::Fenced };
        Self { state, fenced_at: Some(now), failure: None, ..grant }
    }

    /// Webex said 200 to a mint: the org has authorised the app, whatever stood here before.
    #[must_use]
    pub fn minted(&self, pair: Pair, now: Timestamp) -> Self {
        Self {
            id: self.id.clone(),
            state: State::Active,
            pair: Some(pair),
            authorized_at: self.authorized_at,
            renewed_at: Some(now),
            fenced_at: None,
            renewing_since: None,
            failure: None,
            ..self.clone()
        }
    }

    /// Webex answered a refresh: the pair is newer, the state is what it was. A fence stays: a refresh is no word on
    /// whether the org has withdrawn since.
    #[must_use]
    pub fn refreshed(&self, pair: Pair, now: Timestamp) -> Self {
        Self { pair: Some(pair), renewed_at: Some(now), renewing_since: None, failure: None, ..self.clone() }
    }

    /// Webex confirmed that the org has withdrawn: no tokens are left. What was authorised when is kept, to know a replay,
    /// and the fence, to know a mint that was asked for before it and comes home only now.
    #[must_use]
    pub fn revoked(&self) -> Self {
        let Self { authorized_at, fenced_at, .. } = *self;
        Self { authorized_at, fenced_at, ..Self::empty(self.id.clone(), State::Revoked) }
    }

    /// A renewal failed: a condition, which never touches the pair.
    #[must_use]
    pub fn failing(&self, failure: Failure) -> Self {
        Self { renewing_since: None, failure: Some(failure), ..self.clone() }
    }

    /// Another authorisation has followed the one that is known. A pair that still works is vended; every sweep asks for
    /// one in its place, and a 403 may be lag for a while.
    #[must_use]
    pub fn left_behind(&self, now: Timestamp) -> Self {
        self.failing(Failure::after(None, 0, "reauthorized".to_owned(), None, now))
    }

    /// Somebody renews the pair from `now` on; whoever else wants it to be renewed may wait for them. It is a courtesy, no
    /// lock: who does not wait, or waits for somebody who died, loses or wins at the store as always.
    #[must_use]
    pub fn renewing(&self, now: Timestamp) -> Self {
        Self { renewing_since: Some(now), ..self.clone() }
    }

    /// Whether somebody is at it, `now`, who began less than `patience` ago.
    pub fn is_being_renewed(&self, now: Timestamp, patience: SignedDuration) -> bool {
        self.renewing_since.is_some_and(|since| since <= now && now.duration_since(since) < patience)
    }

    /// Whether a 403 at `now` may be Webex lagging behind its own event rather than its word: within `settle` of the
    /// authorisation, or of the first thing that went wrong since.
    pub fn may_be_lag(&self, now: Timestamp, settle: SignedDuration) -> bool {
        let failing_since = self.failure.as_ref().map(|failure| failure.since);
        let authorized_at = self.authorized_at.filter(|_| self.state != State::Fenced);
        let nothing_heard = self.state == State::Pending && settle > SignedDuration::ZERO;
        authorized_at.max(failing_since).map_or(nothing_heard, |at| now.duration_since(at) < settle)
    }

    /// Whether Webex's answer to what is asked at `now` is a word on the fence, if there is one. Sooner, a 200 may be
    /// Webex lagging behind its own event.
    pub fn has_settled(&self, now: Timestamp, settle: SignedDuration) -> bool {
        self.fenced_at.is_none_or(|at| now.duration_since(at) >= settle)
    }

    /// Whether nothing but the failure has changed since `read`, so that what was learnt from `read` still holds.
    pub fn differs_only_in_failure(&self, read: &Self) -> bool {
        let same_pair = match (&self.pair, &read.pair) {
            (Some(now), Some(then)) => now.is_the_same_as(then),
            (now, then) => now.is_none() && then.is_none(),
        };
        let stands = |grant: &Self| (grant.state, grant.authorized_at, grant.fenced_at, grant.renewed_at);
        same_pair && stands(self) == stands(read)
    }

    fn is_older_than(&self, authorized_at: Option<Timestamp>) -> bool {
        authorized_at > self.authorized_at
    }

    /// An event without a date cannot be placed, and counts as older than any fence.
    fn is_fenced_since(&self, authorized_at: Option<Timestamp>) -> bool {
        authorized_at < self.fenced_at
    }

    fn is_unfenced_by(&self, authorized_at: Option<Timestamp>) -> bool {
        self.is_older_than(authorized_at) && authorized_at >= self.fenced_at
    }
}

impl Failure {
    /// The failure that follows `before`. `remembered` attempts may be more than are written down.
    pub fn after(
        before: Option<&Self>,
        remembered: u32,
        code: String,
        tracking_id: Option<String>,
        now: Timestamp,
    ) -> Self {
        Self {
            since: before.map_or(now, |failure| failure.since),
            attempts: before.map_or(0, |failure| failure.attempts.max(remembered)).saturating_add(1),
            code,
            tracking_id,
            last_at: Some(now),
        }
    }

    /// Whether it is worth a version of the secret, of which there are about 100: when it appears, when its code
    /// changes, and at attempts 1, 2, 4, 8 and so on.
    pub fn is_worth_writing_over(&self, before: Option<&Self>) -> bool {
        before.is_none_or(|before| {
            before.code != self.code || (self.attempts.is_power_of_two() && before.attempts != self.attempts)
        })
    }
}
