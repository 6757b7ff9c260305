//! What was asked for on the command line.

use anyhow::{Context as _, bail};

use crate::ports::Ports;

/// `--help`
pub(crate) const USAGE: &str = "\
Plays the broker's main job on this machine: the real functions under `cargo lambda watch`, between a
simulated Webex and a simulated Secrets Manager. Then everything stays up to be played with.

Usage: cargo local [--once | --stack] [--port N]

  --once     end after the story: 0 if every step went as it should, else 1
  --stack    no story: deploy the template into a small AWS on this machine (N), with Webex (N+1) and its
             portal (N+2), to be played with by the AWS CLI until Ctrl-C. Needs Python 3
  --port N   use the ports N, N+1 and N+2 instead of 9100, 9101 and 9102
  --help     this text

Needs Rust, and Python 3 to get cargo-lambda where it is missing.";

/// What to do.
pub(crate) enum Wish {
    /// Explain.
    Help,
    /// Play the story.
    Play(Options),
    /// Keep a deployment up, on this port and the two after it.
    Stack(u16),
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
                "--port" => options.ports = ports(value.or_else(|| arguments.next()))?,
                _ => bail!("there is no option {argument}; cargo local --help says which there are"),
            }
        }
        match (stack, options.once) {
            (true, true) => bail!("--stack stays up, so --once does not go with it"),
            (true, false) => Ok(Self::Stack(options.ports.webex)),
            (false, _) => Ok(Self::Play(options)),
        }
    }
}

fn ports(value: Option<String>) -> anyhow::Result<Ports> {
    let value = value.context("--port needs a number: the first of three free ports")?;
    let base = value.parse().ok().and_then(Ports::from_base);
    base.with_context(|| format!("--port {value} is not a number from 1 to 65533"))
}
