//! Metrics in CloudWatch's embedded metric format (EMF): JSON lines on stdout from which CloudWatch makes metrics.

use std::fmt;
use std::io::{self, Write};
use std::sync::{Arc, Mutex};

use broker_core::sync::lock;
use jiff::Timestamp;
use serde::ser::{Serialize, SerializeMap, Serializer};

/// The namespace of all metrics.
pub const NAMESPACE: &str = "WebexTokenBroker";

/// Initial capacity of a line; enough for a line of vend.
const LINE_CAPACITY: usize = 384;

/// The value of the dimension `app` where the app is not known. Requests with made-up app names must not create metrics,
/// which cost money. No app can have this name.
pub const NO_APP: &str = "(none)";

/// Defines [`Metric`] from a table of names and units.
macro_rules! metrics {
    ($($name:ident: $unit:literal,)*) => {
        /// The metrics, under the names of the contract.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize)]
        #[expect(missing_docs, reason = "the contract defines the names")]
        pub enum Metric {
            $($name,)*
        }

        impl Metric {
            /// All metrics.
            pub const ALL: &[Self] = &[$(Self::$name,)*];

            /// The unit, as CloudWatch names it.
            pub fn unit(self) -> &'static str {
                match self {
                    $(Self::$name => $unit,)*
                }
            }
        }
    };
}

metrics! {
    Renewed: "Count",
    Minted: "Count",
    Retired: "Count",
    RetiredUnannounced: "Count",
    RetirementsHeld: "Count",
    FenceFallbacks: "Count",
    RefreshTokenNotRising: "Count",
    StoreRefused: "Count",
    MinterRefused: "Count",
    LiveTokens: "Count",
    ListingCutShort: "Count",
    Failing: "Count",
    Pending: "Count",
    Deferred: "Count",
    Unreadable: "Count",
    OldestAccessTokenRemaining: "Seconds",
    OldestRefreshTokenRemaining: "Seconds",
    MinterRemaining: "Seconds",
    DataSourcesRenewed: "Count",
    DataSourcesFailing: "Count",
    DataSourcesEnding: "Count",
    OldestDataSourceRemaining: "Seconds",
    WebhookAccepted: "Count",
    WebhookRefused: "Count",
    WebhooksRepaired: "Count",
    Vended: "Count",
    VendRefused: "Count",
    VendCacheHit: "Count",
    SweepDuration: "Milliseconds",
    EventsNotSent: "Count",
    ProbeNoToken: "Count",
    ProbeTokenDead: "Count",
    ProbeWebexFailed: "Count",
    ProbeNotRefused: "Count",
}

/// Writes metrics.
#[derive(Clone)]
pub struct Metrics {
    writer: Arc<Mutex<dyn Write + Send>>,
    stack: Option<Arc<str>>,
}

impl Metrics {
    /// Metrics on stdout, where Lambda looks for them.
    pub fn stdout() -> Self {
        Self::to(io::stdout())
    }

    /// Metrics on `writer`.
    pub fn to(writer: impl Write + Send + 'static) -> Self {
        Self { writer: Arc::new(Mutex::new(writer)), stack: None }
    }

    /// Metrics of the deployment `stack`, the value of a second dimension. Without it, deployments in one region and
    /// account share their metrics.
    #[must_use]
    pub fn of_stack(mut self, stack: Option<String>) -> Self {
        self.stack = stack.map(Arc::from);
        self
    }

    /// Records values of one app, measured at `now`, in the units of [`Metric::unit`].
    pub fn record(&self, app: &str, now: Timestamp, values: &[(Metric, i64)]) {
        let line = to_line(&EmfDocument { app, stack: self.stack.as_deref(), now, values });
        let mut writer = lock(&self.writer);
        // One write a line, so that lines of the log do not mix with it. A closed stdout must not fail the invocation.
        let _ = writer.write_all(&line);
    }
}

impl fmt::Debug for Metrics {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Metrics")
    }
}

fn to_line(document: &EmfDocument<'_>) -> Vec<u8> {
    let mut line = Vec::with_capacity(LINE_CAPACITY);
    // Strings and numbers always serialise.
    let _ = serde_json::to_writer(&mut line, document);
    line.push(b'\n');
    line
}

/// A document of the embedded metric format (CloudWatch User Guide, "Specification: Embedded metric format").
struct EmfDocument<'a> {
    app: &'a str,
    stack: Option<&'a str>,
    now: Timestamp,
    values: &'a [(Metric, i64)],
}

impl Serialize for EmfDocument<'_> {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        let dimensions: &[_] = if self.stack.is_some() { &["app", "stack"] } else { &["app"] };
        let directive = EmfDirective {
            namespace: NAMESPACE,
            dimensions: [dimensions],
            metrics: self.values.iter().map(|(metric, _)| EmfMetric { name: *metric, unit: metric.unit() }).collect(),
        };
        let mut document = to.serialize_map(None)?;
        let metadata = EmfMetadata { timestamp: self.now.as_millisecond(), cloud_watch_metrics: [directive] };
        document.serialize_entry("_aws", &metadata)?;
        document.serialize_entry("app", self.app)?;
        if let Some(stack) = self.stack {
            document.serialize_entry("stack", stack)?;
        }
        for (metric, value) in self.values {
            document.serialize_entry(metric, value)?;
        }
        document.end()
    }
}

#[derive(serde::Serialize)]
#[serde(rename_all = "PascalCase")]
struct EmfMetadata {
    timestamp: i64,
    cloud_watch_metrics: [EmfDirective; 1],
}

#[derive(serde::Serialize)]
#[serde(rename_all = "PascalCase")]
struct EmfDirective {
    namespace: &'static str,
    dimensions: [&'static [&'static str]; 1],
    metrics: Vec<EmfMetric>,
}

#[derive(serde::Serialize)]
#[serde(rename_all = "PascalCase")]
struct EmfMetric {
    name: Metric,
    unit: &'static str,
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::{Value, json};

    const VALUES: [(Metric, i64); 3] =
        [(Metric::Renewed, 3), (Metric::SweepDuration, 412), (Metric::MinterRemaining, 86_400)];

    fn document(stack: Option<&str>) -> Value {
        let now = "2026-11-21T12:00:00.123Z".parse().unwrap();
        let line = to_line(&EmfDocument { app: "reports", stack, now, values: &VALUES });
        serde_json::from_slice(&line).unwrap()
    }

    #[test]
    fn line_has_the_embedded_metric_format() {
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
        assert_eq!(document(None), expected);
    }

    #[test]
    fn stack_is_a_second_dimension_and_nothing_else_changes() {
        let mut of_stack = document(Some("broker-eu"));
        assert_eq!(of_stack["_aws"]["CloudWatchMetrics"][0]["Dimensions"], json!([["app", "stack"]]));
        assert_eq!(of_stack.as_object_mut().unwrap().remove("stack"), Some(json!("broker-eu")));
        of_stack["_aws"]["CloudWatchMetrics"][0]["Dimensions"] = json!([["app"]]);
        assert_eq!(of_stack, document(None));
    }

    #[test]
    fn record_writes_one_line() {
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
