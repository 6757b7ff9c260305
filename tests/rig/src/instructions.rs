//! Instructions of a start and of an answer, counted by callgrind: the same on every machine, whatever else runs on it.

use std::path::Path;
use std::process::Command;

use anyhow::Context as _;

use crate::function::Function;
use crate::variant::Variant;

/// Answers in the shorter and in the longer run. The difference is of warm answers alone.
const ANSWERS: [u32; 2] = [20, 60];

/// Counted instructions.
#[derive(Debug, Clone, Copy)]
pub struct InstructionCounts {
    /// From the start of the process through its first answers.
    pub start: u64,
    /// Of one warm answer.
    pub answer: u64,
}

/// Whether valgrind is installed.
pub fn can_count() -> bool {
    Command::new("valgrind").arg("--version").output().is_ok()
}

/// Runs the variant twice under callgrind.
pub fn count_instructions(variant: &Variant) -> anyhow::Result<InstructionCounts> {
    let [few, many] = ANSWERS;
    let shorter = count(variant, few)?;
    let longer = count(variant, many)?;
    let answer = longer.saturating_sub(shorter) / u64::from(many - few);
    Ok(InstructionCounts { start: shorter.saturating_sub(answer * u64::from(few)), answer })
}

fn count(variant: &Variant, answers: u32) -> anyhow::Result<u64> {
    let folder = tempfile::tempdir()?;
    let file = folder.path().join("callgrind");
    let mut variant = variant.clone();
    let valgrind = ["valgrind", "--quiet", "--tool=callgrind"].map(str::to_owned);
    variant.program.splice(0..0, valgrind.into_iter().chain([format!("--callgrind-out-file={}", file.display())]));
    let mut function = Function::start(&variant, std::process::Stdio::null())?;
    for number in 0..answers {
        function.invoke(&variant.event(number))?;
    }
    function.settle()?;
    function.stop()?;
    total(&file)
}

fn total(file: &Path) -> anyhow::Result<u64> {
    let text = std::fs::read_to_string(file)?;
    let line = text.lines().find_map(|line| line.strip_prefix("summary:")).context("no summary of callgrind")?;
    Ok(line.trim().parse()?)
}
