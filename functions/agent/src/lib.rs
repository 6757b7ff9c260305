//! Webex tokens on localhost, for programs in any language: the agent asks vend as its caller would and holds the tokens.
//!
//! It is one program in three forms: a Lambda extension (no arguments; Lambda starts it), a daemon or sidecar (`serve`),
//! and a file that is kept current (`write`). Callers send vend's own requests to the agent, with a guard token in place of
//! an identity, and get vend's own answers.
//!
//! Read in this order: `arguments` and [`Settings`], [`TokenCache`] (when vend is asked), `routes`, [`Guard`] and `answer`
//! (a request), [`serve`], then `extension` and `write` (the forms).
//!
//! Architecture invariant: tokens are in memory, in answers to callers that pass the guard, and in the file of `write`.

mod answer;
mod arguments;
mod build;
mod extension;
mod guard;
mod guard_token;
mod identity;
mod local_http;
mod routes;
mod server;
mod settings;
mod state;
mod token_cache;
mod token_file;
mod write;

pub use guard::Guard;
pub use server::serve;
pub use settings::{Settings, VARIABLES};
pub use state::AgentState;
pub use token_cache::{GrantKey, TokenCache};

use std::ffi::OsString;
use std::io;
use std::process::ExitCode;

use clap::Parser as _;
use lambda_kit::config::environment;
use lambda_kit::log;
use tokio::signal::unix::{SignalKind, signal};

use arguments::{AgentCommand, Arguments};

/// Runs the agent. Returns when it is told to end, or when it cannot go on.
pub async fn run(arguments: impl IntoIterator<Item = OsString>) -> ExitCode {
    let arguments = match Arguments::try_parse_from(arguments) {
        Ok(arguments) => arguments,
        Err(error) => {
            // Prints the usage, or the help that was asked for.
            let _ = error.print();
            return if error.use_stderr() { ExitCode::from(2) } else { ExitCode::SUCCESS };
        }
    };
    log::init(&environment);
    let done = match arguments.command {
        None => return extension::run().await,
        Some(AgentCommand::Serve) => until_terminated(Box::pin(build::serve_on_loopback())).await,
        Some(AgentCommand::Write(options)) => until_terminated(Box::pin(write::run(options))).await,
        Some(AgentCommand::Health) => build::check_health().await,
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(reason) => {
            tracing::error!(outcome = "ended", "{reason}");
            ExitCode::FAILURE
        }
    }
}

/// Runs `task` until it ends, or until the process gets SIGTERM or SIGINT.
async fn until_terminated(task: impl Future<Output = Result<(), String>>) -> Result<(), String> {
    let handlers = || -> io::Result<_> { Ok((signal(SignalKind::terminate())?, signal(SignalKind::interrupt())?)) };
    let (mut terminate, mut interrupt) = handlers().map_err(|error| format!("cannot handle signals: {error}"))?;
    tokio::select! {
        done = task => done,
        _ = terminate.recv() => Ok(()),
        _ = interrupt.recv() => Ok(()),
    }
}
