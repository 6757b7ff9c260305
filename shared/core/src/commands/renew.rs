//! `renew`: a caller needs a better token than the stored one.

use jiff::{SignedDuration, Timestamp};

use crate::app::{App, AppType};
use crate::context::{Context, Ports};
use crate::error::BrokerError;
use crate::grant::{Failure, Grant, State};
use crate::port::{Found, Stored};
use crate::records::{Decision, Updated, check_room};
use crate::renewal::{RenewalOutcome, heal, holds_same_pair, mint_or_retire, record_result};
use crate::request::{Reason, Renew, Renewal};
use crate::verdict::TokenVerdict;

/// The longest renewal for a caller. A claim older than this was left behind by an environment that crashed.
const LONGEST_RENEWAL: SignedDuration = SignedDuration::from_secs(30);

/// Which of several concurrent callers performs the renewal.
#[expect(clippy::large_enum_variant, reason = "lives for one match")]
enum Started {
    /// This one: the record that it starts from.
    Here(Stored),
    /// Another one: the record as that one left it.
    Elsewhere(Found<Stored>),
}

/// Renews a pair unless that is pointless: the token in question is no longer the current one, Webex says that it lives,
/// or it was renewed within the day and is not rejected.
pub(crate) async fn renew<P: Ports>(cx: &Context<'_, P>, request: &Renew) -> Result<Renewal, BrokerError> {
    let stored = match cx.records().load(&request.id).await? {
        Found::Absent => return Err(BrokerError::NotFound(request.id.clone())),
        Found::Retired => return Ok(Renewal::revoked()),
        Found::Live(stored) => *stored,
    };
    if !should_renew(cx, request, &stored.grant).await? {
        return Ok(Renewal::of(&stored.grant, false));
    }
    let app = cx.load_app(&request.id.app).await?;
    let mut stored = match begin_renewal(cx, stored, request.force).await? {
        Started::Here(stored) => stored,
        Started::Elsewhere(found) => return Ok(after_other(found)),
    };
    if request.reason == Some(Reason::Rejected) {
        stored.grant = stored.grant.counting_caller_renewal(cx.now());
    }
    // [`should_renew`] has let a rejected token pass only because Webex calls it dead.
    let cx = &Context { replaces_dead_token: request.reason == Some(Reason::Rejected), ..*cx };
    let result = renew_pair(cx, &app, &stored, request.reason).await;
    let failure = record_result(cx, &stored, &result).await;
    let outcome = match result {
        Ok(outcome) => outcome,
        Err(error) => return Err(with_retry_at(error, failure)),
    };
    let is_renewed = matches!(outcome, RenewalOutcome::Renewed(_) | RenewalOutcome::Minted(_));
    Ok(match outcome.grant() {
        Some(grant) => Renewal::of(grant, is_renewed),
        None => Renewal::revoked(),
    })
}

/// Whether the request is a reason to renew the grant. An error says why it must wait.
async fn should_renew<P: Ports>(cx: &Context<'_, P>, request: &Renew, grant: &Grant) -> Result<bool, BrokerError> {
    let Some(pair) = grant.vendable() else { return Ok(false) };
    if request.force {
        return Ok(true);
    }
    if let Some(hash) = request.if_sha256
        && hash != pair.access_token.fingerprint()
    {
        return Ok(false);
    }
    if grant.is_being_renewed(cx.now(), LONGEST_RENEWAL) {
        return Ok(true);
    }
    if request.reason == Some(Reason::Rejected) {
        // A caller's 401 may have any cause; only a token that Webex calls dead is renewed.
        match cx.probe(&pair.access_token).await {
            TokenVerdict::Lives(_) => return Ok(false),
            TokenVerdict::Expired | TokenVerdict::Refused(_) => {}
            TokenVerdict::Unknown(error) => return Err(BrokerError::Webex(error)),
        }
        if let Some(free_at) = grant.caller_renewals_free_at(cx.now()) {
            return Err(BrokerError::TooManyRenewals { id: grant.id.clone(), free_at });
        }
    } else if !cx.settings.renew_at.may_renew(grant, cx.now()) {
        return Ok(false);
    }
    check_back_off(grant, cx.now())?;
    Ok(true)
}

/// After a failure callers wait 1, 2, 4 … 60 minutes, by the record: so that no number of environments, callers or cold
/// starts exhausts a secret.
fn check_back_off(grant: &Grant, now: Timestamp) -> Result<(), BrokerError> {
    let Some(failure) = &grant.failure else { return Ok(()) };
    let Some(retry_at) = failure.callers_retry_at() else { return Ok(()) };
    if now >= retry_at {
        return Ok(());
    }
    Err(BrokerError::BackingOff { id: grant.id.clone(), code: failure.code.clone(), retry_at })
}

/// The error of a renewal, with the time at which a caller may cause another one.
fn with_retry_at(error: BrokerError, failure: Option<Failure>) -> BrokerError {
    let Some(failure) = failure else { return error };
    match failure.callers_retry_at() {
        Some(retry_at) => BrokerError::NotRenewed { source: Box::new(error), retry_at },
        None => error,
    }
}

/// Claims the renewal by compare-and-swap, so that one of several concurrent requests performs it. The others wait for
/// its result. This is an optimisation, not a lock: if the renewing environment crashes, another one takes over after
/// [`LONGEST_RENEWAL`].
async fn begin_renewal<P: Ports>(cx: &Context<'_, P>, stored: Stored, is_forced: bool) -> Result<Started, BrokerError> {
    let rank = cx.actor.renewal_rank();
    let records = cx.records_until(cx.webex_deadline());
    let decide = |found: &Found<Stored>| {
        let Found::Live(current) = found else { return Ok(Decision::Leave(found.clone())) };
        if current.grant.state != State::Active || !holds_same_pair(current, &stored) {
            return Ok(Decision::Leave(found.clone()));
        }
        if current.grant.is_being_renewed(cx.now(), LONGEST_RENEWAL) {
            return Ok(Decision::LookAgain);
        }
        if !is_forced {
            check_back_off(&current.grant, cx.now())?;
        }
        check_room(&current.grant, rank, cx.now())?;
        Ok(Decision::Claim(Box::new(current.grant.renewing(cx.now()))))
    };
    match records.update_from(&stored, rank, decide).await? {
        Updated::Written(claimed) => {
            // The claim has proved that the store takes writes.
            *cx.invocation.store_writable.lock().await = Some(true);
            Ok(Started::Here(claimed))
        }
        Updated::Left(found) => Ok(Started::Elsewhere(found)),
    }
}

/// Webex may answer a refresh with the very token that it rejects; then only minting helps.
async fn renew_pair<P: Ports>(
    cx: &Context<'_, P>,
    app: &App,
    stored: &Stored,
    reason: Option<Reason>,
) -> Result<RenewalOutcome, BrokerError> {
    let outcome = heal(cx, app, stored).await?;
    let can_mint = matches!(app.kind, AppType::ServiceApp(_)) && reason == Some(Reason::Rejected);
    match &outcome {
        RenewalOutcome::Renewed(renewed) if can_mint && vends_same_token(renewed, stored) => {
            mint_or_retire(cx, app, renewed).await
        }
        _ => Ok(outcome),
    }
}

fn vends_same_token(now: &Stored, before: &Stored) -> bool {
    match (now.grant.vendable(), before.grant.vendable()) {
        (Some(now), Some(before)) => now.vends_the_same(before),
        _ => false,
    }
}

fn after_other(found: Found<Stored>) -> Renewal {
    match found {
        Found::Live(stored) => Renewal::of(&stored.grant, false),
        Found::Absent | Found::Retired => Renewal::revoked(),
    }
}
