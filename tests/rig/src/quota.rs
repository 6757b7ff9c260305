//! The quota of writes, end to end: the refresher's processes and a Secrets Manager that takes 50 writes a second.

use std::process::Stdio;
use std::thread;
use std::time::{Duration, Instant};

use anyhow::ensure;
use serde_json::json;
use simulator::Clock;
use simulator::secrets::Quotas;

use crate::fleet::Fleet;
use crate::function::Function;
use crate::variant::{Binaries, Variant};

/// The time of each call to Webex and to the store.
const UPSTREAM: Duration = Duration::from_millis(20);
/// Writes a second that the store takes.
const QUOTA: f64 = 50.0;
const PROCESSES: usize = 10;

/// What a run did with the quota.
pub struct QuotaFigures {
    /// How long it took.
    pub took: Duration,
    /// Writes that the store took.
    pub taken: usize,
    /// Writes that it throttled.
    pub throttled: usize,
}

impl QuotaFigures {
    /// The writes that were taken, of the quota in this time.
    pub fn share(&self) -> f64 {
        count(self.taken) / (QUOTA * self.took.as_secs_f64())
    }

    /// The writes that were throttled, of all.
    pub fn throttled_share(&self) -> f64 {
        count(self.throttled) / count(self.taken + self.throttled)
    }
}

fn count(number: usize) -> f64 {
    f64::from(u32::try_from(number).unwrap_or(u32::MAX))
}

/// One sweep over so many grants that are all due.
pub fn measure_due(binaries: &Binaries, grants: usize) -> anyhow::Result<QuotaFigures> {
    let runtime = tokio::runtime::Runtime::new()?;
    let fleet = runtime.block_on(Fleet::new(grants))?;
    fleet.make_due()?;
    let mut refresher = Function::start(&fleet.refresher(binaries), Stdio::null())?;
    measure(&fleet, || {
        refresher.invoke(json!({"sweep": {}}).to_string().as_bytes())?;
        Ok(())
    })
}

/// Onboards so many organisations at once, by ten processes.
pub fn measure_onboarding(binaries: &Binaries, organisations: usize) -> anyhow::Result<QuotaFigures> {
    let runtime = tokio::runtime::Runtime::new()?;
    let fleet = runtime.block_on(Fleet::new(0))?;
    let organisations = fleet.authorize(organisations)?;
    let variant = fleet.refresher_of_events(binaries);
    let shares: Vec<_> = organisations.chunks(organisations.len().div_ceil(PROCESSES)).collect();
    measure(&fleet, || {
        thread::scope(|scope| {
            let workers: Vec<_> = shares.iter().map(|share| scope.spawn(|| onboard(&variant, share))).collect();
            workers.into_iter().try_for_each(|worker| match worker.join() {
                Ok(result) => result,
                Err(_) => anyhow::bail!("a worker panicked"),
            })
        })
    })
}

fn onboard(variant: &Variant, organisations: &[String]) -> anyhow::Result<()> {
    let mut refresher = Function::start(variant, Stdio::null())?;
    for organisation in organisations {
        let event = json!({"reconcile": {"app": "reports", "subject": organisation}});
        refresher.invoke(event.to_string().as_bytes())?;
    }
    Ok(())
}

fn measure(fleet: &Fleet, run: impl FnOnce() -> anyhow::Result<()>) -> anyhow::Result<QuotaFigures> {
    fleet.simulator.secrets.quotas(Some(Quotas::aws(Clock::system())));
    fleet.simulator.secrets.faults().latency(UPSTREAM);
    fleet.simulator.webex.faults().latency(UPSTREAM);
    fleet.simulator.secrets.journal().clear();
    let begun = Instant::now();
    run()?;
    let took = begun.elapsed();
    let writes = fleet.simulator.secrets.journal().select(|entry| entry.operation.is_write());
    let taken = writes.iter().filter(|entry| entry.status == Some(200)).count();
    ensure!(taken > 0, "nothing was written");
    Ok(QuotaFigures { took, taken, throttled: writes.len() - taken })
}
