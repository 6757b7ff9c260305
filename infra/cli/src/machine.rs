//! The terminal, the clock and the environment, behind one trait so that tests can stand in for them.

mod system;

use std::future::Future;
use std::io;
use std::pin::Pin;
use std::time::Duration;

use indicatif::ProgressBar;
use jiff::Timestamp;

pub use system::SystemMachine;

/// What a command needs from the machine that it runs on.
pub trait Machine {
    /// The current time.
    fn now(&self) -> Timestamp;

    /// Resolves after `duration`.
    fn pause(&self, duration: Duration) -> Pin<Box<dyn Future<Output = ()> + '_>>;

    /// Writes to standard output.
    fn print(&self, text: &str);

    /// Writes one line to standard error.
    fn note(&self, line: &str);

    /// The columns of the terminal, or those of `COLUMNS`, or 80.
    fn width(&self) -> usize;

    /// Whether standard output takes colours.
    fn has_colors(&self) -> bool;

    /// Whether a person can be asked.
    fn is_interactive(&self) -> bool;

    /// Asks for a line.
    fn ask(&self, prompt: &str) -> io::Result<String>;

    /// Asks for a line without echo.
    fn ask_secret(&self, prompt: &str) -> io::Result<String>;

    /// Reads standard input to its end.
    fn read_input(&self) -> io::Result<String>;

    /// A new random secret of 256 bits, in hexadecimal digits.
    fn random_secret(&self) -> io::Result<String>;

    /// Where progress is drawn, if anywhere.
    fn progress(&self) -> ProgressBar;

    /// The user and the host, `user@host`.
    fn user_and_host(&self) -> String;
}
