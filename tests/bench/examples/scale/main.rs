//! `cargo run --release -p bench --example scale [--single | --packed] [--events] [--hours] [DAYS [GRANTS...]]`: hourly sweeps over
//! fleets of several sizes on a simulated clock, as Markdown tables. It fails if a fleet in packs misses a target.

mod tables;

use std::io::{self, Write as _};

use anyhow::{Context as _, bail};
use bench::scale::{FleetOptions, HourOfEvents, Simulation, TIMEOUT, float};
use jiff::SignedDuration;
use peak_alloc::PeakAlloc;

use tables::{FleetRow, hour_line, missed_targets, progress, tables};

#[global_allocator]
static MEMORY: PeakAlloc = PeakAlloc;

const MEGABYTE: f64 = 1_048_576.0;

/// Above so many grants, 300 seconds are too short for a sweep: the longest time that Lambda takes.
const LARGE: u32 = 500_000;
const LONG_TIMEOUT: SignedDuration = SignedDuration::from_mins(15);

/// Organisations that come in one day, and those that withdraw in one hour.
const NEWCOMERS: u32 = 50_000;
const LEAVING: usize = 10_000;

struct Options {
    layouts: Vec<(&'static str, u32)>,
    has_events: bool,
    /// Tell about each hour.
    shows_hours: bool,
    days: u32,
    fleets: Vec<u32>,
}

fn main() -> anyhow::Result<()> {
    let options = options()?;
    let mut out = io::stdout().lock();
    let mut rows = Vec::new();
    for grants in &options.fleets {
        for (layout, pack_above) in &options.layouts {
            let row = run(*grants, layout, *pack_above, &options, &mut out)?;
            writeln!(out, "{}", progress(&row))?;
            rows.push(row);
        }
    }
    write!(out, "\n{}", tables(&rows, options.days)?)?;
    let missed: Vec<String> = rows.iter().flat_map(missed_targets).collect();
    if !missed.is_empty() {
        bail!("missed: {}", missed.join("; "));
    }
    Ok(())
}

fn options() -> anyhow::Result<Options> {
    let (flags, numbers): (Vec<String>, Vec<String>) =
        std::env::args().skip(1).partition(|text| text.starts_with("--"));
    let numbers: Vec<u32> = numbers
        .iter()
        .map(|text| text.parse())
        .collect::<Result<_, _>>()
        .context("[--single | --packed] [--events] [--hours] [DAYS [GRANTS...]]")?;
    let has = |flag: &str| flags.iter().any(|known| known == flag);
    let mut layouts = vec![("single", 0), ("packed", 100)];
    layouts.retain(|(layout, _)| !(has("--single") && *layout == "packed" || has("--packed") && *layout == "single"));
    let fleets = if numbers.len() > 1 { numbers[1..].to_vec() } else { vec![10_000, 100_000] };
    let (has_events, shows_hours) = (has("--events"), has("--hours"));
    Ok(Options { layouts, has_events, shows_hours, days: numbers.first().copied().unwrap_or(14), fleets })
}

fn run(
    grants: u32,
    layout: &'static str,
    pack_above: u32,
    options: &Options,
    out: &mut impl io::Write,
) -> io::Result<FleetRow> {
    let newcomers = if options.has_events { NEWCOMERS } else { 0 };
    let timeout = if grants >= LARGE { LONG_TIMEOUT } else { TIMEOUT };
    let fleet = FleetOptions { grants, newcomers, pack_above, timeout };
    let simulation = Simulation::in_service(&fleet);
    let mut row = FleetRow::new(grants, layout, timeout);
    for hour in 0..options.days * 24 {
        let events = if options.has_events { events_of(hour, &simulation) } else { HourOfEvents::default() };
        let before = MEMORY.current_usage();
        MEMORY.reset_peak_usage();
        let sweep = simulation.hour(&events);
        row.memory = row.memory.max(float(MEMORY.peak_usage().saturating_sub(before) as u64) / MEGABYTE);
        row.add(&sweep);
        if options.shows_hours {
            writeln!(out, "{}", hour_line(hour, &sweep))?;
            out.flush()?;
        }
        if options.has_events && EVENTFUL.contains(&hour) {
            row.eventful.push((hour, sweep));
        }
    }
    row.latest = simulation.latest();
    Ok(row)
}

/// The hour in which many organisations withdraw.
const WITHDRAWAL: u32 = 14;
/// The hours that are told one by one: the last one with newcomers, and those around the withdrawals.
const EVENTFUL: [u32; 8] = [7, 12, 13, 14, 15, 16, 17, 18];

/// Newcomers for a day, and many that withdraw meanwhile.
fn events_of(hour: u32, simulation: &Simulation) -> HourOfEvents {
    let mut events = HourOfEvents::default();
    if (8..32).contains(&hour) {
        let by = |hour: u32| NEWCOMERS as usize * (hour - 8) as usize / 24;
        events.authorize = by(hour + 1) - by(hour);
    }
    if hour == WITHDRAWAL {
        events.deauthorize = simulation.some(LEAVING);
    }
    events
}
