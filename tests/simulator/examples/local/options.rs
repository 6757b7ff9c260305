//! The command line.

use anyhow::{Context as _, bail};

use crate::ports::Ports;

/// The text of `--help`.
pub(crate) const USAGE: &str = "\
Runs the broker on this machine: the real functions behind `cargo lambda watch`, between a simulated Webex
and a simulated Secrets Manager. Plays through the life of its grants, then keeps running for you to try it.

Usage: cargo local [--once | --stack] [--port N]

  --once     end after the story, with exit code 0 if every check passed, else 1
  --stack    no story: deploy the template into an AWS emulator on this machine (port N) with a simulated
             Webex (N+1) and its portal (N+2), for the AWS CLI, until Ctrl-C. Needs Python 3
  --port N   use the ports N, N+1 and N+2 instead of 9100, 9101 and 9102
  --help     print this text

Needs Rust, and Python 3 to install cargo-lambda if it is missing.";

/// What `cargo local` does.
pub(crate) enum Action {
    /// Prints [`USAGE`].
    Help,
    /// Plays the story.
    Play(Options),
    /// Keeps a deployment running on this port and the two after it.
    Stack(u16),
}

/// The options of the story.
pub(crate) struct Options {
    /// Whether to end after the story.
    pub(crate) once: bool,
    /// The ports of the services.
    pub(crate) ports: Ports,
}

impl Action {
    /// Parses the arguments. The alias `cargo local` ends in `--`, so a second one typed by hand is ignored.
    pub(crate) fn parse(arguments: impl Iterator<Item = String>) -> anyhow::Result<Self> {
        let mut arguments = arguments.filter(|argument| argument != "--");
        let mut options = Options { once: false, ports: Ports::default() };
        let mut stack = false;
        while let Some(argument) = arguments.next() {
            let (name, value) = match argument.split_once('=') {
                Some((name, value)) => (name, Some(value.to_owned())),
                None => (argument.as_str(), None),
            };
            match name {
                "--help" | "-h" => return Ok(Self::Help),
                "--once" => options.once = true,
                "--stack" => stack = true,
                "--port" => options.ports = parse_ports(value.or_else(|| arguments.next()))?,
                _ => bail!("unknown option {argument}; `cargo local --help` lists the options"),
            }
        }
        match (stack, options.once) {
            (true, true) => bail!("--stack keeps running, so it cannot be combined with --once"),
            (true, false) => Ok(Self::Stack(options.ports.webex)),
            (false, _) => Ok(Self::Play(options)),
        }
    }
}

fn parse_ports(value: Option<String>) -> anyhow::Result<Ports> {
    let value = value.context("--port needs a number: the first of three free ports in a row")?;
    let base = value.parse().ok().and_then(Ports::from_base);
    base.with_context(|| format!("--port {value} is not a number from 1 to 65533"))
}
