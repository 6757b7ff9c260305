//! Ending grants that no event has announced to end.
//!
//! A refused mint alone is no evidence: it may be a proxy's, the minter's, or a passing one. A grant ends only if Webex
//! also calls its access token dead (or there is none) while the minter is proven good, and at most a few grants of an app
//! in one sweep, unless a person agrees.

use std::collections::BTreeMap;

use super::execute::count_result;
use super::fleet::Fleet;
use super::report::SweepOutcome;
use super::task_result::RefusedGrant;
use crate::app::App;
use crate::context::{Context, Ports};
use crate::error::BrokerError;
use crate::id::AppName;
use crate::port::{Found, Stored};
use crate::renewal::{RenewalOutcome, mint, minter_is_alive, record_result, retire_unannounced, store_minted};

/// Grants of an app that may end in one sweep without an event, however small the app is.
const AT_LEAST: usize = 3;

/// The share of an app's grants that may end in one sweep without an event, as a divisor.
const ONE_IN: usize = 10;

/// Decides about the grants whose mint was `refused`, app by app, and counts the results.
pub(super) async fn decide<P: Ports>(
    cx: &Context<'_, P>,
    apps: &[App],
    refused: Vec<RefusedGrant>,
    allow_retirements: bool,
    fleet: &mut Fleet,
    outcome: &mut SweepOutcome,
) {
    let mut by_app: BTreeMap<AppName, Vec<RefusedGrant>> = BTreeMap::new();
    for grant in refused {
        by_app.entry(grant.stored.grant.id.app.clone()).or_default().push(grant);
    }
    for app in apps {
        let Some(grants) = by_app.remove(&app.name) else { continue };
        decide_for_app(cx, app, grants, allow_retirements, fleet, outcome).await;
    }
}

async fn decide_for_app<P: Ports>(
    cx: &Context<'_, P>,
    app: &App,
    refused: Vec<RefusedGrant>,
    allow_retirements: bool,
    fleet: &mut Fleet,
    outcome: &mut SweepOutcome,
) {
    let minter_is_good = minter_is_proven(cx, app, refused.len(), allow_retirements, fleet, outcome).await;
    let mut confirmed = Vec::new();
    for grant in refused {
        if minter_is_good && token_is_dead(cx, &grant.stored).await {
            confirmed.push(grant);
        } else {
            record(cx, grant.stored, Err(grant.error), fleet, outcome).await;
        }
    }
    let count = confirmed.len();
    let is_held = count > allowed(app, fleet) && !allow_retirements;
    for RefusedGrant { stored, error } in confirmed {
        let result = match error {
            BrokerError::NotConfirmed(source) if is_held => {
                Err(BrokerError::RetirementsHeld { count, source: Box::new(source) })
            }
            _ => retire_unannounced(cx, &stored).await,
        };
        record(cx, stored, result, fleet, outcome).await;
    }
}

/// How many grants of the app may end in this sweep.
fn allowed(app: &App, fleet: &Fleet) -> usize {
    AT_LEAST.max(fleet.live_grants(&app.name) / ONE_IN)
}

async fn record<P: Ports>(
    cx: &Context<'_, P>,
    stored: Stored,
    result: Result<RenewalOutcome, BrokerError>,
    fleet: &mut Fleet,
    outcome: &mut SweepOutcome,
) {
    record_result(cx, &stored, &result).await;
    count_result(cx, &stored.grant, &result, fleet, outcome);
}

/// Whether Webex calls the stored access token dead, or there is none.
async fn token_is_dead<P: Ports>(cx: &Context<'_, P>, stored: &Stored) -> bool {
    let Some(pair) = &stored.grant.pair else { return true };
    cx.probe(&pair.access_token).await.is_proven_dead()
}

/// Whether the refusals cannot be the minter's fault: another mint succeeded in this sweep, or its token lives and no
/// other grant of the app failed alike. If several did, a healthy grant of the app is minted for, which decides it.
async fn minter_is_proven<P: Ports>(
    cx: &Context<'_, P>,
    app: &App,
    refused: usize,
    allow_retirements: bool,
    fleet: &mut Fleet,
    outcome: &mut SweepOutcome,
) -> bool {
    if cx.invocation.minter.lock().await.has_minted {
        return true;
    }
    if (refused == 1 || allow_retirements) && minter_is_alive(cx).await {
        return true;
    }
    mint_for_healthy_grant(cx, app, fleet, outcome).await
}

async fn mint_for_healthy_grant<P: Ports>(
    cx: &Context<'_, P>,
    app: &App,
    fleet: &mut Fleet,
    outcome: &mut SweepOutcome,
) -> bool {
    let Some(id) = fleet.healthy_grant(&app.name).cloned() else { return false };
    let Ok(Found::Live(stored)) = cx.records().load(&id).await else { return false };
    let Ok(response) = mint(cx, app, &id).await else { return false };
    let result = store_minted(cx, &stored, response).await;
    record(cx, *stored, result, fleet, outcome).await;
    true
}
