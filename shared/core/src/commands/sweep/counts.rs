//! The counts of one app in a sweep.

use jiff::{SignedDuration, Timestamp};

use crate::app_state::StateCounts;
use crate::attention::GrantCondition;
use crate::commands::data_sources::DataSourceCounts;
use crate::grant::{Grant, State};
use crate::schedule::sooner;

/// The counts of one app, for its metrics.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub struct AppCounts {
    /// Pairs refreshed.
    pub renewed: u32,
    /// Pairs minted.
    pub minted: u32,
    /// Grants that ended.
    pub retired: u32,
    /// Grants that ended without a fence.
    pub retired_unannounced: u32,
    /// Grants that would have ended without a fence, but too many at once.
    pub retirements_held: u32,
    /// Fences that were set by scheduling a secret for deletion.
    pub fence_fallbacks: u32,
    /// Refreshes that did not renew the refresh token's life.
    pub refresh_token_not_rising: u32,
    /// Grants that failed because Secrets Manager refused the broker.
    pub store_refused: u32,
    /// Grants that failed because Webex refused the minter.
    pub minter_refused: u32,
    /// Grants with a pair that may be vended, those that fail included.
    pub active: u32,
    /// Active grants whose renewals fail.
    pub failing: u32,
    /// Grants waiting for Webex.
    pub pending: u32,
    /// Grants that an event fenced.
    pub fenced: u32,
    /// Grants that have ended, and whose secret is not scheduled for deletion.
    pub revoked: u32,
    /// Pending and fenced grants that need a person.
    pub waiting_in_vain: u32,
    /// Grants in packs.
    pub packed: u32,
    /// Grants left to the next sweep.
    pub deferred: u32,
    /// Documents that could not be read.
    pub unreadable: u32,
    /// Webhook registrations created, moved, made active again or removed.
    pub webhooks_repaired: u32,
    /// Token pairs issued within the life of an access token; Webex allows an account 750 live ones.
    pub live_tokens: u32,
    /// Life left in the access token that ends first.
    pub oldest_access_token: Option<SignedDuration>,
    /// Life left in the refresh token that ends first.
    pub oldest_refresh_token: Option<SignedDuration>,
    /// Its data sources; `None` if it has none, or their records could not be read.
    pub data_sources: Option<DataSourceCounts>,
}

impl AppCounts {
    pub(super) fn count_grant(&mut self, grant: &Grant, now: Timestamp) {
        match grant.state {
            State::Active => self.active += 1,
            State::Pending => self.pending += 1,
            State::Fenced => self.fenced += 1,
            State::Revoked => self.revoked += 1,
        }
        if grant.state == State::Active && grant.failure.is_some() {
            self.failing += 1;
        }
        if grant.state != State::Active && GrantCondition::of_record(grant).needs_person() {
            self.waiting_in_vain += 1;
        }
        self.live_tokens += grant.live_tokens(now);
        let Some(pair) = grant.vendable() else { return };
        self.oldest_access_token = sooner(self.oldest_access_token, Some(pair.remaining(now)));
        if let Some(ends) = pair.refresh_token_expires_at {
            self.oldest_refresh_token = sooner(self.oldest_refresh_token, Some(left(ends, now)));
        }
    }
}

impl AppCounts {
    /// Takes out what an active grant added to the counts. The life of its tokens stays among the oldest.
    pub(super) fn discount_active(&mut self, grant: &Grant, now: Timestamp) {
        self.active = self.active.saturating_sub(1);
        self.live_tokens = self.live_tokens.saturating_sub(grant.live_tokens(now));
    }

    /// Adds the grants that `other` counts.
    pub(super) fn add_grants(&mut self, other: &Self) {
        self.active += other.active;
        self.failing += other.failing;
        self.pending += other.pending;
        self.fenced += other.fenced;
        self.revoked += other.revoked;
        self.waiting_in_vain += other.waiting_in_vain;
        self.live_tokens += other.live_tokens;
        self.oldest_access_token = sooner(self.oldest_access_token, other.oldest_access_token);
        self.oldest_refresh_token = sooner(self.oldest_refresh_token, other.oldest_refresh_token);
    }

    /// The grants by state, for operators.
    pub(super) fn by_state(&self) -> StateCounts {
        let Self { active, failing, pending, fenced, revoked, unreadable, packed, waiting_in_vain, .. } = *self;
        StateCounts { pending, active, failing, fenced, revoked, unreadable, packed, waiting_in_vain }
    }
}

/// Time left until `ends`; zero once it has passed.
pub(super) fn left(ends: Timestamp, now: Timestamp) -> SignedDuration {
    ends.duration_since(now).max(SignedDuration::ZERO)
}

/// Life left in the minter: in its refresh token, or in its access token if it has no other.
pub(super) fn remaining_of_minter(grant: &Grant, now: Timestamp) -> SignedDuration {
    let Some(pair) = grant.vendable() else { return SignedDuration::ZERO };
    match pair.refresh_token_expires_at {
        Some(ends) if pair.refresh_token.is_some() => left(ends, now),
        _ => pair.remaining(now),
    }
}

/// When the minter ends, if it is a personal access token.
pub(super) fn end_of_personal_token(minter: &Grant) -> Option<Timestamp> {
    match minter.vendable() {
        Some(pair) if pair.refresh_token.is_none() => Some(pair.access_token_expires_at),
        _ => None,
    }
}
