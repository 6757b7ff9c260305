//! `unblock`: an operator lets a grant in again.

use crate::context::{Context, Ports};
use crate::error::BrokerError;
use crate::grant::{Grant, State, TransitionKind, WriteRank};
use crate::id::GrantId;
use crate::records::{Decision, Updated};
use crate::renewal::{mint_or_retire, record_result};

/// Lifts the block and asks Webex whether the organisation is authorised, so that nobody there has to authorise again.
/// Returns the grant's state.
pub(crate) async fn unblock<P: Ports>(cx: &Context<'_, P>, id: &GrantId) -> Result<State, BrokerError> {
    let stored = match lift_block(cx, id).await? {
        Updated::Written(stored) => stored,
        Updated::Left(state) => return Ok(state),
    };
    if id.subject.org().is_none() {
        return Ok(stored.grant.state);
    }
    let app = cx.load_app(&id.app).await?;
    let result = mint_or_retire(cx, &app, &stored).await;
    record_result(cx, &stored, &result).await;
    match result {
        Ok(outcome) => Ok(outcome.state()),
        // The record is pending: every sweep asks again.
        Err(_) => Ok(stored.grant.state),
    }
}

/// An organisation's grant waits for Webex's word, as after an event. A personal one waits for a new consent.
async fn lift_block<P: Ports>(cx: &Context<'_, P>, id: &GrantId) -> Result<Updated<State>, BrokerError> {
    cx.records()
        .update(id, WriteRank::Last, |found| match found {
            None => Err(BrokerError::NotFound(id.clone())),
            Some(grant) if !grant.blocked => Ok(Decision::Leave(grant.state)),
            Some(grant) if id.subject.org().is_none() => {
                Ok(Decision::Write(Box::new(grant.revoked().because(TransitionKind::Unblocked))))
            }
            Some(_) => {
                let pending = Grant::pending(id.clone(), None);
                Ok(Decision::Write(Box::new(pending.because(TransitionKind::Unblocked))))
            }
        })
        .await
}
