//! `wtb completions`: a script for the shell.

use clap::CommandFactory;
use clap_complete::Shell;
use serde_json::json;

use crate::arguments::Cli;
use crate::report::Report;

/// The completion script.
pub(super) fn run(shell: Shell) -> Report {
    let mut script = Vec::new();
    clap_complete::generate(shell, &mut Cli::command(), "wtb", &mut script);
    let script = String::from_utf8_lossy(&script).into_owned();
    let json = json!({ "shell": shell.to_string(), "script": script });
    Report::ok(script, json)
}
