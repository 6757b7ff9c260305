//! `sweep`: looks at everything, does the most urgent first, isolates each grant's failure, stops in time, and reports
//! what it left.

mod app_states;
mod counts;
mod data_sources;
mod discover;
mod execute;
mod incidents;
mod plan;
mod probes;
mod registrations;
mod report;
mod retirement;
mod scheduled;
mod task_result;

use std::collections::BTreeMap;

use jiff::SignedDuration;
use tracing::{info, warn};

use crate::app::App;
use crate::context::{Context, Ports};
use crate::error::BrokerError;
use crate::grant::Grant;
use crate::id::GrantId;
use crate::port::{Scan, Store as _, Stored};
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

/// The records of a sweep as they stand, by grant.
type CurrentGrants = BTreeMap<GrantId, Grant>;

/// One pass over everything. An error means that nothing could be done.
pub(crate) async fn sweep<P: Ports>(cx: &Context<'_, P>, options: &SweepOptions) -> Result<SweepOutcome, BrokerError> {
    let began = cx.now();
    let mut outcome = SweepOutcome::default();
    let listing_deadline = cx.invocation.listing_deadline(began);
    let mut apps = cx.store.apps(listing_deadline).await?;
    let states = app_states::load(cx, listing_deadline).await;
    apps.items.retain(|app| !states.has_removed(app));
    let mut grants = cx.store.grants(listing_deadline).await?;
    scheduled::restore_live_records(cx, &mut grants, listing_deadline).await;
    outcome.report.scanned = count(grants.items.len() + grants.unreadable.len());
    report_scan("apps", &apps, &mut outcome);
    report_scan("grants", &grants, &mut outcome);
    for app in &apps.items {
        outcome.add_problems(app, &format!("apps/{}", app.name), &app.problems);
    }
    let mut current: CurrentGrants =
        grants.items.iter().map(|stored| (stored.grant.id.clone(), stored.grant.clone())).collect();
    let minter_was_due = renew_minter(cx, &grants.items, &mut current, &mut outcome).await;
    let tasks = plan::plan(&apps.items, &grants, cx.settings, cx.memory, cx.now());
    let busy = tasks.iter().filter(|task| task.is_about_a_record()).count() + usize::from(minter_was_due);
    outcome.report.skipped += count(grants.items.len().saturating_sub(busy));
    let grants_cx = cx.keeping(ENDING + data_sources::reserve(cx, &apps.items));
    let refused = execute::execute(&grants_cx, &apps.items, tasks, &mut current, &mut outcome).await;
    retirement::decide(&grants_cx, &apps.items, refused, options.allow_retirements, &mut current, &mut outcome).await;
    let webhook_url = options.webhook_url.as_deref();
    data_sources::keep_data_sources(&cx.keeping(ENDING), &apps.items, webhook_url, &mut outcome).await;
    repair_registrations(cx, &apps.items, options.webhook_url.as_deref(), &mut outcome).await;
    outcome.count_current(current.values(), &cx.settings.minter, cx.now());
    let mut states = states.update(cx, &apps.items, &current, &mut outcome).await;
    let found = incidents::Findings { apps: &apps, grants: &grants, current: &current, outcome: &outcome };
    incidents::announce(cx, &found, &mut states).await;
    app_states::save(cx, &states).await;
    outcome.count_changes(&cx.invocation.changes());
    outcome.add_up();
    outcome.report.elapsed_ms = u64::try_from(cx.now().duration_since(began).as_millis()).unwrap_or_default();
    Ok(outcome)
}

/// The minter goes before all others: everything depends on it. Returns whether there was anything to do.
async fn renew_minter<P: Ports>(
    cx: &Context<'_, P>,
    grants: &[Stored],
    current: &mut CurrentGrants,
    outcome: &mut SweepOutcome,
) -> bool {
    let Some(stored) = grants.iter().find(|stored| stored.grant.id == cx.settings.minter) else { return false };
    let has_refresh_token = matches!(stored.grant.vendable(), Some(pair) if pair.refresh_token.is_some());
    if !has_refresh_token || !plan::is_due(&stored.grant, cx.settings, cx.now()) {
        return false;
    }
    let (stored, result) = match claim(cx, stored.clone()).await {
        Ok(ClaimResult::Claimed(claimed)) => {
            let result = match cx.load_app(&claimed.grant.id.app).await {
                Ok(app) => refresh(cx, &app.client, &claimed).await,
                Err(error) => Err(error),
            };
            (claimed, result)
        }
        Ok(ClaimResult::Elsewhere(found)) => (stored.clone(), Ok(RenewalOutcome::Adopted(found))),
        Err(error) => (stored.clone(), Err(error)),
    };
    record_result(cx, &stored, &result).await;
    execute::count_result(cx, &stored.grant, &result, current, outcome);
    true
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
    let Some(error) = &scan.cut_short else { return };
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

fn count(items: usize) -> u32 {
    u32::try_from(items).unwrap_or(u32::MAX)
}
