//! Whether a record has a token that can be vended.

use std::sync::Arc;

use broker_core::grant::State;
use broker_core::port::Found;
use broker_core::token::Fingerprint;
use jiff::{SignedDuration, Timestamp};
use secrets::{CachedGrant, CachedPair};

/// The scope that lets a token mint. No token with this scope is vended.
const MINTING_SCOPE: &str = "spark:applications_token";

/// Why a record has no token to vend.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Unavailable {
    /// There is no record.
    Absent,
    /// Webex has not confirmed the grant yet.
    Pending,
    /// A fence has been set.
    Fenced,
    /// The grant is retired.
    Revoked,
    /// The token can mint.
    CanMint,
    /// The token with this fingerprint ends too soon.
    ExpiresTooSoon(Fingerprint),
}

/// The pair under a grant's name, if it can be vended; see [`usable_pair`].
pub(crate) fn usable_pair_of(
    found: Found<CachedGrant>,
    min_ttl: SignedDuration,
    now: Timestamp,
) -> Result<Arc<CachedPair>, Unavailable> {
    match found {
        Found::Absent => Err(Unavailable::Absent),
        Found::Retired => Err(Unavailable::Revoked),
        Found::Live(record) => usable_pair(*record, min_ttl, now),
    }
}

/// The pair of a record, if it can be vended at `now` and its access token lives for `min_ttl`. A token that has ended is
/// never vended, even with a `min_ttl` of zero.
pub(crate) fn usable_pair(
    record: CachedGrant,
    min_ttl: SignedDuration,
    now: Timestamp,
) -> Result<Arc<CachedPair>, Unavailable> {
    let cached = match (record.state, record.pair) {
        (State::Fenced, _) => return Err(Unavailable::Fenced),
        (State::Revoked, _) => return Err(Unavailable::Revoked),
        (State::Pending, _) | (State::Active, None) => return Err(Unavailable::Pending),
        (State::Active, Some(cached)) => cached,
    };
    if can_mint(cached.pair.scope.as_deref()) {
        return Err(Unavailable::CanMint);
    }
    let remaining = cached.pair.remaining(now);
    if remaining.is_zero() || remaining < min_ttl {
        return Err(Unavailable::ExpiresTooSoon(cached.fingerprint));
    }
    Ok(cached)
}

/// Whether a token with this scope can mint tokens of Service Apps.
pub(crate) fn can_mint(scope: Option<&str>) -> bool {
    scope.unwrap_or_default().split_whitespace().any(|name| name == MINTING_SCOPE)
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

    fn record(state: State, left: SignedDuration, scope: Option<&str>) -> CachedGrant {
        let mut grant = Grant::pending(GrantId::parse("reports/default").unwrap(), None);
        grant.state = state;
        grant.pair = Some(Pair {
            access_token: AccessToken::new("token"),
            access_token_expires_at: now() + left,
            refresh_token: None,
            refresh_token_expires_at: None,
            scope: scope.map(str::to_owned),
        });
        grant.into()
    }

    #[test]
    fn usable_pair_needs_an_active_grant() {
        let result = |state| usable_pair(record(state, MINUTE, None), MINUTE, now()).map(|_| ());
        assert_eq!(result(State::Active), Ok(()));
        assert_eq!(result(State::Pending), Err(Unavailable::Pending));
        assert_eq!(result(State::Fenced), Err(Unavailable::Fenced));
        assert_eq!(result(State::Revoked), Err(Unavailable::Revoked));
        assert_eq!(usable_pair_of(Found::Absent, MINUTE, now()).err(), Some(Unavailable::Absent));
        assert_eq!(usable_pair_of(Found::Retired, MINUTE, now()).err(), Some(Unavailable::Revoked));
    }

    #[test]
    fn usable_pair_lives_for_min_ttl_and_has_not_ended() {
        let is_usable = |left, min_ttl| usable_pair(record(State::Active, left, None), min_ttl, now()).is_ok();
        assert!(is_usable(MINUTE, MINUTE));
        assert!(!is_usable(MINUTE, MINUTE * 2));
        assert!(is_usable(MINUTE, SignedDuration::ZERO));
        assert!(!is_usable(SignedDuration::ZERO, SignedDuration::ZERO));
        assert!(!is_usable(-MINUTE, SignedDuration::ZERO));
    }

    #[test]
    fn usable_pair_cannot_mint() {
        for (scope, expected) in [
            (None, Ok(())),
            (Some(""), Ok(())),
            (Some("spark:all"), Ok(())),
            (Some("spark:applications_token_read"), Ok(())),
            (Some("spark:applications_token"), Err(Unavailable::CanMint)),
            (Some("spark:all spark:applications_token"), Err(Unavailable::CanMint)),
            (Some("spark:applications_token\tspark:all"), Err(Unavailable::CanMint)),
        ] {
            for left in [MINUTE, SignedDuration::ZERO] {
                let result = usable_pair(record(State::Active, left, scope), SignedDuration::ZERO, now()).map(|_| ());
                if left == MINUTE || expected.is_err() {
                    assert_eq!(result, expected, "{scope:?}");
                }
            }
        }
    }
}
