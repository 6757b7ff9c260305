//! `sweep`: looks at everything, does the most urgent first, isolates each grant's failure, stops in time, and reports
//! what it left.

mod app_states;
mod census;
mod counts;
mod credentials;
mod data_sources;
mod discover;
mod execute;
mod fleet;
mod incidents;
mod listing;
mod packing;
mod plan;
mod probes;
mod registrations;
mod report;
mod retirement;
mod scheduled;
mod task_result;
#[cfg(test)]
mod testing;

use std::sync::{Mutex, PoisonError};

use futures_util::future::join;
use jiff::SignedDuration;
use tracing::{info, warn};

use app_states::AppStates;
use census::Census;
use packing::PackingPlan;
use probes::ProbeList;

use crate::app::App;
use crate::clock::Deadline;
use crate::context::{Context, Ports};
use crate::error::BrokerError;
use crate::port::{Found, Scan, Store as _, StoreError};
use crate::renewal::{ClaimResult, RenewalOutcome, claim, record_result, refresh};

pub use counts::AppCounts;
pub(crate) use registrations::is_own_registration;
pub use report::{FailureLine, RegistrationCheck, SweepOutcome, SweepReport};

/// Time that a look at the registrations needs. They come last: a grant that is not renewed is the greater loss.
const REGISTRATIONS: SignedDuration = SignedDuration::from_secs(2);

/// Time kept back for notices and for the states of apps. An outage of Webex uses up all the time of the grants.
const ENDING: SignedDuration = SignedDuration::from_secs(4);

/// What a sweep may be asked.
#[derive(Debug, Clone, Default)]
pub struct SweepOptions {
    /// Where Webex is to deliver, instead of the deployment's own URL.
    pub webhook_url: Option<String>,
    /// A person agrees that any number of grants may end without a deauthorisation event.
    pub allow_retirements: bool,
}

/// One pass over everything. An error means that nothing could be done.
pub(crate) async fn sweep<P: Ports>(cx: &Context<'_, P>, options: &SweepOptions) -> Result<SweepOutcome, BrokerError> {
    let began = cx.now();
    let mut outcome = SweepOutcome::default();
    let listing_deadline = cx.invocation.listing_deadline(began);
    let mut apps = cx.store.apps(listing_deadline).await?;
    let states = app_states::load(cx, listing_deadline).await;
    apps.items.retain(|app| !states.has_removed(app));
    report_scan("apps", &apps, &mut outcome);
    for app in &apps.items {
        outcome.add_problems(app, &format!("apps/{}", app.name), &app.problems);
    }
    let Census { mut fleet, tasks, probes, quiet, unreadable, .. } =
        take_census(cx, &apps.items, &states, listing_deadline, &mut outcome).await?;
    let tasks = tasks.in_order(cx.now());
    let grants_cx = cx.keeping(ENDING + data_sources::reserve(cx, &apps.items));
    let packing = PackingPlan::new(&apps.items, quiet, cx.settings.pack_above, &outcome);
    let renewing = async {
        let refused = execute::execute(&grants_cx, &apps.items, tasks, probes, &mut fleet, &mut outcome).await;
        let allows = options.allow_retirements;
        retirement::decide(&grants_cx, &apps.items, refused, allows, &mut fleet, &mut outcome).await;
    };
    // Renewals wait for versions of secrets and for Webex, and packing for deletions.
    let ((), packed) = join(Box::pin(renewing), Box::pin(packing.carry_out(&grants_cx))).await;
    outcome.set_packed(packed);
    let webhook_url = options.webhook_url.as_deref();
    data_sources::keep_data_sources(&cx.keeping(ENDING), &apps.items, webhook_url, &mut outcome).await;
    repair_registrations(cx, &apps.items, webhook_url, &mut outcome).await;
    fleet.add_counted(&mut outcome);
    outcome.count_current(fleet.kept(), &cx.settings.minter, cx.now());
    states.defer_unlisted(&mut outcome);
    let mut states = states.update(cx, &apps.items, &fleet, &mut outcome).await;
    let found = incidents::Findings { apps: &apps, unreadable: &unreadable, fleet: &fleet, outcome: &outcome };
    incidents::announce(cx, &found, &mut states).await;
    app_states::save(cx, &states).await;
    outcome.count_changes(&cx.invocation.changes());
    outcome.add_up();
    outcome.report.elapsed_ms = u64::try_from(cx.now().duration_since(began).as_millis()).unwrap_or_default();
    Ok(outcome)
}

/// Renews the minter and lists all grants.
async fn take_census<'a, P: Ports>(
    cx: &Context<'a, P>,
    apps: &[App],
    states: &AppStates,
    deadline: Deadline,
    outcome: &mut SweepOutcome,
) -> Result<Census<'a>, BrokerError> {
    let probes = ProbeList::new(cx.memory, cx.now());
    let mut census = Census::new(cx.settings, apps, states.announced(), probes, cx.now());
    renew_minter(cx, &mut census, outcome).await;
    let census = Mutex::new(census);
    let listing = listing::list(cx, apps, states, &census, deadline).await?;
    let mut census = census.into_inner().unwrap_or_else(PoisonError::into_inner);
    census.add_discoveries(&listing.complete);
    outcome.report.scanned = census.scanned;
    outcome.report.skipped += census.idle;
    outcome.count_unreadable(&census.unreadable);
    if let Some(error) = &listing.cut_short {
        report_cut_short("grants", error, outcome);
    }
    outcome.unlisted = listing.unlisted;
    for (app, grants) in &census.left_out {
        outcome.app(app).deferred += grants;
    }
    Ok(census)
}

/// The minter goes before all others: everything depends on it.
async fn renew_minter<P: Ports>(cx: &Context<'_, P>, census: &mut Census<'_>, outcome: &mut SweepOutcome) {
    // A minter that cannot be read is reported when it is listed.
    let Ok(Found::Live(stored)) = cx.records().load(&cx.settings.minter).await else { return };
    let has_refresh_token = matches!(stored.grant.vendable(), Some(pair) if pair.refresh_token.is_some());
    if !has_refresh_token || !plan::is_due(&stored.grant, false, cx.settings, cx.now()) {
        census.add_idle_minter(stored.grant);
        return;
    }
    let (stored, result) = match claim(cx, (*stored).clone()).await {
        Ok(ClaimResult::Claimed(claimed)) => {
            let result = match cx.load_app(&claimed.grant.id.app).await {
                Ok(app) => refresh(cx, &app.client, &claimed).await,
                Err(error) => Err(error),
            };
            (claimed, result)
        }
        Ok(ClaimResult::Elsewhere(found)) => (*stored, Ok(RenewalOutcome::Adopted(found))),
        Err(error) => (*stored, Err(error)),
    };
    record_result(cx, &stored, &result).await;
    execute::count_result(cx, &stored.grant, &result, &mut census.fleet, outcome);
}

async fn repair_registrations<P: Ports>(
    cx: &Context<'_, P>,
    apps: &[App],
    webhook_url: Option<&str>,
    outcome: &mut SweepOutcome,
) {
    let Some(base) = webhook_url.or(cx.settings.webhook_url.as_deref()) else { return };
    if !cx.webex_deadline().allows(cx.now(), REGISTRATIONS) {
        info!(outcome = "deferred", "the webhook registrations are left to the next sweep");
        outcome.registrations = RegistrationCheck::Deferred;
        return;
    }
    if let Err(error) = registrations::repair(cx, apps, base, outcome).await {
        let minter = &cx.settings.minter;
        warn!(
            outcome = "failed",
            code = error.code(),
            webex.tracking_id = error.tracking_id(),
            "the webhook registrations could not be checked: {}",
            error.words()
        );
        outcome.registrations = RegistrationCheck::Failed(error.code());
        outcome.add_failure(FailureLine::of(minter.app.as_str(), minter.subject.as_str(), &error));
    }
}

/// Counts what could not be read. A scan that ended early is a failure of its own, since nobody knows what is missing.
fn report_scan<T>(what: &'static str, scan: &Scan<T>, outcome: &mut SweepOutcome) {
    outcome.count_unreadable(&scan.unreadable);
    if let Some(error) = &scan.cut_short {
        report_cut_short(what, error, outcome);
    }
}

fn report_cut_short(what: &'static str, error: &StoreError, outcome: &mut SweepOutcome) {
    warn!(outcome = "cut_short", "not all {what} could be listed: {error}");
    outcome.listing_cut_short = true;
    outcome.add_failure(FailureLine {
        app: what.to_owned(),
        subject: String::new(),
        code: "listing_cut_short".to_owned(),
        tracking_id: None,
        reason: format!("not all {what} could be listed: {error}"),
    });
}
