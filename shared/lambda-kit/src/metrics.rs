//! Metrics in CloudWatch's embedded metric format: JSON lines on stdout that CloudWatch turns into metrics.

use std::fmt;
use std::io::{self, Write};
use std::sync::{Arc, Mutex, PoisonError};

use jiff::Timestamp;
use serde::Serialize;

/// Namespace of every metric.
const NAMESPACE: &str = "WebexTokenBroker";

/// Room for a line as vend's are, so that it is made in one piece.
const USUAL_LINE: usize = 384;

/// The dimension's value where no app is known. Whoever can make up apps would otherwise make up metrics, which are
/// paid for; no app can be called so.
pub const NO_APP: &str = "(none)";

/// What is measured, named as the contract names it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[expect(missing_docs, reason = "the names are the contract's and say it")]
pub enum Metric {
    Renewed,
    Minted,
    Retired,
    Failing,
    Pending,
    Deferred,
    Unreadable,
    OldestAccessTokenRemaining,
    OldestRefreshTokenRemaining,
    MinterRemaining,
    WebhookAccepted,
    WebhookRefused,
    WebhooksRepaired,
    Vended,
    VendRefused,
    VendCacheHit,
    SweepDuration,
}

impl Metric {
    fn unit(self) -> &'static str {
        match self {
            Self::OldestAccessTokenRemaining | Self::OldestRefreshTokenRemaining | Self::MinterRemaining => "Seconds",
            Self::SweepDuration => "Milliseconds",
            _ => "Count",
        }
    }
}

/// Where metrics go.
#[derive(Clone)]
pub struct Metrics(Arc<Mutex<dyn Write + Send>>);

impl Metrics {
    /// To stdout, which is where Lambda looks for them.
    pub fn stdout() -> Self {
        Self::to(io::stdout())
    }

    /// To `writer`.
    pub fn to(writer: impl Write + Send + 'static) -> Self {
        Self(Arc::new(Mutex::new(writer)))
    }

    /// Records values for one app, measured at `now`: counts, seconds or milliseconds as the metric's unit says.
    pub fn record(&self, app: &str, now: Timestamp, values: &[(Metric, i64)]) {
        let line = emf(app, now, values);
        let mut writer = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        // One write a line, so that lines of the log do not end up inside it; stdout keeps none back. A closed one is
        // nothing to fail for.
        let _ = writer.write_all(&line);
    }
}

impl fmt::Debug for Metrics {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Metrics")
    }
}

/// A line of the embedded metric format (CloudWatch User Guide, "Specification: Embedded metric format"), put together by
/// hand: all of it but four values is known beforehand, and a warm vend writes one for each answer.
fn emf(app: &str, now: Timestamp, values: &[(Metric, i64)]) -> Vec<u8> {
    let mut line = Vec::with_capacity(USUAL_LINE);
    line.extend_from_slice(b"{\"_aws\":{\"Timestamp\":");
    add(&mut line, now.as_millisecond());
    line.extend_from_slice(b",\"CloudWatchMetrics\":[{\"Namespace\":\"");
    line.extend_from_slice(NAMESPACE.as_bytes());
    line.extend_from_slice(b"\",\"Dimensions\":[[\"app\"]],\"Metrics\":[");
    for (at, (metric, _)) in values.iter().enumerate() {
        line.extend_from_slice(if at == 0 { b"{\"Name\":" } else { b",{\"Name\":" });
        add(&mut line, metric);
        line.extend_from_slice(b",\"Unit\":");
        add(&mut line, metric.unit());
        line.push(b'}');
    }
    line.extend_from_slice(b"]}]},\"app\":");
    add(&mut line, app);
    for (metric, value) in values {
        line.push(b',');
        add(&mut line, metric);
        line.push(b':');
        add(&mut line, value);
    }
    line.extend_from_slice(b"}\n");
    line
}

/// Adds a value as JSON. Strings and numbers always serialise.
fn add(line: &mut Vec<u8>, value: impl Serialize) {
    let _ = serde_json::to_writer(line, &value);
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::{Value, json};

    #[test]
    fn a_line_is_what_cloudwatch_reads() {
        let now = "2026-11-21T12:00:00.123Z".parse().unwrap();
        let values = [(Metric::Renewed, 3), (Metric::SweepDuration, 412), (Metric::MinterRemaining, 86_400)];
        let expected = json!({
            "_aws": {
                "Timestamp": 1_795_262_400_123_i64,
                "CloudWatchMetrics": [{
                    "Namespace": "WebexTokenBroker",
                    "Dimensions": [["app"]],
                    "Metrics": [
                        {"Name": "Renewed", "Unit": "Count"},
                        {"Name": "SweepDuration", "Unit": "Milliseconds"},
                        {"Name": "MinterRemaining", "Unit": "Seconds"},
                    ],
                }],
            },
            "app": "reports", "Renewed": 3, "SweepDuration": 412, "MinterRemaining": 86_400,
        });
        let line = emf("reports", now, &values);
        assert_eq!(serde_json::from_slice::<Value>(&line).unwrap(), expected);
    }

    #[test]
    fn every_record_is_one_line() {
        let path = std::env::temp_dir().join(format!("emf-{}", std::process::id()));
        let metrics = Metrics::to(std::fs::File::create(&path).unwrap());
        metrics.record("a", Timestamp::UNIX_EPOCH, &[(Metric::Vended, 1)]);
        metrics.record("b", Timestamp::UNIX_EPOCH, &[(Metric::Vended, 1), (Metric::VendCacheHit, 1)]);
        let written = std::fs::read_to_string(&path).unwrap();
        std::fs::remove_file(&path).unwrap();
        assert_eq!(written.lines().count(), 2);
        assert!(written.lines().all(|line| serde_json::from_str::<Value>(line).is_ok()));
    }
}
