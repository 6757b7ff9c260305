//! `wtb policy check`: runs `cargo check-policy`.
//!
//! The policy's language, its schema and the decision are vend's. Linking them would put a Lambda function and Cedar into
//! this command line; the policy file is in the repository anyway, and so is the tool that decides as vend does.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use serde_json::json;

use crate::arguments::PolicyCommand;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::report::Report;
use crate::session::Session;

/// What tells the repository from other folders.
const LANDMARK: &str = "functions/vend/examples/check-policy/main.rs";

/// Says whether the policy permits a request: exit status 0 if so, 1 if not, 2 for a wrong question or policy.
pub(super) fn run(session: &Session<'_>, command: &PolicyCommand) -> Result<Report, Failure> {
    let PolicyCommand::Check { repository, arguments } = command;
    let typed = format!("cargo check-policy {}", without_token(arguments).join(" "));
    let Some(folder) = find_repository(repository.as_deref()) else {
        return Err(Failure::new(Exit::Failed, "no_repository", "the caller policy is checked in the repository")
            .advise(format!("change to the repository or give --repository, or run there: {typed}")));
    };
    let progress = session.spinner("checking; the first time, vend is compiled");
    let output = Command::new("cargo")
        .arg("check-policy")
        .args(arguments)
        .current_dir(&folder)
        .stdin(Stdio::inherit()) // for --token-file -
        .output();
    progress.finish_and_clear();
    let output = output.map_err(|error| {
        Failure::new(Exit::Failed, "no_cargo", format!("cannot run cargo in {}: {error}", folder.display()))
            .advise(format!("install Rust, then run: {typed}"))
    })?;
    let answer = String::from_utf8_lossy(&output.stdout).trim().to_owned();
    match output.status.code() {
        Some(0) => Ok(Report::ok(format!("{answer}\n"), json!({ "permitted": true, "reason": answer }))),
        Some(1) if !answer.is_empty() => {
            let json = json!({ "permitted": false, "reason": answer });
            Ok(Report { text: format!("{answer}\n"), json, exit: Exit::Failed })
        }
        _ => Err(Failure::usage(String::from_utf8_lossy(&output.stderr).trim().to_owned())),
    }
}

/// The arguments as they may be shown: a token is a credential.
fn without_token(arguments: &[String]) -> Vec<&str> {
    let mut shown: Vec<&str> = Vec::with_capacity(arguments.len());
    for argument in arguments {
        let is_token = shown.last() == Some(&"--token");
        shown.push(if is_token { "…" } else { argument });
    }
    shown
}

fn find_repository(given: Option<&Path>) -> Option<PathBuf> {
    let start = match given {
        Some(folder) => folder.to_path_buf(),
        None => std::env::current_dir().ok()?,
    };
    let found = start.ancestors().find(|folder| folder.join(LANDMARK).exists())?;
    Some(found.to_path_buf())
}
