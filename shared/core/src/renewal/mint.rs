//! Minting a pair for an organisation.

use jiff::SignedDuration;

use super::minter::{bearer, replace_rejected_bearer};
use super::org_name;
use super::outcome::RenewalOutcome;
use crate::app::{App, AppType, ServiceApp};
use crate::clock::Clock as _;
use crate::context::{Context, Ports};
use crate::error::BrokerError;
use crate::grant::{Grant, WriteRank};
use crate::id::{GrantId, OrgId};
use crate::pair::{Pair, TokenResponse};
use crate::port::{Found, Stored, Webex as _, WebexError};
use crate::records::{Decision, Updated};
use crate::token::AccessToken;
use crate::verdict::MintVerdict;

/// The pause before a refused mint is repeated: a single 403 may pass.
const BEFORE_REPEATING: SignedDuration = SignedDuration::from_secs(1);

/// Mints with the minter's token. If Webex rejects that token, it is renewed once and the mint is repeated.
pub(crate) async fn mint<P: Ports>(cx: &Context<'_, P>, app: &App, id: &GrantId) -> Result<TokenResponse, BrokerError> {
    let Some(org) = id.subject.org() else {
        return Err(BrokerError::NoOrg(id.clone()));
    };
    let service_app = service_app(app)?;
    let token = bearer(cx).await?;
    let rejection = match mint_with(cx, app, service_app, org, &token).await {
        Err(error) if error.mint_verdict() == MintVerdict::BearerRefused => error,
        answer => return read_answer(cx, answer).await,
    };
    match replace_rejected_bearer(cx, &token).await? {
        Some(token) => {
            let answer = mint_with(cx, app, service_app, org, &token).await;
            read_answer(cx, answer).await
        }
        None => Err(minter_refused(cx, rejection)),
    }
}

/// Mints, and repeats a refusal after a pause before it counts. A refusal that could not be repeated in time is an
/// unconfirmed one.
pub(crate) async fn mint_confirmed<P: Ports>(
    cx: &Context<'_, P>,
    app: &App,
    id: &GrantId,
) -> Result<TokenResponse, BrokerError> {
    let first = match mint(cx, app, id).await {
        Err(BrokerError::NotAuthorized(error)) => error,
        answer => return answer,
    };
    if !cx.webex_deadline().allows(cx.now(), BEFORE_REPEATING) {
        return Err(BrokerError::NotConfirmed(first));
    }
    cx.clock.sleep(BEFORE_REPEATING).await;
    mint(cx, app, id).await
}

/// One request to mint with `token`.
pub(crate) async fn mint_with<P: Ports>(
    cx: &Context<'_, P>,
    app: &App,
    service_app: &ServiceApp,
    org: &OrgId,
    token: &AccessToken,
) -> Result<TokenResponse, WebexError> {
    cx.webex.mint(&app.client, &service_app.application_id, org, token, cx.webex_deadline()).await
}

fn service_app(app: &App) -> Result<&ServiceApp, BrokerError> {
    match &app.kind {
        AppType::ServiceApp(service_app) => Ok(service_app),
        AppType::Integration(_) => Err(BrokerError::WrongKind { app: app.name.clone(), wanted: "a Service App" }),
    }
}

async fn read_answer<P: Ports>(
    cx: &Context<'_, P>,
    answer: Result<TokenResponse, WebexError>,
) -> Result<TokenResponse, BrokerError> {
    let error = match answer {
        Ok(response) => {
            cx.invocation.minter.lock().await.has_minted = true;
            return Ok(response);
        }
        Err(error) => error,
    };
    Err(match error.mint_verdict() {
        MintVerdict::NotAuthorized => BrokerError::NotAuthorized(error),
        MintVerdict::BearerRefused | MintVerdict::MinterRefused => minter_refused(cx, error),
        MintVerdict::Later => BrokerError::Webex(error),
    })
}

fn minter_refused<P: Ports>(cx: &Context<'_, P>, source: WebexError) -> BrokerError {
    BrokerError::MinterRefused { minter: cx.settings.minter.clone(), source: Box::new(source) }
}

/// Stores a minted pair over the record as it was `read`. If anything but a failure was written meanwhile, a fence above
/// all, that stands and the pair is dropped: it was asked for before.
pub(crate) async fn store_minted<P: Ports>(
    cx: &Context<'_, P>,
    read: &Stored,
    response: TokenResponse,
) -> Result<RenewalOutcome, BrokerError> {
    let now = cx.now();
    let pair = Pair::from_response(response, None, now);
    let org_name = org_name::at_mint(cx, &read.grant, &pair.access_token).await;
    let updated = cx
        .records()
        .update_from(read, WriteRank::Last, |found| match found {
            Found::Live(current) if current.grant.differs_only_in_failure(&read.grant) => {
                let minted = current.grant.minted(pair.clone(), now);
                Ok(Decision::Write(Box::new(Grant { org_name: org_name.clone(), ..minted })))
            }
            _ => Ok(Decision::Leave(found.clone())),
        })
        .await?;
    Ok(match updated {
        Updated::Written(stored) => RenewalOutcome::Minted(stored),
        Updated::Left(found) => RenewalOutcome::Adopted(found),
    })
}
