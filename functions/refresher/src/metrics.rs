//! The refresher's metrics, by app.

use std::collections::BTreeMap;

use broker_core::broker::{AppCounts, Change, SweepOutcome};
use broker_core::id::{AppName, GrantId};
use jiff::{SignedDuration, Timestamp};
use lambda_kit::metrics::{Metric, Metrics, NO_APP};

/// One line an app with what stands after a sweep, and one for the sweep as a whole.
pub(crate) fn sweep(metrics: &Metrics, now: Timestamp, swept: &SweepOutcome, minter: &GrantId) {
    for (app, figures) in &swept.apps {
        metrics.record(app, now, &of(figures));
    }
    metrics.record(minter.app.as_str(), now, &[(Metric::MinterRemaining, swept.minter.as_secs())]);
    let duration = i64::try_from(swept.report.elapsed_ms).unwrap_or(i64::MAX);
    metrics.record(NO_APP, now, &[(Metric::SweepDuration, duration)]);
}

fn of(figures: &AppCounts) -> Vec<(Metric, i64)> {
    let seconds = |metric, left: Option<SignedDuration>| left.map(|left| (metric, left.as_secs()));
    let counts = [
        (Metric::Renewed, figures.renewed),
        (Metric::Minted, figures.minted),
        (Metric::Retired, figures.retired),
        (Metric::Failing, figures.failing),
        (Metric::Pending, figures.pending),
        (Metric::Deferred, figures.deferred),
        (Metric::Unreadable, figures.unreadable),
        (Metric::WebhooksRepaired, figures.webhooks_repaired),
    ];
    let mut values: Vec<_> = counts.map(|(metric, count)| (metric, i64::from(count))).into();
    values.extend(seconds(Metric::OldestAccessTokenRemaining, figures.oldest_access_token));
    values.extend(seconds(Metric::OldestRefreshTokenRemaining, figures.oldest_refresh_token));
    values
}

/// What a request other than a sweep changed.
pub(crate) fn changes(metrics: &Metrics, now: Timestamp, changes: &[(AppName, Change)]) {
    let mut counts: BTreeMap<(&str, &str), (Metric, i64)> = BTreeMap::new();
    for (app, change) in changes {
        let metric = match change {
            Change::Renewed => Metric::Renewed,
            Change::Minted => Metric::Minted,
            Change::Retired | Change::RetiredUnannounced => Metric::Retired,
            Change::FenceFallback | Change::RefreshTokenNotRising => continue,
        };
        counts.entry((app.as_str(), change.as_str())).or_insert((metric, 0)).1 += 1;
    }
    for ((app, _), value) in counts {
        metrics.record(app, now, &[value]);
    }
}
