//! Storing a pair that a person brought: by import or by consent.

use std::convert::Infallible;

use jiff::Timestamp;

use crate::app::{AppType, ServiceApp};
use crate::context::{Context, Ports};
use crate::error::BrokerError;
use crate::grant::{Grant, State, TransitionKind, WriteRank};
use crate::id::{AppName, GrantId, OrgId};
use crate::pair::Pair;
use crate::port::{Found, Store as _};
use crate::records::{Decision, Updated};
use crate::renewal::{RenewalOutcome, mint_with, record_result};

/// The scope without which a token cannot mint.
const MINTING_SCOPE: &str = "spark:applications_token";

/// Organisations at which a new minter may prove itself. More than one, since one may have withdrawn.
const ORGS_TO_TRY: usize = 3;

/// Replaces the record with a pair that a person brought by `act`, unless `check` refuses what stands.
pub(super) async fn store_pair<P: Ports>(
    cx: &Context<'_, P>,
    id: &GrantId,
    pair: Pair,
    act: TransitionKind,
    check: impl Fn(&Grant) -> Result<(), BrokerError> + Send + Sync,
) -> Result<Grant, BrokerError> {
    if *id == cx.settings.minter {
        check_new_minter(cx, &pair).await?;
    }
    let now: Timestamp = cx.now();
    let updated: Updated<Infallible> = cx
        .records()
        .update(id, WriteRank::Last, |grant| {
            let before = match grant {
                Some(grant) => grant.clone(),
                None => Grant::pending(id.clone(), None),
            };
            check(&before)?;
            Ok(Decision::Write(Box::new(before.minted(pair.clone(), now).because(act))))
        })
        .await?;
    let Updated::Written(stored) = updated;
    let result = Ok(RenewalOutcome::Renewed(stored.clone()));
    record_result(cx, &stored, &result).await;
    Ok(stored.grant)
}

/// Refuses a command whose result a block would refuse, before the command spends anything at Webex.
pub(super) async fn refuse_blocked<P: Ports>(cx: &Context<'_, P>, id: &GrantId) -> Result<(), BrokerError> {
    match cx.records().load(id).await? {
        Found::Live(stored) if stored.grant.blocked => Err(BrokerError::Blocked(id.clone())),
        Found::Live(_) | Found::Absent | Found::Retired => Ok(()),
    }
}

/// Refuses an imported or restored pair that a fence keeps from being used.
pub(super) fn refuse_fenced<P: Ports>(
    cx: &Context<'_, P>,
    grant: &Grant,
    asked_at: Timestamp,
) -> Result<(), BrokerError> {
    if blocked_by_fence(cx, grant, asked_at) { Err(BrokerError::Fenced(grant.id.clone())) } else { Ok(()) }
}

/// Whether a fence keeps an imported or restored pair from being used: a refresh may succeed while Webex lags behind a
/// withdrawal.
pub(super) fn blocked_by_fence<P: Ports>(cx: &Context<'_, P>, grant: &Grant, asked_at: Timestamp) -> bool {
    grant.state == State::Fenced || !grant.has_settled(asked_at, cx.settings.fence_settle)
}

/// Checks a new minter before it replaces a working one: its token must carry the scope, where the answer names scopes,
/// and mint for one of the organisations that are known. A minter that replaces nothing needs no proof.
async fn check_new_minter<P: Ports>(cx: &Context<'_, P>, pair: &Pair) -> Result<(), BrokerError> {
    if let Some(scope) = &pair.scope
        && !scope.split(' ').any(|granted| granted == MINTING_SCOPE)
    {
        return Err(BrokerError::Invalid(
            "the new minter's token lacks the scope spark:applications_token; the old minter stays",
        ));
    }
    let works = match cx.records().load(&cx.settings.minter).await? {
        Found::Live(stored) => stored.grant.vendable().is_some() && stored.grant.failure.is_none(),
        Found::Absent | Found::Retired => false,
    };
    if works { prove_by_mint(cx, pair).await } else { Ok(()) }
}

async fn prove_by_mint<P: Ports>(cx: &Context<'_, P>, pair: &Pair) -> Result<(), BrokerError> {
    let mut refusal = None;
    let mut tried = 0;
    for app in cx.store.apps(cx.deadline).await?.items {
        let AppType::ServiceApp(service_app) = &app.kind else { continue };
        for org in known_orgs(cx, &app.name, service_app).await? {
            if tried == ORGS_TO_TRY {
                break;
            }
            tried += 1;
            match mint_with(cx, &app, service_app, &org, &pair.access_token).await {
                // The pair is dropped: the organisation's own is newer, or the next sweep mints one.
                Ok(_) => return Ok(()),
                // The fault of the app's own secret says nothing about the minter.
                Err(error) if error.code.as_deref() == Some("invalid_client") => {}
                Err(error) => refusal = Some(error),
            }
        }
    }
    match refusal {
        Some(source) => {
            Err(BrokerError::MinterRefused { minter: cx.settings.minter.clone(), source: Box::new(source) })
        }
        None => Ok(()),
    }
}

/// The organisations that have authorised the app, as far as one page of grants tells, and then those that the operator
/// names.
async fn known_orgs<P: Ports>(
    cx: &Context<'_, P>,
    app: &AppName,
    service_app: &ServiceApp,
) -> Result<Vec<OrgId>, BrokerError> {
    let mut orgs = Vec::new();
    if let Some(page) = cx.store.records_page(app, None, cx.deadline).await? {
        for stored in page.live {
            if let (State::Active, Some(org)) = (stored.grant.state, stored.grant.id.subject.org()) {
                orgs.push(org.clone());
            }
        }
    }
    orgs.extend(service_app.orgs.iter().cloned());
    Ok(orgs)
}
