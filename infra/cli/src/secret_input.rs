//! Secrets from a prompt without echo, a file, or standard input.

use std::path::Path;

use broker_core::token::ClientSecret;

use crate::failure::Failure;
use crate::session::Session;

/// A secret that an operator gave. The core's type for it cannot be printed.
pub(crate) type GivenSecret = ClientSecret;

/// Reads a secret from `file`, from standard input where `file` is `-`, or else from a prompt. White space around it,
/// such as the line feed that ends a file, is removed. `option` names the option for the error.
pub(crate) fn read(
    session: &Session<'_>,
    what: &str,
    file: Option<&Path>,
    option: &str,
) -> Result<GivenSecret, Failure> {
    let text = match file {
        Some(path) if path == Path::new("-") => {
            session.machine.read_input().map_err(|error| unreadable(what, "standard input", &error))?
        }
        Some(path) => {
            std::fs::read_to_string(path).map_err(|error| unreadable(what, &path.display().to_string(), &error))?
        }
        None if session.machine.is_interactive() => {
            let typed = session.machine.ask_secret(&format!("Paste {what} (it is not shown)"));
            typed.map_err(|error| unreadable(what, "the terminal", &error))?
        }
        None => {
            return Err(Failure::usage(format!("there is no terminal to ask for {what}"))
                .advise(format!("give it in a file, or on standard input: {option} -")));
        }
    };
    let text = text.trim();
    if text.is_empty() {
        return Err(Failure::usage(format!("{what} is empty")));
    }
    if text.contains(char::is_whitespace) {
        return Err(Failure::usage(format!("{what} holds white space, so it is not the value alone")));
    }
    Ok(GivenSecret::new(text))
}

fn unreadable(what: &str, source: &str, error: &std::io::Error) -> Failure {
    Failure::usage(format!("cannot read {what} from {source}: {error}"))
}
