//! The metrics of the refresher, by app.

use broker_core::broker::{AppCounts, Change, SweepOutcome};
use broker_core::id::{AppName, GrantId};
use jiff::Timestamp;
use lambda_kit::metrics::{Metric, Metrics, NO_APP};

/// Counts that are recorded at zero too: their alarms stay on until a sweep records that nothing is left. The others are
/// zero nearly always, and CloudWatch charges for each metric in each hour in which it has a value.
const RECORDED_AT_ZERO: [Metric; 4] =
    [Metric::Failing, Metric::Deferred, Metric::Unreadable, Metric::DataSourcesEnding];

/// Records the result of a sweep: one line for each app, and one for the sweep as a whole.
pub(crate) fn sweep(metrics: &Metrics, now: Timestamp, swept: &SweepOutcome, minter: &GrantId) {
    for (app, counts) in &swept.apps {
        metrics.record(app, now, &values_of(counts));
    }
    metrics.record(minter.app.as_str(), now, &[(Metric::MinterRemaining, swept.minter.as_secs())]);
    let duration = i64::try_from(swept.report.elapsed_ms).unwrap_or(i64::MAX);
    let mut values = vec![(Metric::SweepDuration, duration)];
    if swept.listing_cut_short {
        values.push((Metric::ListingCutShort, 1));
    }
    metrics.record(NO_APP, now, &values);
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
    if let Some(data_sources) = &counts.data_sources {
        values.push((Metric::DataSourcesRenewed, data_sources.renewed.into()));
        values.push((Metric::DataSourcesFailing, data_sources.failing.into()));
        values.push((Metric::DataSourcesEnding, data_sources.ending.into()));
        if let Some(left) = data_sources.oldest {
            values.push((Metric::OldestDataSourceRemaining, left.as_secs()));
        }
    }
    values.retain(|(metric, value)| *value > 0 || RECORDED_AT_ZERO.contains(metric) || metric.unit() == "Seconds");
    values
}

/// Records events that the event bus did not take, if there are any.
pub(crate) fn events_not_sent(metrics: &Metrics, now: Timestamp, events: u32) {
    if events > 0 {
        metrics.record(NO_APP, now, &[(Metric::EventsNotSent, i64::from(events))]);
    }
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

#[cfg(test)]
mod tests {
    use std::io;
    use std::sync::{Arc, Mutex};

    use serde_json::Value;

    use super::*;

    #[derive(Clone, Default)]
    struct MetricLines(Arc<Mutex<Vec<u8>>>);

    impl io::Write for MetricLines {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            self.0.lock().unwrap().write(bytes)
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    impl MetricLines {
        /// The recorded lines of `app`.
        fn of(&self, app: &str) -> Vec<Value> {
            let text = String::from_utf8(self.0.lock().unwrap().clone()).unwrap();
            let lines = text.lines().map(|line| serde_json::from_str::<Value>(line).unwrap());
            lines.filter(|line| line["app"] == app).collect()
        }
    }

    #[test]
    fn sweep_records_counts_by_app_and_the_cut_listing_without() {
        let lines = MetricLines::default();
        let mut swept = SweepOutcome { listing_cut_short: true, ..SweepOutcome::default() };
        let counts =
            AppCounts { retired_unannounced: 1, retirements_held: 2, live_tokens: 600, ..AppCounts::default() };
        swept.apps.insert("reports".to_owned(), counts);
        let minter = GrantId::parse("minter/default").unwrap();
        sweep(&Metrics::to(lines.clone()), Timestamp::UNIX_EPOCH, &swept, &minter);
        let reports = &lines.of("reports")[0];
        for (metric, value) in [("RetiredUnannounced", 1), ("RetirementsHeld", 2), ("LiveTokens", 600), ("Failing", 0)]
        {
            assert_eq!(reports[metric], value, "{metric}");
        }
        assert!(reports.get("Minted").is_none(), "a metric without a value costs nothing");
        assert_eq!(lines.of(NO_APP)[0]["ListingCutShort"], 1);
        assert_eq!(lines.of("minter")[0]["MinterRemaining"], 0);
    }

    #[test]
    fn unannounced_retirement_counts_as_retired_too() {
        let lines = MetricLines::default();
        let reports = AppName::parse("reports").unwrap();
        let changed = [(reports.clone(), Change::RetiredUnannounced), (reports, Change::FenceFallback)];
        changes(&Metrics::to(lines.clone()), Timestamp::UNIX_EPOCH, &changed);
        let lines = lines.of("reports");
        assert_eq!((&lines[0]["Retired"], &lines[0]["RetiredUnannounced"]), (&Value::from(1), &Value::from(1)));
        assert_eq!(lines[1]["FenceFallbacks"], 1);
    }
}
