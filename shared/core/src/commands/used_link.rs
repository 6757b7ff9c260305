//! What a consent link is good for at the exchange.

use jiff::{SignedDuration, Timestamp};

use crate::app::App;
use crate::consent_link::{ConsentLink, LinkError};
use crate::grant::Grant;
use crate::id::GrantId;
use crate::pair::Pair;
use crate::token::LinkToken;

/// How long a person who opened the link in time may take at Webex, as consent allows for any sign-in.
const SIGN_IN: SignedDuration = SignedDuration::from_mins(10);

/// The link of an exchange, if its signature, its grant and its time are right.
pub(super) fn accept(token: &LinkToken, app: &App, id: &GrantId, now: Timestamp) -> Result<ConsentLink, LinkError> {
    match ConsentLink::verify(token, &app.client.secret) {
        Some(link) if link.id != *id => Err(LinkError::Invalid(id.clone())),
        Some(link) if now >= link.expires_at + SIGN_IN => Err(LinkError::Expired(link.expires_at)),
        Some(link) => Ok(link),
        None => Err(LinkError::Invalid(id.clone())),
    }
}

/// Refuses a link that has been used, or whose grant was renewed, ended or replaced since.
pub(super) fn refuse_spent(link: Option<&ConsentLink>, grant: &Grant) -> Result<(), LinkError> {
    match link {
        Some(link) if link.is_spent(grant.renewed_at, &grant.history) => Err(LinkError::Spent(grant.id.clone())),
        _ => Ok(()),
    }
}

/// Refuses, for a link, the consent of an account in another organisation than that of the pair that it would replace,
/// where both tokens name theirs. Nobody watches whom the link reaches; an operator who wants another organisation's
/// account consents in person.
pub(super) fn refuse_other_org(link: Option<&ConsentLink>, grant: &Grant, pair: &Pair) -> Result<(), LinkError> {
    let (Some(_), Some(before)) = (link, &grant.pair) else { return Ok(()) };
    match (before.access_token.org_suffix(), pair.access_token.org_suffix()) {
        (Some(before), Some(actual)) if before != actual => {
            Err(LinkError::OtherOrg { id: grant.id.clone(), expected: before, actual })
        }
        _ => Ok(()),
    }
}
