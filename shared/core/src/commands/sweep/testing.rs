//! Grants for the unit tests of a sweep.

use jiff::{SignedDuration, Timestamp};

use crate::grant::Grant;
use crate::id::GrantId;
use crate::pair::{Pair, TokenResponse};
use crate::token::AccessToken;

/// A grant of the app `reports` whose pair was `issued` then.
pub(super) fn active_grant(name: &str, issued: Timestamp) -> Grant {
    let response = TokenResponse {
        access_token: AccessToken::new("access"),
        expires_in: SignedDuration::from_hours(14 * 24),
        refresh_token: None,
        refresh_token_expires_in: None,
        scope: None,
    };
    let id = GrantId::parse(&format!("reports/{name}")).unwrap();
    Grant::pending(id, None).minted(Pair::from_response(response, None, issued), issued)
}
