//! `fence`: stop vending first, ask later.

use std::convert::Infallible;

use jiff::Timestamp;

use crate::context::{Context, Ports};
use crate::error::BrokerError;
use crate::grant::{Grant, State, WriteRank};
use crate::id::GrantId;
use crate::invocation::Change;
use crate::port::{Found, Store as _, StoreError, Stored};
use crate::records::{Decision, Updated};

/// Fences a grant, known or not, and returns its state: fenced, or revoked if it was. Neither the app's secret nor Webex
/// is needed for this, so that nothing but the store can keep a fence from standing.
pub(crate) async fn fence<P: Ports>(cx: &Context<'_, P>, id: &GrantId) -> Result<State, BrokerError> {
    match write_fence(cx, id).await {
        // A blocked record stays where it can be read.
        Ok(stored) if stored.grant.state == State::Revoked && !stored.grant.blocked => {
            // The record came back from deletion for its fence to be written. It goes again, unless an authorisation
            // that is newer than the fence has made it live.
            cx.records().retire(id).await?;
            Ok(State::Revoked)
        }
        Ok(stored) => Ok(stored.grant.state),
        Err(BrokerError::Store(StoreError::VersionLimit { .. })) => withhold(cx, id).await,
        Err(error) => Err(error),
    }
}

/// Writes the fence as the first thing after the record is readable. Returns the record.
async fn write_fence<P: Ports>(cx: &Context<'_, P>, id: &GrantId) -> Result<Stored, BrokerError> {
    let updated: Updated<Infallible> = cx
        .records()
        .update(id, WriteRank::Last, |grant| Ok(Decision::Write(Box::new(Grant::on_deauthorized(grant, id, cx.now())))))
        .await?;
    let Updated::Written(stored) = updated;
    Ok(stored)
}

/// Writes the fence of a record that was withheld at `at`, unless something that an operator, a person or Webex did since
/// has settled it. Returns the record if it was fenced here.
pub(super) async fn fence_withheld<P: Ports>(
    cx: &Context<'_, P>,
    id: &GrantId,
    at: Timestamp,
) -> Result<Option<Stored>, BrokerError> {
    let decide = |grant: Option<&Grant>| match grant {
        Some(grant) if grant.has_settled_since(at) => Ok(Decision::Leave(())),
        _ => Ok(Decision::Write(Box::new(Grant::on_deauthorized(grant, id, cx.now())))),
    };
    let fenced = match cx.records().update(id, WriteRank::Last, decide).await {
        Ok(Updated::Written(stored)) => Some(stored),
        Ok(Updated::Left(())) => None,
        Err(BrokerError::Store(StoreError::VersionLimit { .. })) => {
            withhold(cx, id).await?;
            return Ok(None);
        }
        Err(error) => return Err(error),
    };
    // The note comes off last: a crash before this leaves it for the next sweep.
    cx.store.end_withholding(id, cx.deadline).await?;
    Ok(fenced)
}

/// The store takes no more versions of the record today. Its secret is scheduled for deletion instead, so that nothing
/// reads it; a sweep writes the fence once there is room.
async fn withhold<P: Ports>(cx: &Context<'_, P>, id: &GrantId) -> Result<State, BrokerError> {
    if let Found::Absent | Found::Live(_) = cx.records().load(id).await? {
        let until = cx.records().announce(&id.app).await?;
        cx.store.withhold(id, cx.now(), until).await?;
    }
    cx.invocation.record_change(&id.app, Change::FenceFallback);
    tracing::warn!(
        app = %id.app, subject = %id.subject, outcome = "fence_fallback",
        "{id}: fenced by scheduling its secret for deletion, because Secrets Manager takes no more versions today"
    );
    Ok(State::Fenced)
}
