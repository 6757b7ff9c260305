//! The metrics of the refresher, by app.

use broker_core::broker::{AppCounts, Change, SweepOutcome};
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
    let cut_short = i64::from(swept.listing_cut_short);
    metrics.record(NO_APP, now, &[(Metric::SweepDuration, duration), (Metric::ListingCutShort, cut_short)]);
}

fn values_of(counts: &AppCounts) -> Vec<(Metric, i64)> {
    let mut values: Vec<_> = [
        (Metric::Renewed, counts.renewed),
        (Metric::Minted, counts.minted),
        (Metric::Retired, counts.retired),
        (Metric::RetiredUnannounced, counts.retired_unannounced),
        (Metric::RetirementsHeld, counts.retirements_held),
        (Metric::FenceFallbacks, counts.fence_fallbacks),
        (Metric::RefreshTokenNotRising, counts.refresh_token_not_rising),
        (Metric::StoreRefused, counts.store_refused),
        (Metric::MinterRefused, counts.minter_refused),
        (Metric::LiveTokens, counts.live_tokens),
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

/// Records what a command other than a sweep changed, in a line for each change.
pub(crate) fn changes(metrics: &Metrics, now: Timestamp, changes: &[(AppName, Change)]) {
    for (app, change) in changes {
        let values: Vec<_> = metrics_of(*change).iter().map(|metric| (*metric, 1)).collect();
        metrics.record(app.as_str(), now, &values);
    }
}

fn metrics_of(change: Change) -> &'static [Metric] {
    match change {
        Change::Renewed => &[Metric::Renewed],
        Change::Minted => &[Metric::Minted],
        Change::Retired => &[Metric::Retired],
        Change::RetiredUnannounced => &[Metric::Retired, Metric::RetiredUnannounced],
        Change::FenceFallback => &[Metric::FenceFallbacks],
        Change::RefreshTokenNotRising => &[Metric::RefreshTokenNotRising],
    }
}
