//! Refreshing a pair, and storing the new one before anything else happens with it.

use jiff::SignedDuration;

use super::org_name;
use super::outcome::RenewalOutcome;
use crate::app::Client;
use crate::clock::Clock as _;
use crate::context::{Actor, Context, Ports};
use crate::error::BrokerError;
use crate::grant::{Grant, OrgDisplayName, WriteRank};
use crate::invocation::Change;
use crate::pair::{Pair, TokenResponse};
use crate::port::{Found, StoreError, Stored, Webex as _, WebexError};
use crate::records::{Decision, Updated, check_room};
use crate::token::RefreshToken;
use crate::verdict::RefreshVerdict;

/// How long the winner of a race may take to store its pair, before the loser calls the grant dead.
const WINNER_WRITES: SignedDuration = SignedDuration::from_secs(1);

/// The same between two sweeps: both begin with few writes a second, for which the renewals in hand wait up to two seconds.
const WINNING_SWEEP_WRITES: SignedDuration = SignedDuration::from_secs(3);

/// The result of claiming a renewal.
#[expect(clippy::large_enum_variant, reason = "lives for one match")]
pub(crate) enum ClaimResult {
    /// The record from which the renewal starts.
    Claimed(Stored),
    /// Another writer was faster, and what it wrote stands.
    Elsewhere(Found<Stored>),
}

/// Makes sure that the store takes writes before a refresh token is spent on a pair that could not be kept.
///
/// The first renewal of an invocation proves it with a write that has a use of its own: it marks the record as being
/// renewed. Later ones rely on that. A record whose own budget is spent is renewed without a proof.
pub(crate) async fn claim<P: Ports>(cx: &Context<'_, P>, stored: Stored) -> Result<ClaimResult, BrokerError> {
    let mut writable = cx.invocation.store_writable.lock().await;
    match *writable {
        Some(true) => return Ok(ClaimResult::Claimed(stored)),
        Some(false) => return Err(not_writable().into()),
        None => {}
    }
    let rank = cx.actor.note_rank();
    if !stored.grant.has_room_for(rank, cx.now()) {
        return Ok(ClaimResult::Claimed(stored));
    }
    match cx.records().claim(&stored, rank).await {
        Ok(updated) => {
            *writable = Some(true);
            Ok(match updated {
                Updated::Written(claimed) => ClaimResult::Claimed(claimed),
                Updated::Left(found) => ClaimResult::Elsewhere(found),
            })
        }
        Err(error) => {
            // A refusal that is about this record alone says nothing about the others.
            if let BrokerError::Store(StoreError::Unavailable { .. }) = error {
                *writable = Some(false);
            }
            Err(error)
        }
    }
}

fn not_writable() -> StoreError {
    StoreError::Unavailable { operation: "a write", code: "not_proven_writable".to_owned() }
}

/// Spends the refresh token of `stored` and stores the new pair. The caller has claimed the renewal.
pub(crate) async fn refresh<P: Ports>(
    cx: &Context<'_, P>,
    client: &Client,
    stored: &Stored,
) -> Result<RenewalOutcome, BrokerError> {
    let Some(spent) = refresh_token(stored) else {
        return Err(BrokerError::NoRefreshToken(stored.grant.id.clone()));
    };
    check_room(&stored.grant, cx.actor.renewal_rank(), cx.now())?;
    let name = org_name::before_refresh(cx, &stored.grant).await;
    match cx.webex.refresh(client, &spent, cx.webex_deadline()).await {
        Ok(response) => store_refreshed(cx, stored, response, &name).await,
        Err(error) => after_refusal(cx, client, stored, &spent, error).await,
    }
}

fn refresh_token(stored: &Stored) -> Option<RefreshToken> {
    stored.grant.pair.as_ref()?.refresh_token.clone()
}

/// A refusal may only mean that another renewal was faster: the record is read again, after a moment for the winner to
/// write. A refusal without a code is final if a second try ends the same way.
async fn after_refusal<P: Ports>(
    cx: &Context<'_, P>,
    client: &Client,
    stored: &Stored,
    spent: &RefreshToken,
    error: WebexError,
) -> Result<RenewalOutcome, BrokerError> {
    let verdict = error.refresh_verdict();
    if verdict == RefreshVerdict::Later {
        return Err(BrokerError::Webex(error));
    }
    let winner_writes = if cx.actor == Actor::Sweep { WINNING_SWEEP_WRITES } else { WINNER_WRITES };
    cx.clock.sleep(winner_writes).await;
    let current = cx.records().load(&stored.grant.id).await?;
    let Found::Live(still) = &current else {
        return Ok(RenewalOutcome::Adopted(current));
    };
    if !holds_same_pair(still, stored) {
        return Ok(RenewalOutcome::Adopted(current));
    }
    if verdict == RefreshVerdict::Finished {
        return Err(BrokerError::RefreshTokenFinished(error));
    }
    match cx.webex.refresh(client, spent, cx.webex_deadline()).await {
        Ok(response) => store_refreshed(cx, stored, response, &stored.grant.org_name).await,
        Err(again) if again.refresh_verdict() == RefreshVerdict::Later => Err(BrokerError::Webex(again)),
        Err(again) => Err(BrokerError::RefreshTokenFinished(again)),
    }
}

/// Puts a refreshed pair in the place of the one whose refresh token it cost, whatever else was written meanwhile: a
/// failure, or a fence, which stays. If another pair has taken the place, that one is newer and ours is dropped.
async fn store_refreshed<P: Ports>(
    cx: &Context<'_, P>,
    read: &Stored,
    response: TokenResponse,
    org_name: &OrgDisplayName,
) -> Result<RenewalOutcome, BrokerError> {
    let now = cx.now();
    let pair = Pair::from_response(response, read.grant.pair.as_ref(), now);
    note_refresh_token_life(cx, read, &pair);
    let updated = cx
        .records()
        .update_from(read, WriteRank::Last, |found| match found {
            Found::Live(current) if holds_same_pair(current, read) => {
                let refreshed = current.grant.refreshed(pair.clone(), now);
                Ok(Decision::Write(Box::new(Grant { org_name: org_name.clone(), ..refreshed })))
            }
            _ => Ok(Decision::Leave(found.clone())),
        })
        .await?;
    Ok(match updated {
        Updated::Written(stored) => RenewalOutcome::Renewed(stored),
        Updated::Left(found) => RenewalOutcome::Adopted(found),
    })
}

/// A refresh should renew the refresh token's life; where it does not, the grant ends with it and a person must know.
fn note_refresh_token_life<P: Ports>(cx: &Context<'_, P>, read: &Stored, new: &Pair) {
    let Some(before) = read.grant.pair.as_ref().and_then(|pair| pair.refresh_token_expires_at) else { return };
    let Some(after) = new.refresh_token_expires_at else { return };
    if after <= before {
        cx.invocation.record_change(&read.grant.id.app, Change::RefreshTokenNotRising);
    }
}

/// Whether the pair that was read still stands.
pub(crate) fn holds_same_pair(current: &Stored, read: &Stored) -> bool {
    match (&current.grant.pair, &read.grant.pair) {
        (Some(current), Some(read)) => current.is_the_same_as(read),
        _ => false,
    }
}
