//! `reconcile`: an `authorized` event asks to look at what Webex says.

use jiff::SignedDuration;

use crate::app::App;
use crate::clock::Clock as _;
use crate::context::{Context, Ports};
use crate::error::BrokerError;
use crate::grant::{AuthorizedAction, Grant, State, WriteRank};
use crate::port::{Found, Stored};
use crate::records::{Decision, Updated};
use crate::renewal::{RenewalOutcome, heal, mint_or_retire, record_result};
use crate::request::Reconcile;
use crate::verdict::TokenVerdict;

/// Waits between mints while Webex may lag behind its own event. After them the next sweep goes on.
const LAG_WAITS: [SignedDuration; 3] =
    [SignedDuration::from_millis(500), SignedDuration::from_secs(1), SignedDuration::from_secs(2)];

/// Saves the hint that the organisation has authorised the app, asks Webex, and returns the grant's state.
///
/// An error means that the hint itself could not be saved. A failure after that is left to a sweep.
pub(crate) async fn reconcile<P: Ports>(cx: &Context<'_, P>, request: &Reconcile) -> Result<State, BrokerError> {
    if request.id.subject.org().is_none() {
        return Err(BrokerError::NoOrg(request.id.clone()));
    }
    let (action, stored) = save_hint(cx, request).await?;
    let result = match action {
        AuthorizedAction::KeepFence | AuthorizedAction::SaveFence(_) => return Ok(State::Fenced),
        AuthorizedAction::StayBlocked => return Ok(State::Revoked),
        AuthorizedAction::SaveThenMint(_) => mint_with_lag_retries(cx, &stored).await,
        AuthorizedAction::Probe => probe_token(cx, &stored).await,
    };
    record_result(cx, &stored, &result).await;
    match result {
        Ok(outcome) => Ok(outcome.state()),
        Err(_) => Ok(stored.grant.state),
    }
}

/// Decides what the event asks for, and saves what must be durable before anything else is done.
async fn save_hint<P: Ports>(
    cx: &Context<'_, P>,
    request: &Reconcile,
) -> Result<(AuthorizedAction, Stored), BrokerError> {
    let id = &request.id;
    let decide = |grant: Option<&Grant>| {
        Grant::on_authorized(grant, id, request.authorized_at, cx.now(), cx.settings.fence_settle)
    };
    let mut action = AuthorizedAction::Probe;
    let updated = cx
        .records()
        .update(id, WriteRank::Sweep, |grant| {
            action = decide(grant);
            match action.to_save() {
                Some(grant) => Ok(Decision::Write(Box::new(grant.clone()))),
                None => Ok(Decision::Leave(())),
            }
        })
        .await?;
    match updated {
        Updated::Written(stored) => Ok((action, stored)),
        Updated::Left(()) => match cx.records().load(id).await? {
            Found::Live(stored) => Ok((action, *stored)),
            Found::Absent | Found::Retired => Err(BrokerError::Contended(id.clone())),
        },
    }
}

/// Mints for an organisation that is said to have authorised the app. A 403 is repeated while it may be lag.
async fn mint_with_lag_retries<P: Ports>(cx: &Context<'_, P>, stored: &Stored) -> Result<RenewalOutcome, BrokerError> {
    let app = cx.load_app(&stored.grant.id.app).await?;
    let mut result = mint_or_retire(cx, &app, stored).await;
    for wait in LAG_WAITS {
        let is_refused = matches!(result, Err(BrokerError::NotAuthorized(_)));
        if !is_refused || !cx.webex_deadline().allows(cx.now(), wait) {
            break;
        }
        cx.clock.sleep(wait).await;
        result = mint_or_retire(cx, &app, stored).await;
    }
    result
}

/// A repeated event: nothing is minted if Webex still takes the token, so that duplicates do not pile up live tokens.
async fn probe_token<P: Ports>(cx: &Context<'_, P>, stored: &Stored) -> Result<RenewalOutcome, BrokerError> {
    let unchanged = RenewalOutcome::Adopted(Found::Live(Box::new(stored.clone())));
    let Some(pair) = stored.grant.vendable() else { return Ok(unchanged) };
    match cx.probe(&pair.access_token).await {
        TokenVerdict::Lives(_) => Ok(unchanged),
        TokenVerdict::Expired | TokenVerdict::Refused(_) => {
            let app = cx.load_app(&stored.grant.id.app).await?;
            heal_dead_pair(&cx.replacing_dead_token(), &app, stored).await
        }
        TokenVerdict::Unknown(error) => Err(BrokerError::Webex(error)),
    }
}

/// The pair is dead and the organisation is said to have authorised: that is saved before Webex is asked.
async fn heal_dead_pair<P: Ports>(
    cx: &Context<'_, P>,
    app: &App,
    stored: &Stored,
) -> Result<RenewalOutcome, BrokerError> {
    let reauthorized = stored.grant.reauthorized(cx.now());
    match cx.records().replace(stored, reauthorized, WriteRank::Sweep).await? {
        Updated::Written(saved) => heal(cx, app, &saved).await,
        Updated::Left(found) => Ok(RenewalOutcome::Adopted(found)),
    }
}
