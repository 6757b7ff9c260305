//! The tables, and the targets.

use std::fmt::{self, Write as _};

use bench::scale::{Operation, Prices, RunFigures, SweepFigures};
use jiff::SignedDuration;

/// The longest time between the moment at which a pair is due and its renewal.
const LATEST: SignedDuration = SignedDuration::from_hours(24);
/// A quarter of the life of an access token.
const LEAST_LIFE: SignedDuration = SignedDuration::from_hours(14 * 24 / 4);
/// The greatest share of the quota of writes, on average.
const MOST_WRITES: f64 = 0.9;
/// The greatest share of throttled writes in an hour.
const MOST_THROTTLED: f64 = 0.05;
/// Megabytes of a function.
const MOST_MEMORY: f64 = 256.0;

/// The figures of one fleet in one layout.
pub(crate) struct FleetRow {
    grants: u32,
    layout: &'static str,
    timeout: SignedDuration,
    run: RunFigures,
    pub(crate) latest: SignedDuration,
    pub(crate) memory: f64,
    /// The hours with many events.
    pub(crate) eventful: Vec<(u32, SweepFigures)>,
}

impl FleetRow {
    pub(crate) fn new(grants: u32, layout: &'static str, timeout: SignedDuration) -> Self {
        let (latest, memory) = (SignedDuration::ZERO, 0.0);
        Self { grants, layout, timeout, run: RunFigures::default(), latest, memory, eventful: Vec::new() }
    }

    pub(crate) fn add(&mut self, sweep: &SweepFigures) {
        self.run.add(sweep);
    }

    /// Calls a day.
    fn calls(&self, operations: &[Operation]) -> f64 {
        self.run.a_day(operations.iter().map(|operation| self.run.calls.of(*operation)).sum())
    }
}

/// One line, as soon as a fleet is done.
pub(crate) fn progress(row: &FleetRow) -> String {
    format!("{} grants, {}: {:?}", row.grants, row.layout, row.run)
}

/// All tables.
pub(crate) fn tables(rows: &[FleetRow], days: u32) -> Result<String, fmt::Error> {
    let mut text = format!("Hourly sweeps for {days} days.\n\n");
    text.push_str(
        "| grants | layout | time of a sweep, s | longest sweep, s | writes in the busiest sweep, of the quota | \
         on average | throttled | most deferred | latest renewal after it was due, h | least life left, days | \
         memory of a sweep, MB |\n|---|---|---|---|---|---|---|---|---|---|---|\n",
    );
    for row in rows {
        write_times(&mut text, row)?;
    }
    text.push_str(
        "\n| grants | layout | calls a day: batches | lists | gets, describes | puts, moves | creates | deletes | \
         restores | to Webex |\n|---|---|---|---|---|---|---|---|---|---|\n",
    );
    for row in rows {
        write_calls(&mut text, row)?;
    }
    text.push_str(
        "\n| grants | layout | own secrets | packs | dollars a month: own secrets | packs | other secrets | calls | \
         an organisation |\n|---|---|---|---|---|---|---|---|---|\n",
    );
    for row in rows {
        write_costs(&mut text, row)?;
    }
    for row in rows.iter().filter(|row| !row.eventful.is_empty()) {
        write_events(&mut text, row)?;
    }
    Ok(text)
}

fn write_times(text: &mut String, row: &FleetRow) -> fmt::Result {
    let run = &row.run;
    writeln!(
        text,
        "| {} | {} | {} | {:.0} | {:.0} % | {:.1} % | {:.1} % | {} | {:.1} | {:.1} | {:.0} |",
        row.grants,
        row.layout,
        row.timeout.as_secs(),
        run.longest.as_secs_f64(),
        run.busiest * 100.0,
        run.average() * 100.0,
        run.throttled * 100.0,
        run.deferred,
        row.latest.as_secs_f64() / 3_600.0,
        run.least_life.as_secs_f64() / 86_400.0,
        row.memory,
    )
}

fn write_calls(text: &mut String, row: &FleetRow) -> fmt::Result {
    write!(text, "| {} | {} |", row.grants, row.layout)?;
    for operations in [
        &[Operation::Batch] as &[Operation],
        &[Operation::List],
        &[Operation::Get, Operation::Describe],
        &[Operation::Put, Operation::Move, Operation::Update],
        &[Operation::Create],
        &[Operation::Delete],
        &[Operation::Restore],
    ] {
        write!(text, " {:.0} |", row.calls(operations))?;
    }
    writeln!(text, " {:.0} |", row.run.a_day(row.run.webex_calls))
}

fn write_costs(text: &mut String, row: &FleetRow) -> fmt::Result {
    let run = &row.run;
    writeln!(
        text,
        "| {} | {} | {:.0} | {:.0} | {:.2} | {:.2} | {:.2} | {:.2} | **{:.4}** |",
        row.grants,
        row.layout,
        run.own_secrets(),
        run.packs(),
        run.own_secrets() * Prices::SECRET,
        run.packs() * Prices::SECRET,
        Prices::OTHER_SECRETS * Prices::SECRET,
        run.dollars_of_calls(),
        run.dollars() / f64::from(row.grants),
    )
}

fn write_events(text: &mut String, row: &FleetRow) -> fmt::Result {
    writeln!(
        text,
        "\n{} grants, {}:\n\n| hour | sweep, s | renewed | minted | retired | deferred | writes in the hour | \
         throttled | own secrets |\n|---|---|---|---|---|---|---|---|---|",
        row.grants, row.layout
    )?;
    for (hour, sweep) in &row.eventful {
        writeln!(text, "{}", hour_line(*hour, sweep))?;
    }
    Ok(())
}

/// The figures of one hour.
pub(crate) fn hour_line(hour: u32, sweep: &SweepFigures) -> String {
    let report = &sweep.report;
    format!(
        "| {hour} | {:.0} | {} | {} | {} | {} | {} | {} | {:.0} |",
        sweep.took.as_secs_f64(),
        report.renewed,
        report.minted,
        report.retired,
        report.deferred,
        sweep.calls.writes(),
        sweep.calls.throttled,
        sweep.hours.own,
    )
}

/// The targets that a fleet in packs misses.
pub(crate) fn missed_targets(row: &FleetRow) -> Vec<String> {
    if row.layout != "packed" {
        return Vec::new();
    }
    let run = &row.run;
    let targets = [
        ("every pair is renewed within a day of being due", row.latest <= LATEST),
        ("every token keeps a quarter of its life", run.least_life >= LEAST_LIFE),
        ("at most 90 % of the quota of writes on average", run.average() <= MOST_WRITES),
        ("at most 5 % of the writes of an hour are throttled", run.throttled <= MOST_THROTTLED),
        ("a sweep takes at most 256 MB", row.memory <= MOST_MEMORY),
    ];
    let missed = targets.into_iter().filter(|(_, is_met)| !is_met);
    missed.map(|(target, _)| format!("{} grants: {target}", row.grants)).collect()
}
