//! Renewing one grant by whatever works: refresh, else mint, else ask what the refusal means.

use super::mint::{mint_confirmed, store_minted};
use super::outcome::RenewalOutcome;
use super::refresh::refresh;
use crate::app::{App, AppType};
use crate::context::{Actor, Context, Ports};
use crate::error::BrokerError;
use crate::grant::{Grant, WriteRank};
use crate::port::{Found, Stored, WebexError};
use crate::records::Updated;

/// Renews a grant that holds a pair: by refreshing it or, if its refresh token is dead, by minting.
pub(crate) async fn heal<P: Ports>(
    cx: &Context<'_, P>,
    app: &App,
    stored: &Stored,
) -> Result<RenewalOutcome, BrokerError> {
    match (refresh(cx, &app.client, stored).await, &app.kind) {
        (Err(BrokerError::RefreshTokenFinished(_) | BrokerError::NoRefreshToken(_)), AppType::ServiceApp(_)) => {
            mint_or_retire(cx, app, stored).await
        }
        (result, _) => result,
    }
}

/// Asks Webex about a grant by minting for its organisation: 200 makes it active. A 403 ends it if it confirms a settled
/// fence; otherwise it is an error that says what is missing.
pub(crate) async fn mint_or_retire<P: Ports>(
    cx: &Context<'_, P>,
    app: &App,
    stored: &Stored,
) -> Result<RenewalOutcome, BrokerError> {
    match mint_confirmed(cx, app, &stored.grant.id).await {
        Ok(response) => store_minted(cx, stored, response).await,
        Err(BrokerError::NotAuthorized(error)) => after_refused_mint(cx, stored, error).await,
        Err(error) => Err(error),
    }
}

async fn after_refused_mint<P: Ports>(
    cx: &Context<'_, P>,
    stored: &Stored,
    error: WebexError,
) -> Result<RenewalOutcome, BrokerError> {
    let (grant, settle) = (&stored.grant, cx.settings.fence_settle);
    if grant.may_be_lag(cx.now(), settle) {
        return Err(BrokerError::NotAuthorized(error));
    }
    let fence_has_settled = grant.fenced_at.is_some() && grant.has_settled(cx.now(), settle);
    if fence_has_settled && cx.actor != Actor::Caller {
        return retire_confirmed(cx, stored).await;
    }
    Err(BrokerError::NotConfirmed(error))
}

/// Ends a grant whose fence Webex has confirmed.
async fn retire_confirmed<P: Ports>(cx: &Context<'_, P>, stored: &Stored) -> Result<RenewalOutcome, BrokerError> {
    match erase(cx, stored).await? {
        Updated::Written(erased) => Ok(RenewalOutcome::Retired(erased.grant)),
        Updated::Left(found) => Ok(RenewalOutcome::Adopted(found)),
    }
}

/// Ends a grant without a fence. The caller has the evidence.
pub(crate) async fn retire_unannounced<P: Ports>(
    cx: &Context<'_, P>,
    stored: &Stored,
) -> Result<RenewalOutcome, BrokerError> {
    match erase(cx, stored).await? {
        Updated::Written(erased) => Ok(RenewalOutcome::RetiredUnannounced(erased.grant)),
        Updated::Left(found) => Ok(RenewalOutcome::Adopted(found)),
    }
}

/// Erases the tokens and schedules the record for deletion. A crash between the two leaves a revoked record, which the
/// next sweep schedules.
async fn erase<P: Ports>(cx: &Context<'_, P>, stored: &Stored) -> Result<Updated<Found<Stored>>, BrokerError> {
    let revoked: Grant = stored.grant.revoked();
    let erased = cx.records().replace(stored, revoked, WriteRank::Last).await?;
    if let Updated::Written(_) = &erased
        && !cx.records().retire(&stored.grant.id).await?
    {
        let current = cx.records().load(&stored.grant.id).await?;
        return Ok(Updated::Left(current));
    }
    Ok(erased)
}
