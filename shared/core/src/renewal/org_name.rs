//! Asking for the display name of an organisation, beside a renewal whose write keeps the answer.

use jiff::SignedDuration;

use crate::clock::Deadline;
use crate::context::{Context, Ports};
use crate::grant::{Grant, OrgDisplayName, State};
use crate::port::Webex as _;
use crate::token::AccessToken;

/// Time for the question. A name is no reason to keep a renewal waiting.
const LONGEST: SignedDuration = SignedDuration::from_secs(2);

/// What is known about the name after a mint that brought `token`. A mint can be repeated, so that nothing is lost if the
/// process ends before the pair is stored.
pub(super) async fn at_mint<P: Ports>(cx: &Context<'_, P>, grant: &Grant, token: &AccessToken) -> OrgDisplayName {
    ask(cx, grant, token).await
}

/// What is known about the name before a refresh. The stored token asks: a refreshed pair must be stored before anything
/// else happens with it. A grant that fails is not delayed.
pub(super) async fn before_refresh<P: Ports>(cx: &Context<'_, P>, grant: &Grant) -> OrgDisplayName {
    let is_wanted =
        grant.org_name == OrgDisplayName::Unknown && grant.state == State::Active && grant.failure.is_none();
    match &grant.pair {
        Some(pair) if is_wanted && pair.access_token_expires_at > cx.now() => ask(cx, grant, &pair.access_token).await,
        _ => grant.org_name.clone(),
    }
}

async fn ask<P: Ports>(cx: &Context<'_, P>, grant: &Grant, token: &AccessToken) -> OrgDisplayName {
    let Some(org) = grant.id.subject.org() else {
        return grant.org_name.clone();
    };
    let deadline = cx.webex_deadline().min(Deadline::at(cx.now() + LONGEST));
    grant.org_name.after(cx.webex.organization_name(token, org, deadline).await)
}
