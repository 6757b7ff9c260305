//! Sweeps of the refresher over grants that are not due, and over grants that all are.

use std::collections::BTreeSet;
use std::fs::File;
use std::process::Stdio;
use std::time::Duration;

use anyhow::Context as _;
use serde_json::{Value, json};

use crate::fleet::Fleet;
use crate::function::{Function, FunctionInvocation};
use crate::spread::Spread;
use crate::variant::Binaries;

/// The grants of the measured app.
const GRANTS: usize = 100;

/// What was measured of one kind of sweep. Calls are of one sweep.
pub struct SweepFigures {
    /// The kind.
    pub label: String,
    /// From the event to the report, in milliseconds.
    pub took: Spread,
    /// The time on a processor, in milliseconds.
    pub processor: Spread,
    /// Calls to Secrets Manager.
    pub store_calls: usize,
    /// Versions of secrets that were made.
    pub versions: usize,
    /// Calls to Webex.
    pub webex_calls: usize,
}

/// Measures sweeps over 100 grants and the minter, between simulators without latency.
pub fn measure_sweeps(binaries: &Binaries, idle_rounds: u32, due_rounds: u32) -> anyhow::Result<Vec<SweepFigures>> {
    let runtime = tokio::runtime::Runtime::new()?;
    let fleet = runtime.block_on(Fleet::new(GRANTS))?;
    let mut refresher = Function::start(&fleet.refresher(binaries), Stdio::null())?;
    let sweep = json!({"sweep": {}}).to_string();
    refresher.invoke(sweep.as_bytes())?;
    let idle = (0..idle_rounds).map(|_| fleet.measure(&mut refresher, &sweep));
    let idle = sweep_figures(format!("{GRANTS} grants, none due"), &idle.collect::<Result<Vec<_>, _>>()?)?;
    let due = (0..due_rounds).map(|_| {
        fleet.make_due()?;
        fleet.measure(&mut refresher, &sweep)
    });
    let due = sweep_figures(format!("{GRANTS} grants, all due"), &due.collect::<Result<Vec<_>, _>>()?)?;
    Ok(vec![idle, due])
}

/// How many metrics a sweep records, of all apps: what CloudWatch charges for.
pub fn count_series(binaries: &Binaries) -> anyhow::Result<usize> {
    let runtime = tokio::runtime::Runtime::new()?;
    let fleet = runtime.block_on(Fleet::new(GRANTS))?;
    let log = tempfile::NamedTempFile::new()?;
    let mut refresher = Function::start(&fleet.refresher(binaries), File::create(log.path())?.into())?;
    refresher.invoke(json!({"sweep": {}}).to_string().as_bytes())?;
    refresher.settle()?;
    let mut series = BTreeSet::new();
    for line in std::fs::read_to_string(log.path())?.lines() {
        let line: Value = serde_json::from_str(line)?;
        let metrics = line["_aws"]["CloudWatchMetrics"][0]["Metrics"].as_array();
        for metric in metrics.into_iter().flatten() {
            series.insert(format!("{} {}", line["app"], metric["Name"]));
        }
    }
    Ok(series.len())
}

/// The invocation, and the calls and versions that it made.
pub(crate) type SweepSample = (FunctionInvocation, [usize; 3]);

pub(crate) fn sweep_figures(label: String, samples: &[SweepSample]) -> anyhow::Result<SweepFigures> {
    let milliseconds = |time: Duration| time.as_secs_f64() * 1_000.0;
    let took = samples.iter().map(|(invocation, _)| milliseconds(invocation.took)).collect();
    let processor = samples.iter().map(|(invocation, _)| milliseconds(invocation.processor)).collect();
    let (_, [store_calls, versions, webex_calls]) = *samples.last().context("no round")?;
    Ok(SweepFigures {
        label,
        took: Spread::of(took).context("no round")?,
        processor: Spread::of(processor).context("no round")?,
        store_calls,
        versions,
        webex_calls,
    })
}
