//! `cargo bench-all [--no-build] [--rounds N] [--binaries DIR] [--write]`: measures the functions as they are deployed, beside one
//! that does nothing, and prints the tables. `--write` puts them into `tests/rig/figures`, as text, JSON and picture.

#![expect(clippy::print_stdout, reason = "a program for people")]

use std::path::PathBuf;
use std::process::{Command, Stdio};

use anyhow::{Context as _, bail, ensure};
use rig::{
    AwsEndpoint, Binaries, Certificates, Report, floor, measure_packing, measure_starts, measure_sweeps, measure_warm,
    variants,
};

const CRATE: &str = env!("CARGO_MANIFEST_DIR");

struct Options {
    build: bool,
    write: bool,
    rounds: u32,
    binaries: Binaries,
}

fn main() -> anyhow::Result<()> {
    let options = options()?;
    if options.build {
        let status = Command::new(format!("{CRATE}/build")).status()?;
        ensure!(status.success(), "tests/rig/build: {status}");
    }
    let report = measure(&options)?;
    print!("{}", report.markdown());
    if options.write {
        let folder = PathBuf::from(CRATE).join("figures");
        std::fs::write(folder.join("figures.md"), format!("# Figures\n\n{}", report.markdown()))?;
        std::fs::write(folder.join("figures.json"), report.json()?)?;
        std::fs::write(folder.join("figures.svg"), report.svg())?;
    }
    Ok(())
}

fn options() -> anyhow::Result<Options> {
    let mut options = Options { build: true, write: false, rounds: 40, binaries: Binaries::built() };
    let mut arguments = std::env::args().skip(1);
    while let Some(argument) = arguments.next() {
        match argument.as_str() {
            "--no-build" => options.build = false,
            "--write" => options.write = true,
            "--rounds" => options.rounds = arguments.next().context("--rounds N")?.parse()?,
            "--binaries" => options.binaries.functions = arguments.next().context("--binaries DIR")?.into(),
            _ => bail!("[--no-build] [--rounds N] [--binaries DIR] [--write], not {argument}"),
        }
    }
    Ok(options)
}

/// Keeps this process and those that it starts on one processor. To wake another one takes longer than a warm answer.
fn stay_on_one_processor() -> anyhow::Result<()> {
    let last = (std::thread::available_parallelism()?.get() - 1).to_string();
    let this = std::process::id().to_string();
    let status = Command::new("taskset").args(["-p", "-c", &last, &this]).stdout(Stdio::null()).status();
    ensure!(status.context("taskset is needed")?.success(), "taskset failed");
    Ok(())
}

fn measure(options: &Options) -> anyhow::Result<Report> {
    let processors = std::thread::available_parallelism()?;
    stay_on_one_processor()?;
    let certificates = Certificates::make()?;
    let aws = AwsEndpoint::start(&certificates)?;
    let variants = variants(&options.binaries, &aws, &certificates);
    let mut report = Report::default();
    let floor = floor(20_000)?.times(1_000_000.0);
    report.notes.push(format!(
        "{} rounds on one of {} processors, {}. The stand-in for Lambda takes {:.0} µs of each answer (median of a client that does \
         nothing). AWS is a stand-in on this machine, over TLS with a chain of three RSA keys, and without latency.",
        options.rounds,
        processors,
        std::env::consts::ARCH,
        floor.p50
    ));
    report.add_starts(&measure_starts(&variants, options.rounds)?);
    report.add_warm(&measure_warm(&variants, &aws, options.rounds)?);
    let mut sweeps = measure_sweeps(&options.binaries, options.rounds / 4 + 1, 2)?;
    sweeps.extend(measure_packing(&options.binaries, 3)?);
    report.add_sweeps(&sweeps);
    Ok(report)
}
