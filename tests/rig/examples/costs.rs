//! `cargo run -p rig --example costs [DIR] [--write]`: what a deployment costs in a month, from counted calls and list prices.
//! Measures how much vend logs, with the binaries of `tests/rig/build` or of DIR. `--write` writes `figures/costs.md` and
//! `costs.svg`.

#![expect(clippy::print_stdout, reason = "a program for people")]

use std::fs::File;

use anyhow::Context as _;
use rig::costs::{MeasuredLoad, cost_picture, cost_tables};
use rig::{AwsEndpoint, Binaries, Certificates, Function, PICTURE_STYLE, count_series, variants};

const FIGURES: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/figures");
const VENDS: u32 = 100;

fn main() -> anyhow::Result<()> {
    let mut binaries = Binaries::built();
    let mut write = false;
    for argument in std::env::args().skip(1) {
        match argument.as_str() {
            "--write" => write = true,
            folder => binaries.functions = folder.into(),
        }
    }
    let bytes = logged_by_a_vend(&binaries)?;
    // Two more are vend's: Vended and VendCacheHit.
    let series = f64::from(u32::try_from(count_series(&binaries)?)?) + 2.0;
    let measured = MeasuredLoad { bytes, series };
    let text = format!(
        "# Costs\n\nDollars a month, written by `cargo run -p rig --example costs -- --write`. List prices of US East (N. Virginia), \
         arm64, without free tiers, as [prices.rs](../src/costs/prices.rs) has them with their sources. One app, a sweep an \
         hour, and each organisation's token asked for once a minute. A vend logs {bytes:.0} bytes; {series:.0} \
         metrics are recorded each hour, of the app, the minter and vend.\n\n\
         Packed: compressed records of 360 characters in packs of 48 KiB that are 70 % full and written at most four times a day. A renewed \
         grant has a secret of its own until the next sweep, about an hour. Up to 100 grants of an app keep their own secrets by default; the rows of 10 and 100 show `PackAbove=1`.\n\n{}",
        cost_tables(measured)
    );
    print!("{text}");
    if write {
        std::fs::write(format!("{FIGURES}/costs.md"), text)?;
        std::fs::write(format!("{FIGURES}/costs.svg"), cost_picture(PICTURE_STYLE, measured))?;
    }
    Ok(())
}

/// The bytes of the lines of one warm vend.
fn logged_by_a_vend(binaries: &Binaries) -> anyhow::Result<f64> {
    let certificates = Certificates::make()?;
    let aws = AwsEndpoint::start(&certificates)?;
    let variants = variants(binaries, &aws, &certificates);
    let vend = variants.iter().find(|variant| variant.label == "vend").context("no vend")?;
    let file = tempfile::NamedTempFile::new()?;
    let mut function = Function::start(vend, File::create(file.path())?.into())?;
    for number in 0..VENDS {
        function.invoke(&vend.event(number))?;
    }
    function.settle()?;
    let bytes = u32::try_from(file.path().metadata()?.len())?;
    Ok(f64::from(bytes) / f64::from(VENDS))
}
