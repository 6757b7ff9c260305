//! What was asked for on the command line.

use anyhow::{Context as _, bail};

use crate::ports::Ports;

/// `--help`
pub(crate) const USAGE: &str = "\
Plays the broker's main job on this machine: the real functions under `cargo lambda watch`, between a
simulated Webex and a simulated Secrets Manager. Then everything stays up to be played with.

Usage: cargo local [--once] [--port N]

  --once     end after the story: 0 if every step went as it should, else 1
  --port N   use the ports N, N+1 and N+2 instead of 9100, 9101 and 9102
  --help     this text

Needs Rust, and Python 3 to get cargo-lambda where it is missing.";

/// What to do.
pub(crate) enum Wish {
    /// Explain.
    Help,
    /// Play the story.
    Play(Options),
}

/// How to play.
pub(crate) struct Options {
    /// End after the story.
    pub(crate) once: bool,
    /// Where everything listens.
    pub(crate) ports: Ports,
}

impl Wish {
    /// Reads the arguments. The alias ends in `--`, so that one typed by hand as well arrives here.
    pub(crate) fn read(arguments: impl Iterator<Item = String>) -> anyhow::Result<Self> {
        let mut arguments = arguments.filter(|argument| argument != "--");
        let mut options = Options { once: false, ports: Ports::default() };
        while let Some(argument) = arguments.next() {
            let (name, value) = match argument.split_once('=') {
                Some((name, value)) => (name, Some(value.to_owned())),
                None => (argument.as_str(), None),
            };
            match name {
                "--help" | "-h" => return Ok(Self::Help),
                "--once" => options.once = true,
                "--port" => options.ports = ports(value.or_else(|| arguments.next()))?,
                _ => bail!("there is no option {argument}; cargo local --help says which there are"),
            }
        }
        Ok(Self::Play(options))
    }
}

fn ports(value: Option<String>) -> anyhow::Result<Ports> {
    let value = value.context("--port needs a number: the first of three free ports")?;
    let base = value.parse().ok().and_then(Ports::from_base);
    base.with_context(|| format!("--port {value} is not a number from 1 to 65533"))
}
