//! The only writer: what a person reads.

use std::fmt::Display;
use std::io::{IsTerminal as _, Write as _};
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

/// Columns of running text.
const WIDTH: usize = 100;
/// What everything inside a step starts with.
const INDENT: &str = "   ";

/// Standard output. Clones count together.
#[derive(Clone)]
pub(crate) struct Screen {
    colour: bool,
    steps: Arc<AtomicU32>,
    failures: Arc<AtomicU32>,
}

/// One message from one part of the system to another.
pub(crate) struct Hop {
    /// Who spoke.
    pub(crate) from: &'static str,
    /// To whom.
    pub(crate) to: &'static str,
    /// What was asked.
    pub(crate) what: String,
    /// What came of it.
    pub(crate) outcome: String,
}

impl Screen {
    /// With colours where they are wanted.
    #[expect(
        clippy::disallowed_methods,
        reason = "NO_COLOR is the terminal's and not the broker's configuration, and edge is out of a black box's reach"
    )]
    pub(crate) fn new() -> Self {
        let unwanted = std::env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty());
        Self { colour: std::io::stdout().is_terminal() && !unwanted, steps: Arc::default(), failures: Arc::default() }
    }

    /// The whole thing's name.
    pub(crate) fn title(&self, text: &str) {
        self.put(&self.paint("1", text));
    }

    /// A part that is no step of the story.
    pub(crate) fn section(&self, text: &str) {
        self.put("");
        self.put(&self.paint("1", text));
    }

    /// The next step of the story, and why it happens.
    pub(crate) fn step(&self, text: &str, why: &str) {
        let number = self.steps.fetch_add(1, Ordering::Relaxed) + 1;
        self.section(&format!("{number}. {text}"));
        self.say(why);
    }

    /// Running text.
    pub(crate) fn say(&self, text: &str) {
        for line in wrapped(text, WIDTH - INDENT.len()) {
            self.put(&format!("{INDENT}{}", self.paint("2", &line)));
        }
    }

    fn indented(&self, text: &str) {
        for line in wrapped(text, WIDTH - INDENT.len()) {
            self.put(&format!("{INDENT}{line}"));
        }
    }

    /// A name and what it is.
    pub(crate) fn item(&self, name: &str, text: impl Display) {
        self.put(&format!("{INDENT}{name:<16} {text}"));
    }

    /// As it is, to be copied: no indent that would be copied too.
    pub(crate) fn verbatim(&self, text: &str) {
        self.put(text);
    }

    /// One message between two parts.
    pub(crate) fn hop(&self, hop: &Hop) {
        let Hop { from, to, what, outcome } = hop;
        let route = self.paint("36", &format!("{from:<9} → {to:<15}"));
        self.put(&format!("{INDENT}{route} {what:<55} {outcome}"));
    }

    /// Compares what was to be seen with what was seen; a difference is told, counted and remembered.
    pub(crate) fn check<T: PartialEq + Display + ?Sized>(&self, told: &str, expected: &T, came: &T) {
        if expected == came {
            return self.put(&format!("{INDENT}{} {told}", self.paint("32", "✓")));
        }
        self.failures.fetch_add(1, Ordering::Relaxed);
        self.put(&format!("{INDENT}{} {told}", self.paint("31", "✗")));
        self.put(&format!("{INDENT}    expected: {expected}"));
        self.put(&format!("{INDENT}    came:     {came}"));
    }

    /// How many steps have been told.
    pub(crate) fn steps(&self) -> u32 {
        self.steps.load(Ordering::Relaxed)
    }

    /// How many checks failed, and whether the story broke off.
    pub(crate) fn failures(&self) -> u32 {
        self.failures.load(Ordering::Relaxed)
    }

    /// An error and what caused it, one cause a line.
    pub(crate) fn broken(&self, error: &anyhow::Error) {
        self.failures.fetch_add(1, Ordering::Relaxed);
        self.put("");
        self.put(&self.paint("31", "Cannot go on:"));
        for (depth, cause) in error.chain().enumerate() {
            let why = if depth > 0 { "because " } else { "" };
            for line in format!("{why}{cause}").lines() {
                self.indented(line);
            }
        }
    }

    /// `--help`
    pub(crate) fn usage(&self, text: &str) {
        self.put(text);
    }

    fn paint(&self, code: &str, text: &str) -> String {
        if self.colour { format!("\u{1b}[{code}m{text}\u{1b}[0m") } else { text.to_owned() }
    }

    /// A reader who has gone (`| head`) is no reason to stop.
    #[expect(clippy::unused_self, reason = "a screen is what one writes to")]
    fn put(&self, line: &str) {
        let mut out = std::io::stdout().lock();
        let _ = writeln!(out, "{}", line.trim_end());
        let _ = out.flush();
    }
}

/// `text` in lines of at most `width` characters, broken at spaces.
fn wrapped(text: &str, width: usize) -> Vec<String> {
    let mut lines = vec![String::new()];
    for word in text.split_whitespace() {
        let length = lines.last().map_or(0, |line| line.chars().count());
        if length > 0 && length + 1 + word.chars().count() > width {
            lines.push(String::new());
        }
        if let Some(line) = lines.last_mut() {
            let gap = if line.is_empty() { "" } else { " " };
            line.push_str(gap);
            line.push_str(word);
        }
    }
    lines
}
