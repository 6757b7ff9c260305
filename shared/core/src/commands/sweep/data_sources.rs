//! The data sources' part of a sweep. It comes after the grants, whose pairs it uses, and fails none of them.

use jiff::SignedDuration;
use tracing::warn;

use super::report::{FailureLine, SweepOutcome};
use crate::app::App;
use crate::commands::data_sources::{DataSourceProblem, DeliveryTarget, keep_alive};
use crate::context::{Context, Ports};
use crate::error::BrokerError;
use crate::port::Store as _;

/// The share of a sweep's time that is kept for data sources, as a divisor. Grants that are late have days; a data source
/// has hours.
const SHARE: i32 = 4;

/// Time that the grants leave to the data sources, if an app has any.
pub(super) fn reserve<P: Ports>(cx: &Context<'_, P>, apps: &[App]) -> SignedDuration {
    if apps.iter().any(|app| !app.data_sources().is_empty()) {
        return cx.deadline.left(cx.now()) / SHARE;
    }
    SignedDuration::ZERO
}

/// Keeps the data sources of all apps alive, and counts the results.
pub(super) async fn keep_data_sources<P: Ports>(
    cx: &Context<'_, P>,
    apps: &[App],
    webhook_url: Option<&str>,
    outcome: &mut SweepOutcome,
) {
    for app in apps {
        if app.data_sources().is_empty() {
            continue;
        }
        report_refused(cx, app, outcome);
        let target = delivery_target(cx, app, webhook_url).await;
        match keep_alive(cx, app, target.as_ref()).await {
            Ok(found) => {
                for problem in found.problems {
                    report(problem, outcome);
                }
                outcome.app(&app.name).data_sources = Some(found.counts);
            }
            Err(error) => {
                let error = BrokerError::Store(error);
                let reason = format!("the data sources of {} were left to the next sweep: {}", app.name, error.words());
                warn!(app = %app.name, outcome = "failed", code = error.code(), "{reason}");
                outcome.add_failure(FailureLine { reason, ..FailureLine::of(app.name.as_str(), "", &error) });
            }
        }
    }
}

/// Where Webex delivers events of the app's data sources. Without it, sweeps alone look at them.
async fn delivery_target<P: Ports>(
    cx: &Context<'_, P>,
    app: &App,
    webhook_url: Option<&str>,
) -> Option<DeliveryTarget> {
    let base = webhook_url.or(cx.settings.webhook_url.as_deref())?;
    match cx.store.webhook_secrets(&app.name).await {
        Ok(secrets) => Some(DeliveryTarget::of(base, &app.name, secrets?)),
        Err(error) => {
            warn!(app = %app.name, outcome = "failed", "the secret webhooks/{} could not be read: {error}", app.name);
            None
        }
    }
}

/// Names the data sources that live too short for the sweeps.
fn report_refused<P: Ports>(cx: &Context<'_, P>, app: &App, outcome: &mut SweepOutcome) {
    let refused: Vec<String> =
        app.data_sources().iter().filter_map(|wanted| wanted.refusal(cx.settings.sweep_interval)).collect();
    outcome.add_problems(app, &format!("apps/{}", app.name), &refused);
}

fn report(problem: DataSourceProblem, outcome: &mut SweepOutcome) {
    problem.log();
    let DataSourceProblem { id, code, tracking_id, reason } = problem;
    outcome.add_failure(FailureLine {
        app: id.app.to_string(),
        subject: id.subject.to_string(),
        code,
        tracking_id,
        reason,
    });
}
