//! Sweeps over organisations whose grants are quiet: the one that packs them, one after it, and one in which all are due.

use std::process::Stdio;
use std::time::Duration;

use anyhow::ensure;
use serde_json::json;

use crate::fleet::Fleet;
use crate::function::Function;
use crate::sweep::{SweepFigures, SweepSample, sweep_figures};
use crate::variant::Binaries;

/// The organisations of the measured app: more than the 100 above which the refresher packs them, and fewer than fill a pack.
const ORGANISATIONS: usize = 150;
/// The age of the pairs, of which each lives for 14 days. They are due with [`EAGER`], and not with the default of a half.
/// About older ones, sweeps would also ask Webex.
const AGE: Duration = Duration::from_hours(12);
const LEFT: Duration = Duration::from_hours(14 * 24 - 12);
const EAGER: &str = "0.01";

/// Measures sweeps over 150 organisations and the minter, between simulators without latency. Each round packs anew.
pub fn measure_packing(binaries: &Binaries, rounds: u32) -> anyhow::Result<Vec<SweepFigures>> {
    let runtime = tokio::runtime::Runtime::new()?;
    let mut samples: [Vec<SweepSample>; 3] = Default::default();
    for _ in 0..rounds {
        let fleet = runtime.block_on(Fleet::new(0))?;
        let round = measure_round(&fleet, binaries)?;
        for (samples, sample) in samples.iter_mut().zip(round) {
            samples.push(sample);
        }
    }
    let [packing, idle, due] = samples;
    Ok(vec![
        sweep_figures(format!("{ORGANISATIONS} quiet organisations, which it packs"), &packing)?,
        sweep_figures(format!("{ORGANISATIONS} packed organisations, none due"), &idle)?,
        sweep_figures(format!("{ORGANISATIONS} packed organisations, all due"), &due)?,
    ])
}

fn measure_round(fleet: &Fleet, binaries: &Binaries) -> anyhow::Result<[SweepSample; 3]> {
    let organisations = fleet.authorize(ORGANISATIONS)?;
    let mut onboarding = Function::start(&fleet.refresher_of_events(binaries), Stdio::null())?;
    for organisation in &organisations {
        let event = json!({"reconcile": {"app": "reports", "subject": organisation}});
        onboarding.invoke(event.to_string().as_bytes())?;
    }
    let variant = fleet.refresher(binaries);
    let mut refresher = Function::start(&variant, Stdio::null())?;
    let mut eager = Function::start(&variant.with("refresher", "RENEW_AT_FRACTION", EAGER.to_owned()), Stdio::null())?;
    let sweep = json!({"sweep": {}}).to_string();
    // The first sweep of a process reads what the later ones remember.
    refresher.invoke(sweep.as_bytes())?;
    fleet.make_quiet(&organisations, AGE, LEFT)?;
    let packing = fleet.measure(&mut refresher, &sweep)?;
    let packed = organisations.iter().filter(|organisation| fleet.is_set_aside(organisation)).count();
    ensure!(packed == ORGANISATIONS, "the sweep packed {packed} of {ORGANISATIONS} organisations");
    let idle = fleet.measure(&mut refresher, &sweep)?;
    let due = fleet.measure(&mut eager, &sweep)?;
    let left = organisations.iter().filter(|organisation| fleet.is_set_aside(organisation)).count();
    ensure!(left == 0, "the sweep renewed all but {left} of {ORGANISATIONS} organisations");
    Ok([packing, idle, due])
}
