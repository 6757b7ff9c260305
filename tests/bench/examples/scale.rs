//! `cargo run --release -p bench --example scale [DAYS] [GRANTS...]`: hourly sweeps over fleets of several sizes on a
//! simulated clock, as a Markdown table.

use std::fmt::Write as _;
use std::io::{self, Write as _};

use anyhow::Context as _;
use bench::scale::{ACCESS_LIFE, Simulation, TIMEOUT};
use jiff::SignedDuration;

const HOUR: SignedDuration = SignedDuration::from_hours(1);

const HEAD: &str = "| grants | longest sweep, s | pages a day | reads a day | writes a day | calls to Webex a day | \
     most deferred | least life of a token left, days | peak memory, MB |\n|---|---|---|---|---|---|---|---|---|";

fn main() -> anyhow::Result<()> {
    let numbers: Vec<u32> =
        std::env::args().skip(1).map(|text| text.parse()).collect::<Result<_, _>>().context("[DAYS] [GRANTS...]")?;
    let days = numbers.first().copied().unwrap_or(14);
    let fleets = if numbers.len() > 1 { &numbers[1..] } else { &[1_000, 10_000, 100_000] };
    let mut out = io::stdout().lock();
    writeln!(
        out,
        "Hourly sweeps for {days} days on a simulated clock, each within {} minutes. GetSecretValue takes 15 ms, a write \
         60 ms, a page 300 ms, a call to Webex 80 ms; pages are begun 80 a second and writes 46 a second.\n\n{HEAD}",
        TIMEOUT.as_mins()
    )?;
    for grants in fleets {
        out.write_all(row(*grants, days)?.as_bytes())?;
        out.flush()?;
    }
    Ok(())
}

fn row(grants: u32, days: u32) -> anyhow::Result<String> {
    let simulation = Simulation::in_service(grants);
    let (mut longest, mut least) = (SignedDuration::ZERO, ACCESS_LIFE);
    let (mut pages, mut reads, mut writes, mut webex, mut deferred) = (0, 0, 0, 0, 0);
    for _ in 0..days * 24 {
        let figures = simulation.sweep();
        longest = longest.max(figures.took);
        least = least.min(figures.oldest);
        deferred = deferred.max(figures.deferred);
        pages += figures.calls.pages;
        reads += figures.calls.reads;
        writes += figures.calls.writes;
        webex += figures.webex_calls;
        simulation.wait(HOUR, figures.took);
    }
    let mut row = format!("| {grants} | {:.0} |", longest.as_secs_f64());
    for calls in [pages, reads, writes, webex] {
        write!(row, " {} |", calls / u64::from(days))?;
    }
    writeln!(row, " {deferred} | {:.1} | {} |", least.as_secs_f64() / 86_400.0, peak_memory())?;
    Ok(row)
}

/// The most memory that this process has had, store included, in megabytes; 0 where the system does not say.
fn peak_memory() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    let kilobytes = line.and_then(|line| line.trim().trim_end_matches(" kB").parse::<u64>().ok());
    kilobytes.unwrap_or_default() / 1024
}
