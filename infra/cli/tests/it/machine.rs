//! A terminal and a clock that a test controls.

use std::collections::VecDeque;
use std::future::Future;
use std::io;
use std::pin::Pin;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use indicatif::ProgressBar;
use jiff::{SignedDuration, Timestamp};
use wtb::{Exit, Machine};

use crate::stand_in::StandIn;

/// The time at which every test begins.
pub(crate) const START: &str = "2026-11-26T12:00:00Z";

/// The secret that `wtb` makes.
pub(crate) const RANDOM_SECRET: &str = "CANARY-random-webhook-secret";

/// A machine that answers questions from a list and keeps what was printed.
pub(crate) struct TestMachine {
    pub(crate) width: usize,
    pub(crate) colors: bool,
    pub(crate) interactive: bool,
    pub(crate) input: String,
    pub(crate) answers: Mutex<VecDeque<String>>,
    pub(crate) printed: Mutex<String>,
    pub(crate) noted: Mutex<String>,
    pub(crate) now: Mutex<Timestamp>,
    pub(crate) journal: Arc<Mutex<Vec<String>>>,
}

/// What a command printed and returned.
pub(crate) struct Ran {
    pub(crate) exit: Exit,
    pub(crate) out: String,
    pub(crate) notes: String,
}

impl TestMachine {
    /// A terminal of 80 columns whose person gives these answers.
    pub(crate) fn answering(stand_in: &StandIn, answers: &[&str]) -> Self {
        Self {
            width: 80,
            colors: false,
            interactive: true,
            input: String::new(),
            answers: Mutex::new(answers.iter().map(|answer| (*answer).to_owned()).collect()),
            printed: Mutex::default(),
            noted: Mutex::default(),
            now: Mutex::new(START.parse().unwrap()),
            journal: stand_in.journal(),
        }
    }

    /// No terminal: nobody can be asked.
    pub(crate) fn without_terminal(stand_in: &StandIn) -> Self {
        Self { interactive: false, ..Self::answering(stand_in, &[]) }
    }

    /// Runs `wtb` with these arguments, separated by blanks.
    pub(crate) async fn run(&self, stand_in: &StandIn, arguments: &str) -> Ran {
        let words = std::iter::once("wtb").chain(arguments.split_whitespace());
        let exit = match wtb::parse(words.map(Into::into).collect(), self) {
            Ok(cli) => wtb::run(&cli, stand_in.config(), self).await,
            Err(exit) => exit,
        };
        let out = std::mem::take(&mut *self.printed.lock().unwrap());
        let notes = std::mem::take(&mut *self.noted.lock().unwrap());
        Ran { exit, out, notes }
    }

    fn answer(&self) -> io::Result<String> {
        self.answers.lock().unwrap().pop_front().ok_or_else(|| io::Error::other("nobody answers"))
    }
}

/// Runs `wtb` at a terminal of 80 columns at which nobody answers.
pub(crate) async fn wtb(stand_in: &StandIn, arguments: &str) -> Ran {
    TestMachine::answering(stand_in, &[]).run(stand_in, arguments).await
}

impl Machine for TestMachine {
    fn now(&self) -> Timestamp {
        *self.now.lock().unwrap()
    }

    fn pause(&self, duration: Duration) -> Pin<Box<dyn Future<Output = ()> + '_>> {
        *self.now.lock().unwrap() += SignedDuration::try_from(duration).unwrap();
        self.journal.lock().unwrap().push(format!("pause {}", duration.as_secs()));
        Box::pin(std::future::ready(()))
    }

    fn print(&self, text: &str) {
        self.printed.lock().unwrap().push_str(text);
    }

    fn note(&self, line: &str) {
        let mut noted = self.noted.lock().unwrap();
        noted.push_str(line);
        noted.push('\n');
    }

    fn width(&self) -> usize {
        self.width
    }

    fn has_colors(&self) -> bool {
        self.colors
    }

    fn is_interactive(&self) -> bool {
        self.interactive
    }

    fn ask(&self, prompt: &str) -> io::Result<String> {
        self.note(prompt);
        self.answer()
    }

    fn ask_secret(&self, prompt: &str) -> io::Result<String> {
        self.note(prompt);
        self.answer()
    }

    fn read_input(&self) -> io::Result<String> {
        Ok(self.input.clone())
    }

    fn random_secret(&self) -> io::Result<String> {
        Ok(RANDOM_SECRET.to_owned())
    }

    fn progress(&self) -> ProgressBar {
        ProgressBar::hidden()
    }

    fn user_and_host(&self) -> String {
        "alex@laptop".to_owned()
    }
}
