//! The results that the store of the tests gives.

use broker_core::clock::Clock as _;
use broker_core::grant::{Grant, State};
use broker_core::id::GrantId;
use broker_core::pair::Pair;
use broker_core::port::StoreError;
use broker_core::token::AccessToken;
use jiff::SignedDuration;

use super::SteppedClock;

/// The result of a read.
#[derive(Clone)]
pub(crate) enum StubRead {
    Absent,
    Retired,
    /// A grant in that state and version, or one webhook secret with that value.
    Holds(State, &'static str),
    /// An active grant with that access token, which was issued at noon and lives for four days.
    Vends(&'static str),
    Down,
    Denied,
}

/// The result of a look at the mark.
#[derive(Clone, Copy)]
pub(crate) enum StubMark {
    Absent,
    Is(&'static str),
    Down,
    Denied,
}

pub(super) fn down(operation: &'static str) -> StoreError {
    StoreError::Unavailable { operation, code: "HTTP 503".into() }
}

pub(super) fn denied(operation: &'static str) -> StoreError {
    StoreError::Refused { operation, code: "AccessDeniedException".into() }
}

pub(super) fn vendable(id: &GrantId, token: &str) -> Grant {
    let noon = SteppedClock::default().now();
    let pair = Pair {
        access_token: AccessToken::new(token),
        access_token_expires_at: noon + SignedDuration::from_hours(96),
        refresh_token: None,
        refresh_token_expires_at: None,
        scope: None,
    };
    Grant::pending(id.clone(), None).minted(pair, noon)
}
