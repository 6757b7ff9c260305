//! Writes to standard output: the only module that does.

use std::fmt::Display;
use std::io::{IsTerminal as _, Write as _};
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

/// The width of running text, in columns.
const WIDTH: usize = 100;
/// The indent of everything inside a step.
const INDENT: &str = "   ";

/// Standard output. Clones share their counts.
#[derive(Clone)]
pub(crate) struct Terminal {
    colour: bool,
    steps: Arc<AtomicU32>,
    checks: Arc<AtomicU32>,
    failures: Arc<AtomicU32>,
}

/// A request from one part of the system to another, and its result.
pub(crate) struct Message {
    pub(crate) from: &'static str,
    pub(crate) to: &'static str,
    pub(crate) request: String,
    pub(crate) result: String,
}

impl Terminal {
    /// Uses colours if standard output is a terminal and `NO_COLOR` is not set.
    #[expect(
        clippy::disallowed_methods,
        reason = "NO_COLOR is a setting of the terminal, not of the broker; the simulator cannot depend on its configuration"
    )]
    pub(crate) fn new() -> Self {
        let no_colour = std::env::var_os("NO_COLOR").unwrap_or_default();
        Self {
            colour: std::io::stdout().is_terminal() && no_colour.is_empty(),
            steps: Arc::default(),
            checks: Arc::default(),
            failures: Arc::default(),
        }
    }

    /// Prints the title of the whole output.
    pub(crate) fn title(&self, text: &str) {
        self.line(&self.paint("1", text));
    }

    /// Prints a heading that is not a step of the story.
    pub(crate) fn section(&self, text: &str) {
        self.line("");
        self.line(&self.paint("1", text));
    }

    /// Prints the heading of the next step, and why it happens.
    pub(crate) fn step(&self, title: &str, explanation: &str) {
        let number = self.steps.fetch_add(1, Ordering::Relaxed) + 1;
        self.section(&format!("{number}. {title}"));
        self.text(explanation);
    }

    /// Prints running text.
    pub(crate) fn text(&self, text: &str) {
        for line in wrapped(text, WIDTH - INDENT.len()) {
            self.line(&format!("{INDENT}{}", self.paint("2", &line)));
        }
    }

    /// Prints a name and a description.
    pub(crate) fn item(&self, name: &str, text: impl Display) {
        self.line(&format!("{INDENT}{name:<16} {text}"));
    }

    /// Prints text to be copied, without an indent.
    pub(crate) fn verbatim(&self, text: &str) {
        self.line(text);
    }

    /// Prints one message between two parts.
    pub(crate) fn message(&self, message: &Message) {
        let Message { from, to, request, result } = message;
        let route = self.paint("36", &format!("{from:<9} → {to:<15}"));
        self.line(&format!("{INDENT}{route} {request:<55} {result}"));
    }

    /// Compares an actual value with the expected one, prints the result and counts failures.
    pub(crate) fn check<T: PartialEq + Display + ?Sized>(&self, statement: &str, expected: &T, actual: &T) {
        self.checks.fetch_add(1, Ordering::Relaxed);
        if expected == actual {
            self.line(&format!("{INDENT}{} {statement}", self.paint("32", "✓")));
            return;
        }
        self.failures.fetch_add(1, Ordering::Relaxed);
        self.line(&format!("{INDENT}{} {statement}", self.paint("31", "✗")));
        self.line(&format!("{INDENT}    expected: {expected}"));
        self.line(&format!("{INDENT}    actual:   {actual}"));
    }

    /// The number of steps so far.
    pub(crate) fn steps(&self) -> u32 {
        self.steps.load(Ordering::Relaxed)
    }

    /// The number of checks so far.
    pub(crate) fn checks(&self) -> u32 {
        self.checks.load(Ordering::Relaxed)
    }

    /// The number of failed checks and fatal errors.
    pub(crate) fn failures(&self) -> u32 {
        self.failures.load(Ordering::Relaxed)
    }

    /// Prints an error and its causes, one a line, and counts it as a failure.
    pub(crate) fn fatal(&self, error: &anyhow::Error) {
        self.failures.fetch_add(1, Ordering::Relaxed);
        self.line("");
        self.line(&self.paint("31", "Error:"));
        for (depth, cause) in error.chain().enumerate() {
            let prefix = if depth > 0 { "caused by: " } else { "" };
            for paragraph in format!("{prefix}{cause}").lines() {
                for line in wrapped(paragraph, WIDTH - INDENT.len()) {
                    self.line(&format!("{INDENT}{line}"));
                }
            }
        }
    }

    /// Prints the text of `--help`.
    pub(crate) fn usage(&self, text: &str) {
        self.line(text);
    }

    fn paint(&self, code: &str, text: &str) -> String {
        if self.colour { format!("\u{1b}[{code}m{text}\u{1b}[0m") } else { text.to_owned() }
    }

    /// Ignores errors: a reader that closes the pipe (`| head`) must not stop the program.
    #[expect(clippy::unused_self, reason = "every write goes through a Terminal")]
    fn line(&self, line: &str) {
        let mut out = std::io::stdout().lock();
        let _ = writeln!(out, "{}", line.trim_end());
        let _ = out.flush();
    }
}

/// `text` in lines of at most `width` characters, broken at spaces.
fn wrapped(text: &str, width: usize) -> Vec<String> {
    let mut lines = Vec::new();
    let mut line = String::new();
    for word in text.split_whitespace() {
        if !line.is_empty() && line.chars().count() + 1 + word.chars().count() > width {
            lines.push(std::mem::take(&mut line));
        }
        if !line.is_empty() {
            line.push(' ');
        }
        line.push_str(word);
    }
    lines.push(line);
    lines
}
