//! The metrics of the refresher, by app.

use std::collections::BTreeMap;

use broker_core::broker::Change;
use broker_core::broker::sweep::{AppCounts, SweepOutcome};
use broker_core::id::{AppName, GrantId};
use jiff::Timestamp;
use lambda_kit::metrics::{Metric, Metrics, NO_APP};

/// Records the result of a sweep: one line for each app, and one for the sweep as a whole.
pub(crate) fn sweep(metrics: &Metrics, now: Timestamp, swept: &SweepOutcome, minter: &GrantId) {
    for (app, counts) in &swept.apps {
        metrics.record(app, now, &values_of(counts));
    }
    metrics.record(minter.app.as_str(), now, &[(Metric::MinterRemaining, swept.minter.as_secs())]);
    let duration = i64::try_from(swept.report.elapsed_ms).unwrap_or(i64::MAX);
    metrics.record(NO_APP, now, &[(Metric::SweepDuration, duration)]);
}

fn values_of(counts: &AppCounts) -> Vec<(Metric, i64)> {
    let mut values: Vec<_> = [
        (Metric::Renewed, counts.renewed),
        (Metric::Minted, counts.minted),
        (Metric::Retired, counts.retired),
        (Metric::Failing, counts.failing),
        (Metric::Pending, counts.pending),
        (Metric::Deferred, counts.deferred),
        (Metric::Unreadable, counts.unreadable),
        (Metric::WebhooksRepaired, counts.webhooks_repaired),
    ]
    .map(|(metric, count)| (metric, i64::from(count)))
    .into();
    if let Some(left) = counts.oldest_access_token {
        values.push((Metric::OldestAccessTokenRemaining, left.as_secs()));
    }
    if let Some(left) = counts.oldest_refresh_token {
        values.push((Metric::OldestRefreshTokenRemaining, left.as_secs()));
    }
    values
}

/// Records what a command other than a sweep changed.
pub(crate) fn changes(metrics: &Metrics, now: Timestamp, changes: &[(AppName, Change)]) {
    let mut counts: BTreeMap<(&str, &str), (Metric, i64)> = BTreeMap::new();
    for (app, change) in changes {
        let metric = match change {
            Change::Renewed => Metric::Renewed,
            Change::Minted => Metric::Minted,
            Change::Retired => Metric::Retired,
        };
        counts.entry((app.as_str(), change.as_str())).or_insert((metric, 0)).1 += 1;
    }
    for ((app, _), value) in counts {
        metrics.record(app, now, &[value]);
    }
}
