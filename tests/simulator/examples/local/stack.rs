//! `cargo local --stack`: deploys the template instead of running `cargo lambda watch`.

use std::process::Command;

use anyhow::Context as _;

use crate::paths::Paths;

/// Replaces this process by `infra/stack`, which listens on `port` and the two after it. Returns only if that fails.
///
/// A child process would not do: Ctrl-C must reach `infra/stack` alone, which then stops what it has started.
pub(crate) fn replace_process(port: u16) -> anyhow::Result<()> {
    let script = Paths::find()?.root.join("infra").join("stack");
    let mut command = Command::new(&script);
    command.args(["--port", &port.to_string()]);
    #[cfg(unix)]
    let error = std::os::unix::process::CommandExt::exec(&mut command);
    #[cfg(not(unix))]
    let error = std::io::Error::new(std::io::ErrorKind::Unsupported, format!("{command:?} needs a Unix"));
    Err(error).with_context(|| format!("cannot run {}", script.display()))
}
