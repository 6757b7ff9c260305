//! Invocations of functions that have answered before.

use std::process::Stdio;
use std::time::Duration;

use anyhow::Context as _;

use crate::aws::AwsEndpoint;
use crate::function::Function;
use crate::spread::Spread;
use crate::variant::Variant;

/// Invocations of a round, whose median counts.
const INVOCATIONS: u32 = 100;

/// What was measured of one variant.
pub struct WarmFigures {
    /// The variant.
    pub label: &'static str,
    /// The medians of the rounds, in microseconds.
    pub took: Spread,
    /// The same in multiples of the empty function's in the same round.
    pub ratio: Spread,
    /// Calls to AWS for an invocation.
    pub calls: f64,
}

/// Measures rounds of invocations, the variants in turn. The first is the empty function.
pub fn measure_warm(variants: &[Variant], aws: &AwsEndpoint, rounds: u32) -> anyhow::Result<Vec<WarmFigures>> {
    let mut functions = Vec::new();
    for variant in variants {
        let mut function = Function::start(variant, Stdio::null())?;
        round(&mut function, variant, 0)?;
        functions.push(function);
    }
    let mut samples = vec![(Vec::new(), Vec::new(), 0); variants.len()];
    for number in 1..=rounds {
        let mut empty = None;
        for ((variant, function), (times, ratios, calls)) in variants.iter().zip(&mut functions).zip(&mut samples) {
            aws.take_calls();
            let time = round(function, variant, number)?;
            *calls += aws.take_calls().values().sum::<u32>();
            times.push(time.as_secs_f64() * 1_000_000.0);
            let empty: Duration = *empty.get_or_insert(time);
            ratios.push(time.as_secs_f64() / empty.as_secs_f64());
        }
    }
    let rows = variants.iter().zip(samples);
    let figures = rows.map(|(variant, (times, ratios, calls))| {
        let took = Spread::of(times).context("no round")?;
        let ratio = Spread::of(ratios).context("no round")?;
        let calls = f64::from(calls) / f64::from(rounds * INVOCATIONS);
        Ok(WarmFigures { label: variant.label, took, ratio, calls })
    });
    figures.collect()
}

/// The median of a round.
fn round(function: &mut Function, variant: &Variant, number: u32) -> anyhow::Result<Duration> {
    let mut times = Vec::new();
    for invocation in 0..INVOCATIONS {
        times.push(function.invoke(&variant.event(number * INVOCATIONS + invocation))?);
    }
    function.settle()?;
    times.sort();
    Ok(times[times.len() / 2])
}
