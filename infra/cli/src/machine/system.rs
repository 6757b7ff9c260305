//! The machine itself.

use std::future::Future;
use std::io::{self, IsTerminal, Read, Write};
use std::pin::Pin;
use std::time::Duration;

use console::Term;
use dialoguer::{Input, Password};
use indicatif::{ProgressBar, ProgressDrawTarget};
use jiff::Timestamp;

use super::Machine;

/// Columns where nothing says how many there are.
const DEFAULT_WIDTH: usize = 80;

/// Bytes of a random secret.
const SECRET_BYTES: usize = 32;

/// The machine that `wtb` runs on.
#[derive(Debug)]
pub struct SystemMachine {
    output: Term,
    errors: Term,
}

impl SystemMachine {
    /// The machine with its standard streams.
    #[must_use]
    pub fn new() -> Self {
        Self { output: Term::stdout(), errors: Term::stderr() }
    }
}

impl Default for SystemMachine {
    fn default() -> Self {
        Self::new()
    }
}

#[expect(clippy::disallowed_methods, reason = "the one place of this crate that reads the clock and the environment")]
impl Machine for SystemMachine {
    fn now(&self) -> Timestamp {
        Timestamp::now()
    }

    fn pause(&self, duration: Duration) -> Pin<Box<dyn Future<Output = ()> + '_>> {
        Box::pin(tokio::time::sleep(duration))
    }

    /// A closed pipe, as of `wtb status | head`, is no error.
    fn print(&self, text: &str) {
        let mut output = io::stdout().lock();
        let _ = output.write_all(text.as_bytes());
        let _ = output.flush();
    }

    fn note(&self, line: &str) {
        let _ = writeln!(io::stderr(), "{line}");
    }

    fn width(&self) -> usize {
        if let Some((_, columns)) = self.output.size_checked() {
            return columns.into();
        }
        let columns = std::env::var("COLUMNS").unwrap_or_default();
        columns.parse().unwrap_or(DEFAULT_WIDTH)
    }

    fn has_colors(&self) -> bool {
        self.output.features().colors_supported() && std::env::var_os("NO_COLOR").is_none()
    }

    fn is_interactive(&self) -> bool {
        io::stdin().is_terminal() && self.errors.is_term()
    }

    fn ask(&self, prompt: &str) -> io::Result<String> {
        Input::new().with_prompt(prompt).allow_empty(true).interact_text().map_err(|dialoguer::Error::IO(error)| error)
    }

    fn ask_secret(&self, prompt: &str) -> io::Result<String> {
        Password::new().with_prompt(prompt).interact().map_err(|dialoguer::Error::IO(error)| error)
    }

    fn read_input(&self) -> io::Result<String> {
        let mut text = String::new();
        io::stdin().read_to_string(&mut text)?;
        Ok(text)
    }

    fn random_secret(&self) -> io::Result<String> {
        let mut bytes = [0; SECRET_BYTES];
        aws_lc_rs::rand::fill(&mut bytes).map_err(|_| io::Error::other("there is no randomness"))?;
        Ok(hex::encode(bytes))
    }

    fn progress(&self) -> ProgressBar {
        ProgressBar::with_draw_target(None, ProgressDrawTarget::stderr())
    }

    fn user_and_host(&self) -> String {
        let user = std::env::var("USER").unwrap_or_else(|_| "unknown".to_owned());
        let host = std::fs::read_to_string("/etc/hostname").unwrap_or_else(|_| "localhost".to_owned());
        format!("{user}@{}", host.trim())
    }
}
