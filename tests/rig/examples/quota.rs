//! `cargo run -p rig --example quota [DIR]`: how a sweep over 1,000 due grants and 600 onboardings by ten processes share
//! Secrets Manager's quota of 50 writes a second. DIR has the functions' binaries, if `tests/rig/build` has not made them.

#![expect(clippy::print_stdout, reason = "a program for people")]

use rig::{Binaries, QuotaFigures, measure_due, measure_onboarding};

fn main() -> anyhow::Result<()> {
    let mut binaries = Binaries::built();
    if let Some(folder) = std::env::args().nth(1) {
        binaries.functions = folder.into();
    }
    let due = measure_due(&binaries, 1_000)?;
    print("sweep over 1,000 due grants", &due);
    println!("  {:.0} % of the quota", due.share() * 100.0);
    // A record's creation and its changes have a quota each.
    print("600 onboardings by ten processes", &measure_onboarding(&binaries, 600)?);
    Ok(())
}

fn print(label: &str, figures: &QuotaFigures) {
    println!(
        "{label}: {:.1} s, {} writes; {} more were throttled, {:.1} % of all",
        figures.took.as_secs_f64(),
        figures.taken,
        figures.throttled,
        figures.throttled_share() * 100.0
    );
}
