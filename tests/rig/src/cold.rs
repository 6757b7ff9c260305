//! Starts, and the first answer after them.

use std::process::Stdio;
use std::time::Duration;

use anyhow::Context as _;

use crate::function::{Function, size};
use crate::spread::Spread;
use crate::throttle::{MEGABYTES_OF_A_PROCESSOR, Throttle};
use crate::variant::Variant;

/// The memory sizes of the model, beside a whole processor.
const SIZES: [u64; 2] = [128, 256];

/// What was measured of one variant. Times are in milliseconds.
pub struct ColdFigures {
    /// The variant.
    pub label: &'static str,
    /// From the start of the process to its first request for an event.
    pub start: Spread,
    /// The same in multiples of the empty function's in the same round.
    pub start_ratio: Spread,
    /// What the start took of a processor.
    pub start_processor: Spread,
    /// The same in multiples of the empty function's in the same round.
    pub start_processor_ratio: Spread,
    /// The first answer with a whole processor.
    pub first: Spread,
    /// What the first answer took of a processor.
    pub processor: Spread,
    /// The first answer with 128 and 256 MB, and whether a control group held it. Else it is the time on the processor,
    /// multiplied.
    pub throttled: Vec<(u64, bool, Spread)>,
    /// From the start of the process to its first answer, with the smallest of these sizes.
    pub together: Spread,
    /// The binary, in bytes.
    pub bytes: u64,
    /// Resident memory after the first answer, in kilobytes.
    pub resident: u64,
}

#[derive(Default)]
struct Samples {
    start: Vec<f64>,
    ratio: Vec<f64>,
    start_processor: Vec<f64>,
    processor_ratio: Vec<f64>,
    first: Vec<f64>,
    processor: Vec<f64>,
    throttled: [Vec<f64>; SIZES.len()],
    together: Vec<f64>,
    resident: u64,
}

/// Starts each variant three times a round, the variants in turn.
pub fn measure_starts(variants: &[Variant], rounds: u32) -> anyhow::Result<Vec<ColdFigures>> {
    let mut samples: Vec<Samples> = variants.iter().map(|_| Samples::default()).collect();
    let throttles = SIZES.map(Throttle::new);
    for round in 0..rounds {
        let mut empty = None;
        for (variant, samples) in variants.iter().zip(&mut samples) {
            let (start, processor) = samples.add_round(variant, round, &throttles)?;
            let (empty_start, empty_processor) = *empty.get_or_insert((start, processor));
            samples.ratio.push(start / empty_start);
            samples.processor_ratio.push(processor / empty_processor);
        }
    }
    let held = throttles.map(|throttle| throttle.is_some());
    variants.iter().zip(samples).map(|(variant, samples)| samples.figures(variant, held)).collect()
}

impl Samples {
    /// Returns how long the start with a whole processor took, and how much of it on the processor.
    fn add_round(
        &mut self,
        variant: &Variant,
        round: u32,
        throttles: &[Option<Throttle>],
    ) -> anyhow::Result<(f64, f64)> {
        let event = variant.event(round);
        let mut function = Function::start(variant, Stdio::null())?;
        let processor = milliseconds(function.processor_time()?);
        let invocation = function.invoke_and_count(&event)?;
        self.start_processor.push(processor);
        self.start.push(milliseconds(function.start));
        self.first.push(milliseconds(invocation.took));
        self.processor.push(milliseconds(invocation.processor));
        self.resident = function.resident()?;
        for ((throttle, megabytes), times) in throttles.iter().zip(SIZES).zip(&mut self.throttled) {
            let mut held = Function::start(variant, Stdio::null())?;
            let start = milliseconds(held.start);
            if let Some(throttle) = throttle {
                held.hold(throttle)?;
                times.push(milliseconds(held.invoke(&event)?));
            } else {
                let factor = share(MEGABYTES_OF_A_PROCESSOR) / share(megabytes);
                times.push(milliseconds(held.invoke_and_count(&event)?.processor) * factor);
            }
            if megabytes == SIZES[0] {
                self.together.extend(times.last().map(|first| start + first));
            }
        }
        Ok((milliseconds(function.start), processor))
    }

    fn figures(self, variant: &Variant, held: [bool; SIZES.len()]) -> anyhow::Result<ColdFigures> {
        let spread = |times| Spread::of(times).context("no round");
        let mut throttled = Vec::new();
        for ((megabytes, held), times) in SIZES.into_iter().zip(held).zip(self.throttled) {
            throttled.push((megabytes, held, spread(times)?));
        }
        Ok(ColdFigures {
            label: variant.label,
            start: spread(self.start)?,
            start_ratio: spread(self.ratio)?,
            start_processor: spread(self.start_processor)?,
            start_processor_ratio: spread(self.processor_ratio)?,
            first: spread(self.first)?,
            processor: spread(self.processor)?,
            throttled,
            together: spread(self.together)?,
            bytes: size(&variant.binary)?,
            resident: self.resident,
        })
    }
}

fn milliseconds(time: Duration) -> f64 {
    time.as_secs_f64() * 1_000.0
}

#[expect(clippy::cast_precision_loss, reason = "a few thousand")]
fn share(megabytes: u64) -> f64 {
    megabytes as f64
}
