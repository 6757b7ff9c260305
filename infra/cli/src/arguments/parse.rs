//! Parsing, with errors that repeat no value which may be a secret.

use std::ffi::OsString;

use clap::Parser;
use clap::error::{ContextKind, ContextValue, ErrorKind};

use super::Cli;
use crate::exit::Exit;
use crate::machine::Machine;

/// Options that people may try for a secret, and where the secret is read from instead.
const SECRET_OPTIONS: [(&str, &str); 6] = [
    ("--client-secret", "--client-secret-file FILE"),
    ("--secret", "--client-secret-file FILE"),
    ("--refresh-token", "--token-file FILE"),
    ("--access-token", "--token-file FILE with --personal"),
    ("--token", "--token-file FILE"),
    ("--webhook-secret", "wtb webhook rotate, which makes one"),
];

/// A command line that is not executed: it is wrong, or asks for help.
#[derive(Debug)]
pub(crate) struct Refusal {
    text: String,
    exit: Exit,
}

impl Refusal {
    pub(crate) fn show(&self, machine: &dyn Machine) -> Exit {
        match self.exit {
            Exit::Ok => machine.print(&self.text),
            _ => machine.note(self.text.trim_end()),
        }
        self.exit
    }
}

/// Parses a command line, the program's name first. Clap exits on errors by itself and quotes what it does not know;
/// this function does neither.
pub(crate) fn parse(arguments: Vec<OsString>) -> Result<Cli, Refusal> {
    if let Some((option, instead)) = secret_option(&arguments) {
        return Err(usage(format!(
            "error: {option} is not an option: other processes and the shell's history would see the secret.\n  \
             what to do: leave it out to be asked without echo, or use {instead}"
        )));
    }
    Cli::try_parse_from(arguments).map_err(|error| refuse(&error))
}

fn refuse(error: &clap::Error) -> Refusal {
    match error.kind() {
        ErrorKind::DisplayHelp | ErrorKind::DisplayVersion => {
            Refusal { text: error.render().to_string(), exit: Exit::Ok }
        }
        ErrorKind::UnknownArgument if !names_option(error) => usage(
            "error: there is an argument too many. Its value is not repeated here: it may be a secret.\n  \
                 what to do: see --help; secrets come from a prompt, a file or standard input"
                .to_owned(),
        ),
        _ => usage(error.render().to_string()),
    }
}

fn usage(text: String) -> Refusal {
    Refusal { text, exit: Exit::Usage }
}

/// Whether the argument that clap does not know is an option, so that its name may be repeated.
fn names_option(error: &clap::Error) -> bool {
    match error.get(ContextKind::InvalidArg) {
        Some(ContextValue::String(argument)) => argument.starts_with("--") && argument.len() < 40,
        _ => false,
    }
}

fn secret_option(arguments: &[OsString]) -> Option<(&'static str, &'static str)> {
    // `wtb policy check --token` takes a caller's identity token, which ends within minutes and is none of the broker's.
    if arguments.iter().any(|argument| argument == "policy") {
        return None;
    }
    for argument in arguments {
        let text = argument.to_string_lossy();
        let name = text.split('=').next().unwrap_or_default();
        if let Some(found) = SECRET_OPTIONS.iter().find(|(option, _)| *option == name) {
            return Some(*found);
        }
    }
    None
}

/// Parses a time such as `90m`, `12h` or `3d` into seconds; a number without a unit is seconds.
pub(super) fn seconds(text: &str) -> Result<u64, String> {
    let digits = text.trim_end_matches(|c: char| c.is_ascii_alphabetic());
    let factor = match &text[digits.len()..] {
        "" | "s" => 1,
        "m" => 60,
        "h" => 3_600,
        "d" => 86_400,
        _ => return Err("expected a number and s, m, h or d, such as 12h".to_owned()),
    };
    let number: u64 = digits.parse().map_err(|_| "expected a number and s, m, h or d, such as 12h".to_owned())?;
    number.checked_mul(factor).ok_or_else(|| "too long".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn seconds_reads_each_unit() {
        for (text, expected) in [("45", 45), ("45s", 45), ("90m", 5_400), ("12h", 43_200), ("3d", 259_200)] {
            assert_eq!(seconds(text), Ok(expected), "{text}");
        }
        for text in ["", "h", "3w", "-1d", "1.5h", "99999999999999999999d"] {
            assert!(seconds(text).is_err(), "{text}");
        }
    }

    #[test]
    fn command_definitions_are_consistent() {
        use clap::CommandFactory;
        Cli::command().debug_assert();
    }
}
