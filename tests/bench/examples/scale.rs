//! `cargo run --release -p bench --example scale [DAYS] [GRANTS...]`: hourly sweeps over fleets of several sizes on a
//! simulated clock, as a Markdown table.

use std::process::ExitCode;

use bench::scale::{ACCESS_LIFE, Simulation, TIMEOUT};
use jiff::SignedDuration;

const HOUR: SignedDuration = SignedDuration::from_hours(1);

fn main() -> ExitCode {
    let numbers: Result<Vec<usize>, _> = std::env::args().skip(1).map(|text| text.parse()).collect();
    let Ok(numbers) = numbers else {
        eprintln!("usage: scale [DAYS] [GRANTS...]");
        return ExitCode::from(2);
    };
    let (days, fleets) = match numbers.split_first() {
        None => (14, &[1_000, 10_000, 100_000][..]),
        Some((days, [])) => (*days, &[1_000, 10_000, 100_000][..]),
        Some((days, fleets)) => (*days, fleets),
    };
    println!(
        "Hourly sweeps for {days} days on a simulated clock, each within {} minutes. GetSecretValue takes 15 ms, a write \
         60 ms, a page 300 ms, a call to Webex 80 ms; pages are begun 80 a second and writes 40 a second.\n",
        TIMEOUT.as_mins()
    );
    println!(
        "| grants | longest sweep, s | pages a day | reads a day | writes a day | calls to Webex a day | most deferred | least life of a token left, days | peak memory, MB |"
    );
    println!("|---|---|---|---|---|---|---|---|---|");
    for grants in fleets {
        row(*grants, days);
    }
    ExitCode::SUCCESS
}

fn row(grants: usize, days: usize) {
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
    let a_day = |calls: u64| calls / days as u64;
    println!(
        "| {grants} | {:.0} | {} | {} | {} | {} | {deferred} | {:.1} | {} |",
        longest.as_secs_f64(),
        a_day(pages),
        a_day(reads),
        a_day(writes),
        a_day(webex),
        least.as_secs_f64() / 86_400.0,
        peak_memory()
    );
}

/// The most memory that this process has had, store included, in megabytes; 0 where the system does not say.
fn peak_memory() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    let kilobytes = line.and_then(|line| line.trim().trim_end_matches(" kB").parse::<u64>().ok());
    kilobytes.unwrap_or_default() / 1024
}
