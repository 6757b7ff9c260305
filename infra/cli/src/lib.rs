//! `wtb`, the command line for operators of webex-token-broker.
//!
//! Every command invokes the refresher and shows its answer; the rules are the refresher's. The few commands about
//! secrets that operators own (`apps/{app}`, `webhooks/{app}`) also call Secrets Manager.
//!
//! Reading order: [`arguments`] (what can be typed), `commands` (one file per command), `session` (what a command works
//! with), `broker` (the client of the refresher), `secret_store`, then `fleet` and `attention` (what `status` shows).
//!
//! Answers go to standard output, everything else to standard error. A secret is never an argument and never printed.

pub mod arguments;
mod attention;
mod aws_error;
mod broker;
mod commands;
mod deployment;
mod exit;
mod failure;
mod fleet;
mod format;
mod link_seal;
mod machine;
mod operator;
mod report;
mod sdk;
mod secret_input;
mod secret_store;
mod session;
mod table;
mod timeline;

use std::ffi::OsString;

use aws_config::SdkConfig;

pub use arguments::Cli;
pub use exit::Exit;
pub use link_seal::link_address;
pub use machine::{Machine, SystemMachine};

use failure::Failure;
use report::Report;
use session::Session;

/// Runs one command line, the program's name first.
pub async fn main(arguments: Vec<OsString>, machine: &dyn Machine) -> Exit {
    let cli = match parse(arguments, machine) {
        Ok(cli) => cli,
        Err(exit) => return exit,
    };
    let config = sdk::load(&cli.options).await;
    run(&cli, config, machine).await
}

/// Parses a command line. Help and errors are shown, and end the program with the exit status.
pub fn parse(arguments: Vec<OsString>, machine: &dyn Machine) -> Result<Cli, Exit> {
    arguments::parse(arguments).map_err(|refusal| refusal.show(machine))
}

/// Runs a parsed command with an AWS configuration, shows the result, and returns the exit status.
pub async fn run(cli: &Cli, config: SdkConfig, machine: &dyn Machine) -> Exit {
    let session = Session::new(&cli.options, config, machine);
    let result = commands::run(&cli.command, &session).await;
    show(result, cli.options.json, machine)
}

fn show(result: Result<Report, Failure>, json: bool, machine: &dyn Machine) -> Exit {
    match result {
        Ok(report) => {
            machine.print(&if json { report.json_text() } else { report.text });
            report.exit
        }
        Err(failure) => {
            if json {
                machine.print(&failure.json_text());
            } else {
                machine.note(&failure.text(machine.has_colors()));
            }
            failure.exit
        }
    }
}
