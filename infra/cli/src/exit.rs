//! Exit statuses.

use std::process::ExitCode;

/// The exit statuses of `wtb`, for scripts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Exit {
    /// The command succeeded.
    Ok = 0,
    /// The refresher, Webex or AWS refused, or the operator declined.
    Failed = 1,
    /// The command line is wrong.
    Usage = 2,
    /// The command succeeded and found something that needs a person.
    Attention = 3,
    /// The refresher was not reached: no region, no credentials, no permission, no network, no such stack or function.
    Unreachable = 4,
}

/// The statuses as `--help` shows them.
pub(crate) const HELP: &str = "\
Exit status:
  0  the command succeeded
  1  the refresher, Webex or AWS refused, or you declined
  2  the command line is wrong
  3  the command succeeded and found something that needs a person
  4  the broker was not reached: no region, credentials, permission, network,
     stack or function

Secrets come from a prompt without echo, from a file, or from standard input
(--…-file -), never from an argument. README: infra/cli/README.md";

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(exit as u8)
    }
}
