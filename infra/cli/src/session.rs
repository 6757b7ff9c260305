//! What a command works with: the options, the AWS configuration and the machine.

use aws_config::SdkConfig;
use indicatif::{ProgressBar, ProgressFinish, ProgressStyle};

use crate::arguments::{Confirmation, Options};
use crate::exit::Exit;
use crate::failure::Failure;
use crate::machine::Machine;
use crate::table::Look;

/// How often a spinner moves.
const SPINNER_TICK: std::time::Duration = std::time::Duration::from_millis(100);

/// What a command works with.
pub(crate) struct Session<'m> {
    /// What every command takes.
    pub(crate) options: &'m Options,
    /// Terminal, clock and environment.
    pub(crate) machine: &'m dyn Machine,
    sdk: SdkConfig,
}

impl<'m> Session<'m> {
    pub(crate) fn new(options: &'m Options, sdk: SdkConfig, machine: &'m dyn Machine) -> Self {
        Self { options, machine, sdk }
    }

    /// The AWS configuration. Fails without a region, with which no address is known.
    pub(crate) fn sdk(&self) -> Result<&SdkConfig, Failure> {
        if self.sdk.region().is_some() {
            return Ok(&self.sdk);
        }
        let failure = Failure::new(Exit::Unreachable, "no_region", "no AWS region is configured");
        Err(failure.advise("give --region, set AWS_REGION, or choose a profile that has one with --profile"))
    }

    /// The region, or `?`.
    pub(crate) fn region(&self) -> &str {
        match self.sdk.region() {
            Some(region) => region.as_ref(),
            None => "?",
        }
    }

    /// How tables look here.
    pub(crate) fn look(&self) -> Look {
        Look { width: self.machine.width(), colors: self.machine.has_colors() }
    }

    /// Asks the operator to type `name`. `consequence` says what will happen.
    pub(crate) fn confirm(&self, name: &str, consequence: &str, given: Confirmation) -> Result<(), Failure> {
        if given.yes {
            return Ok(());
        }
        if !self.machine.is_interactive() {
            return Err(Failure::new(
                Exit::Usage,
                "not_confirmed",
                format!("{consequence} This needs a confirmation."),
            )
            .advise("run the command in a terminal, or add --yes"));
        }
        self.machine.note(consequence);
        let typed = self.machine.ask(&format!("Type {name} to go on"));
        let typed = typed.map_err(|error| Failure::usage(format!("cannot read the confirmation: {error}")))?;
        if typed.trim() == name { Ok(()) } else { Err(Failure::declined()) }
    }

    /// A new webhook secret.
    pub(crate) fn random_secret(&self) -> Result<String, Failure> {
        let random = self.machine.random_secret();
        random.map_err(|error| Failure::new(Exit::Failed, "no_randomness", format!("cannot make a secret: {error}")))
    }

    /// A spinner, drawn on a terminal only.
    pub(crate) fn spinner(&self, message: impl Into<String>) -> ProgressBar {
        let spinner = self.machine.progress().with_finish(ProgressFinish::AndClear);
        spinner.set_style(ProgressStyle::default_spinner());
        spinner.set_message(message.into());
        spinner.enable_steady_tick(SPINNER_TICK);
        spinner
    }

    /// A bar of `total` steps, drawn on a terminal only.
    pub(crate) fn bar(&self, total: u64, message: impl Into<String>) -> ProgressBar {
        let bar = self.machine.progress().with_finish(ProgressFinish::AndClear);
        if let Ok(style) = ProgressStyle::with_template("{msg} {wide_bar} {pos}/{len}") {
            bar.set_style(style);
        }
        bar.set_length(total);
        bar.set_message(message.into());
        bar
    }
}
