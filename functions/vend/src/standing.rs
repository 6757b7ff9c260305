//! What a record means for somebody who wants a token.

use std::sync::Arc;

use broker_core::grant::State;
use broker_core::port::Found;
use broker_core::token::Fingerprint;
use jiff::{SignedDuration, Timestamp};
use secrets::{CachedGrant as Record, CachedPair as Held};

/// Why a record gives no token.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Lacking {
    /// There is no record.
    Nothing,
    /// Webex has not confirmed the grant.
    Pending,
    /// The org is said to have withdrawn.
    Fenced,
    /// The org has withdrawn.
    Revoked,
    /// There is a token, of this fingerprint, and it ends too soon.
    Short(Fingerprint),
}

/// What may be vended of what stands under a name; see [`good_for`].
pub(crate) fn vendable(standing: Found<Record>, min_ttl: SignedDuration, now: Timestamp) -> Result<Arc<Held>, Lacking> {
    match standing {
        Found::Absent => Err(Lacking::Nothing),
        Found::Retired => Err(Lacking::Revoked),
        Found::Live(record) => good_for(*record, min_ttl, now),
    }
}

/// The pair of a record, if it may be vended at `now` and its access token lives for `min_ttl` still. One that has ended
/// is good for nobody, even with a `min_ttl` of zero.
pub(crate) fn good_for(record: Record, min_ttl: SignedDuration, now: Timestamp) -> Result<Arc<Held>, Lacking> {
    let held = match record.state {
        State::Fenced => return Err(Lacking::Fenced),
        State::Revoked => return Err(Lacking::Revoked),
        State::Pending => return Err(Lacking::Pending),
        State::Active => record.pair.ok_or(Lacking::Pending)?,
    };
    let remaining = held.pair.remaining(now);
    if remaining > SignedDuration::ZERO && remaining >= min_ttl {
        Ok(held)
    } else {
        Err(Lacking::Short(held.fingerprint))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use broker_core::grant::Grant;
    use broker_core::id::GrantId;
    use broker_core::pair::Pair;
    use broker_core::token::AccessToken;

    const MINUTE: SignedDuration = SignedDuration::from_mins(1);

    fn now() -> Timestamp {
        Timestamp::from_second(1_800_000_000).unwrap()
    }

    fn record(state: State, left: SignedDuration) -> Record {
        let mut grant = Grant::pending(GrantId::parse("reports/default").unwrap(), None);
        grant.state = state;
        grant.pair = Some(Pair {
            access_token: AccessToken::new("token"),
            access_token_expires_at: now() + left,
            refresh_token: None,
            refresh_token_expires_at: None,
            scope: None,
        });
        grant.into()
    }

    #[test]
    fn only_an_active_grant_gives_a_token() {
        let lacking = |state| good_for(record(state, MINUTE), MINUTE, now()).map(|_| ());
        assert_eq!(lacking(State::Active), Ok(()));
        assert_eq!(lacking(State::Pending), Err(Lacking::Pending));
        assert_eq!(lacking(State::Fenced), Err(Lacking::Fenced));
        assert_eq!(lacking(State::Revoked), Err(Lacking::Revoked));
        assert_eq!(vendable(Found::Absent, MINUTE, now()).err(), Some(Lacking::Nothing));
        assert_eq!(vendable(Found::Retired, MINUTE, now()).err(), Some(Lacking::Revoked));
    }

    #[test]
    fn a_token_that_ends_too_soon_is_short_and_one_that_has_ended_always_is() {
        let good = |left, min_ttl| good_for(record(State::Active, left), min_ttl, now()).is_ok();
        assert!(good(MINUTE, MINUTE));
        assert!(!good(MINUTE, MINUTE * 2));
        assert!(good(MINUTE, SignedDuration::ZERO));
        assert!(!good(SignedDuration::ZERO, SignedDuration::ZERO));
        assert!(!good(-MINUTE, SignedDuration::ZERO));
    }
}
