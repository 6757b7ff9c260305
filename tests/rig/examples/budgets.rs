//! `cargo run -p rig --example budgets [DIR]`: counts what does not depend on a clock, and fails above a budget: calls and
//! versions of each operation, and the instructions of warm answers. DIR has the functions' binaries, if `tests/rig/build`
//! has not made them.

#![expect(clippy::print_stdout, reason = "a program for people")]

use std::collections::BTreeMap;
use std::process::Stdio;

use anyhow::{Context as _, ensure};
use rig::{
    AwsEndpoint, Binaries, Certificates, Function, Variant, can_count, count_instructions, measure_packing,
    measure_sweeps, variants,
};

/// Calls to AWS of a start, of the first answer and of a warm one.
const CALLS: [(&str, [&str; 3]); 5] = [
    ("vend", ["DescribeSecret 1", "GetSecretValue 1", ""]),
    ("vend, six rules", ["DescribeSecret 1", "GetSecretValue 1", ""]),
    ("vend, another organisation each time", ["DescribeSecret 1", "GetSecretValue 1", "GetSecretValue 1"]),
    ("webhook", ["GetSecretValue 1", "GetSecretValue 1, Invoke 1", "Invoke 1"]),
    ("consent, its first page", ["", "", ""]),
];

/// The most instructions of a warm answer, in those of the empty function, which changes with the libraries. Measured:
/// 1.15, 1.16 and 3.77. One more call of the store takes 3.2.
const INSTRUCTIONS: [(&str, f64); 3] = [("vend", 1.25), ("vend, six rules", 1.25), ("webhook", 4.2)];

/// The most calls to the store, versions, and calls to Webex of each sweep.
const SWEEPS: [[usize; 3]; 5] = [
    // 100 grants and the minter's: none due, all due. A renewal makes one version with two calls; the sweep proves the store
    // with one more version.
    [15, 0, 0],
    [16 + 2 * 102, 102, 101],
    // 150 organisations and the minter. Packing: two looks at each secret and its deletion, and one version of the pack.
    [20 + 3 * 150, 1, 0],
    [11, 0, 0],
    // All due: a write that the secret refuses, its restoration, the version and its label.
    [15 + 4 * 150, 151, 150],
];

fn main() -> anyhow::Result<()> {
    let mut binaries = Binaries::built();
    if let Some(folder) = std::env::args().nth(1) {
        binaries.functions = folder.into();
    }
    let certificates = Certificates::make()?;
    let aws = AwsEndpoint::start(&certificates)?;
    let variants = variants(&binaries, &aws, &certificates);
    let mut broken = Vec::new();
    for (label, budget) in CALLS {
        let calls = calls(find(&variants, label)?, &aws)?;
        println!("{label}: calls {calls:?}");
        check(&mut broken, calls == budget, format!("{label} should make the calls {budget:?}, not {calls:?}"));
    }
    if can_count() {
        check_instructions(&variants, &mut broken)?;
    } else {
        println!("skipped the instructions: there is no valgrind");
    }
    let mut sweeps = measure_sweeps(&binaries, 1, 1)?;
    sweeps.extend(measure_packing(&binaries, 1)?);
    for (figures, budget) in sweeps.iter().zip(SWEEPS) {
        let counted = [figures.store_calls, figures.versions, figures.webex_calls];
        println!("sweep, {}: calls to the store, versions, calls to Webex: {counted:?}", figures.label);
        let is_within = counted.iter().zip(budget).all(|(counted, budget)| *counted <= budget);
        check(&mut broken, is_within, format!("a sweep, {}: {counted:?}, and at most {budget:?}", figures.label));
    }
    ensure!(broken.is_empty(), "over the budget:\n{}", broken.join("\n"));
    Ok(())
}

fn check(broken: &mut Vec<String>, is_within: bool, otherwise: String) {
    if !is_within {
        broken.push(otherwise);
    }
}

fn find<'a>(variants: &'a [Variant], label: &str) -> anyhow::Result<&'a Variant> {
    variants.iter().find(|variant| variant.label == label).with_context(|| label.to_owned())
}

fn calls(variant: &Variant, aws: &AwsEndpoint) -> anyhow::Result<[String; 3]> {
    aws.take_calls();
    let mut function = Function::start(variant, Stdio::null())?;
    let start = text(&aws.take_calls());
    function.invoke(&variant.event(0))?;
    let first = text(&aws.take_calls());
    function.invoke(&variant.event(1))?;
    Ok([start, first, text(&aws.take_calls())])
}

fn text(calls: &BTreeMap<String, u32>) -> String {
    let calls: Vec<_> = calls.iter().map(|(operation, count)| format!("{operation} {count}")).collect();
    calls.join(", ")
}

fn check_instructions(variants: &[Variant], broken: &mut Vec<String>) -> anyhow::Result<()> {
    let empty = count_instructions(find(variants, "empty function")?)?.answer;
    for (label, budget) in INSTRUCTIONS {
        let answer = count_instructions(find(variants, label)?)?.answer;
        let ratio = f64::from(u32::try_from(answer)?) / f64::from(u32::try_from(empty)?);
        println!("{label}: {answer} instructions for a warm answer, {ratio:.2} times the empty function");
        check(
            broken,
            ratio <= budget,
            format!("a warm answer of {label} takes {ratio:.2} times, and at most {budget}"),
        );
    }
    Ok(())
}
