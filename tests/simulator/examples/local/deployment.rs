//! `cargo local --stack`: the template as it is deployed, in place of `cargo lambda watch`.

use std::process::Command;

use anyhow::Context as _;

use crate::places::Places;

/// Becomes `infra/stack`, which listens on `port` and the two after it; comes back only if that cannot be started.
/// Nobody waits for it: Ctrl-C is for it alone, and it ends what it has started.
pub(crate) fn become_stack(port: u16) -> anyhow::Result<()> {
    let script = Places::find()?.root.join("infra").join("stack");
    let mut command = Command::new(&script);
    command.args(["--port", &port.to_string()]);
    #[cfg(unix)]
    let error = std::os::unix::process::CommandExt::exec(&mut command);
    #[cfg(not(unix))]
    let error = std::io::Error::new(std::io::ErrorKind::Unsupported, format!("{command:?} needs a Unix"));
    Err(error).with_context(|| format!("cannot run {}", script.display()))
}
