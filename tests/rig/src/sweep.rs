//! Sweeps of the refresher over grants that are not due, and over grants that all are.

use std::collections::BTreeSet;
use std::fs::File;
use std::process::Stdio;
use std::time::Duration;

use anyhow::Context as _;
use serde_json::{Value, json};
use simulator::secrets::Operation;
use simulator::{Clock, Options, Simulator};

use crate::function::{Function, FunctionInvocation};
use crate::spread::Spread;
use crate::variant::{Binaries, Variant};

/// The grants of the measured app.
const GRANTS: usize = 100;
const CALLBACK: &str = "https://broker.example/callback";

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

struct Fleet {
    simulator: Simulator,
    grants: Vec<String>,
}

/// Measures sweeps over 100 grants and the minter, between simulators without latency.
pub fn measure_sweeps(binaries: &Binaries, idle_rounds: u32, due_rounds: u32) -> anyhow::Result<Vec<SweepFigures>> {
    let runtime = tokio::runtime::Runtime::new()?;
    let fleet = runtime.block_on(Fleet::new())?;
    let mut refresher = Function::start(&fleet.refresher(binaries), Stdio::null())?;
    let sweep = json!({"sweep": {}}).to_string();
    refresher.invoke(sweep.as_bytes())?;
    let idle = (0..idle_rounds).map(|_| fleet.measure(&mut refresher, &sweep));
    let idle = figures(format!("{GRANTS} grants, none due"), &idle.collect::<Result<Vec<_>, _>>()?)?;
    let due = (0..due_rounds).map(|_| {
        fleet.make_due()?;
        fleet.measure(&mut refresher, &sweep)
    });
    let due = figures(format!("{GRANTS} grants, all due"), &due.collect::<Result<Vec<_>, _>>()?)?;
    Ok(vec![idle, due])
}

/// How many metrics a sweep records, of all apps: what CloudWatch charges for.
pub fn count_series(binaries: &Binaries) -> anyhow::Result<usize> {
    let runtime = tokio::runtime::Runtime::new()?;
    let fleet = runtime.block_on(Fleet::new())?;
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
type SweepSample = (FunctionInvocation, [usize; 3]);

fn figures(label: String, samples: &[SweepSample]) -> anyhow::Result<SweepFigures> {
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

impl Fleet {
    async fn new() -> anyhow::Result<Self> {
        let simulator = Simulator::start(Options::new(Clock::system())).await?;
        simulator.webex.add_developer("ada");
        let mut fleet = Self { simulator, grants: Vec::new() };
        fleet.add_app("minter", &["spark:applications_token"], ["default".to_owned()])?;
        fleet.add_app("mobile", &["spark:people_read"], (0..GRANTS).map(|number| format!("user-{number}")))?;
        Ok(fleet)
    }

    /// An Integration and its grants, made just now.
    fn add_app(
        &mut self,
        app: &str,
        scopes: &[&str],
        subjects: impl IntoIterator<Item = String>,
    ) -> anyhow::Result<()> {
        let webex = &self.simulator.webex;
        let credentials = webex.register_integration("ada", scopes, CALLBACK);
        let described = json!({"kind": "integration", "client_id": credentials.client_id,
            "client_secret": credentials.client_secret, "redirect_uri": CALLBACK});
        self.put(&format!("apps/{app}"), &described)?;
        for subject in subjects {
            let tokens = webex.grant_integration(&credentials.client_id, "ada")?;
            let grant = json!({"version": 1, "app": app, "subject": subject, "state": "active",
                "access_token": tokens.access_token, "access_token_expires_at": "2099-01-01T00:00:00Z",
                "refresh_token": tokens.refresh_token, "refresh_token_expires_at": "2099-01-01T00:00:00Z",
                "renewed_at": self.simulator.clock.now()});
            let name = format!("grants/{app}/{subject}");
            self.put(&name, &grant)?;
            self.grants.push(name);
        }
        Ok(())
    }

    fn put(&self, name: &str, document: &Value) -> anyhow::Result<()> {
        self.simulator.secrets.put_json(&format!("webex-token-broker/{name}"), document)
    }

    fn make_due(&self) -> anyhow::Result<()> {
        let soon = (self.simulator.clock.now() + Duration::from_hours(24)).to_string();
        for name in &self.grants {
            let document = self.simulator.secrets.current_json(&format!("webex-token-broker/{name}"));
            let mut document = document.with_context(|| name.clone())?;
            document["renewed_at"] = "2020-01-01T00:00:00Z".into();
            document["access_token_expires_at"] = soon.clone().into();
            self.put(name, &document)?;
        }
        Ok(())
    }

    fn measure(&self, refresher: &mut Function, sweep: &str) -> anyhow::Result<SweepSample> {
        self.simulator.secrets.journal().clear();
        self.simulator.webex.journal().clear();
        let invocation = refresher.invoke_and_count(sweep.as_bytes())?;
        let store = self.simulator.secrets.journal();
        let versions = store.count(Operation::PutSecretValue) + store.count(Operation::CreateSecret);
        Ok((invocation, [store.total(), versions, self.simulator.webex.journal().total()]))
    }

    fn refresher(&self, binaries: &Binaries) -> Variant {
        let variables = vec![
            ("AWS_ENDPOINT_URL_SECRETS_MANAGER", self.simulator.secrets.endpoint_url()),
            ("WEBEX_API_BASE", self.simulator.webex.base_url()),
        ];
        Variant::direct("refresher", binaries.function("refresher"), variables, "\"failures\":[]")
    }
}
