//! The minter: the Integration's grant whose access token mints for every organisation.

use futures_util::lock::MutexGuard;
use jiff::SignedDuration;

use super::failures::record_result;
use super::outcome::RenewalOutcome;
use super::refresh::{ClaimResult, claim, refresh};
use crate::context::{Context, Ports};
use crate::error::BrokerError;
use crate::grant::Grant;
use crate::invocation::MinterState;
use crate::port::{Found, Stored};
use crate::token::AccessToken;
use crate::verdict::TokenVerdict;

/// A bearer with less life than this may end on its way to Webex.
const LEAST_LIFE: SignedDuration = SignedDuration::from_secs(60);

/// A minter that was renewed within this time and whose token lives is not renewed again for being refused: the cause
/// is not the token's age, and each renewal leaves a token that lives for two weeks.
const RENEWED_LATELY: SignedDuration = SignedDuration::from_hours(24);

/// The minter's access token, fetched once an invocation and renewed if it is about to end.
pub(crate) async fn bearer<P: Ports>(cx: &Context<'_, P>) -> Result<AccessToken, BrokerError> {
    let mut minter = cx.invocation.minter.lock().await;
    if let Some(known) = &minter.bearer {
        return Ok(known.clone());
    }
    let stored = load(cx).await?;
    let token = match stored.grant.vendable() {
        Some(pair) if pair.remaining(cx.now()) > LEAST_LIFE => pair.access_token.clone(),
        _ => renew(cx, stored, &mut minter).await?,
    };
    minter.bearer = Some(token.clone());
    Ok(token)
}

/// The bearer to use after Webex rejected one: what another writer has put in its place, or a renewed one. `None` if
/// renewing would not help.
pub(super) async fn replace_rejected_bearer<P: Ports>(
    cx: &Context<'_, P>,
    rejected: &AccessToken,
) -> Result<Option<AccessToken>, BrokerError> {
    let mut minter = cx.invocation.minter.lock().await;
    if let Some(known) = &minter.bearer
        && known.fingerprint() != rejected.fingerprint()
    {
        return Ok(Some(known.clone()));
    }
    let stored = load(cx).await?;
    let token = match access_token(&stored.grant) {
        Some(current) if current.fingerprint() != rejected.fingerprint() => current,
        Some(current) if !renewal_may_help(cx, &stored.grant, &current).await => return Ok(None),
        _ => renew(cx, stored, &mut minter).await?,
    };
    minter.bearer = Some(token.clone());
    Ok(Some(token))
}

/// Decided by the record and by Webex, so that many environments and sweeps renew a refused minter once a day at most.
async fn renewal_may_help<P: Ports>(cx: &Context<'_, P>, minter: &Grant, token: &AccessToken) -> bool {
    let Some(renewed_at) = minter.renewed_at else { return true };
    if cx.now().duration_since(renewed_at) >= RENEWED_LATELY {
        return true;
    }
    cx.probe(token).await.is_dead()
}

/// Whether Webex says that the minter's own token lives.
pub(crate) async fn is_alive<P: Ports>(cx: &Context<'_, P>) -> bool {
    let Ok(token) = bearer(cx).await else { return false };
    matches!(cx.probe(&token).await, TokenVerdict::Lives(_))
}

/// Renews the minter. It is only ever refreshed: nothing mints a minter.
async fn renew<P: Ports>(
    cx: &Context<'_, P>,
    stored: Stored,
    minter: &mut MutexGuard<'_, MinterState>,
) -> Result<AccessToken, BrokerError> {
    let has_refresh_token = matches!(&stored.grant.pair, Some(pair) if pair.refresh_token.is_some());
    if minter.has_ended || !has_refresh_token {
        return Err(ended(cx));
    }
    let app = cx.load_app(&stored.grant.id.app).await?;
    let (stored, result) = match claim(cx, stored.clone()).await {
        Ok(ClaimResult::Claimed(claimed)) => {
            let result = refresh(cx, &app.client, &claimed).await;
            (claimed, result)
        }
        Ok(ClaimResult::Elsewhere(found)) => (stored, Ok(RenewalOutcome::Adopted(found))),
        Err(error) => (stored, Err(error)),
    };
    minter.has_ended = matches!(result, Err(BrokerError::RefreshTokenFinished(_)));
    record_result(cx, &stored, &result).await;
    match result?.grant().and_then(access_token) {
        Some(token) => Ok(token),
        None => Err(ended(cx)),
    }
}

async fn load<P: Ports>(cx: &Context<'_, P>) -> Result<Stored, BrokerError> {
    match cx.records().load(&cx.settings.minter).await? {
        Found::Live(stored) => Ok(*stored),
        Found::Absent | Found::Retired => Err(BrokerError::MinterMissing(cx.settings.minter.clone())),
    }
}

fn ended<P: Ports>(cx: &Context<'_, P>) -> BrokerError {
    BrokerError::MinterEnded(cx.settings.minter.clone())
}

fn access_token(grant: &Grant) -> Option<AccessToken> {
    Some(grant.vendable()?.access_token.clone())
}
