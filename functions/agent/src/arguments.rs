//! The command line.

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand};

/// Webex tokens on localhost, from the webex-token-broker whose address is in `VEND_URL`.
#[derive(Debug, Parser)]
#[command(name = "webex-token-agent", disable_help_subcommand = true)]
pub(crate) struct Arguments {
    /// Without a command the program is an extension of a Lambda function, which Lambda starts.
    #[command(subcommand)]
    pub(crate) command: Option<AgentCommand>,
}

#[derive(Debug, Subcommand)]
pub(crate) enum AgentCommand {
    /// Serve tokens on 127.0.0.1, to callers that know the token in the guard file
    Serve,
    /// Keep a grant's access token in a file of mode 600
    Write(WriteOptions),
    /// Exit with 0 if an agent serves on this machine, for health checks
    Health,
}

#[derive(Debug, Args)]
pub(crate) struct WriteOptions {
    /// The app, such as `reports`
    pub(crate) app: String,
    /// An org's id, or the name of a grant
    pub(crate) subject: String,
    /// The file. It is replaced as a whole, so that a reader finds the old token or the new one
    pub(crate) file: PathBuf,
    /// The seconds before the token's end at which the file is rewritten, up to 604800
    #[arg(long, default_value_t = 900, value_parser = clap::value_parser!(u64).range(0..=604_800))]
    pub(crate) ahead: u64,
    /// Write the file once and end, for cron
    #[arg(long)]
    pub(crate) once: bool,
}
