//! `cargo local`: compiles the example `local` of the simulator and becomes it.
//!
//! An alias of cargo is one command, and `cargo run` compiles with the features that one package needs: 155 crates would be
//! compiled for `cargo local` and again for `cargo t`. `cargo build --workspace` compiles them once for both.

use std::env::{self, consts::EXE_SUFFIX};
use std::io;
use std::path::PathBuf;
use std::process::{Command, ExitCode};

fn main() -> io::Result<ExitCode> {
    let built = Command::new("cargo").args(["build", "--workspace", "--example", "local"]).status()?;
    if !built.success() {
        return Ok(ExitCode::FAILURE);
    }
    start(Command::new(example()?).args(env::args_os().skip(1)))
}

/// The executable of the example. This one is TARGET/debug/local, and the example's is TARGET/debug/examples/local.
fn example() -> io::Result<PathBuf> {
    let this = env::current_exe()?;
    Ok(this.with_file_name("examples").join(format!("local{EXE_SUFFIX}")))
}

/// Replaces this process, so that Ctrl-C and signals reach the example alone.
#[cfg(unix)]
fn start(example: &mut Command) -> io::Result<ExitCode> {
    Err(std::os::unix::process::CommandExt::exec(example))
}

#[cfg(not(unix))]
fn start(example: &mut Command) -> io::Result<ExitCode> {
    if example.status()?.success() { Ok(ExitCode::SUCCESS) } else { Ok(ExitCode::FAILURE) }
}
