//! Finds cargo-lambda on the PATH, or installs a pinned version into a folder that git ignores.

use std::ffi::OsString;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};
use std::process::Stdio;

use anyhow::{Context as _, bail};
use tokio::process::Command;

use crate::paths::Paths;
use crate::terminal::Terminal;

/// The version to install, and the oldest version to accept on the PATH.
const VERSION: &str = "1.9.2";

/// A working cargo-lambda.
pub(crate) struct CargoLambda {
    /// A PATH on which `cargo lambda` works.
    pub(crate) path: OsString,
    /// The folder of the installation, if this program made it.
    pub(crate) installed: Option<PathBuf>,
}

impl CargoLambda {
    /// Finds a suitable cargo-lambda on the PATH, or else installs one.
    pub(crate) async fn find_or_install(paths: &Paths, terminal: &Terminal) -> anyhow::Result<Self> {
        let inherited = inherited_path();
        if let Some(version) = suitable_version(&inherited).await {
            terminal.item("cargo-lambda", format!("{version}, found on the PATH"));
            return Ok(Self { path: inherited, installed: None });
        }
        let folder = paths.tool.join(if cfg!(windows) { "Scripts" } else { "bin" });
        let path = std::env::join_paths(std::iter::once(folder.clone()).chain(std::env::split_paths(&inherited)))
            .with_context(|| format!("cannot add {} to the PATH", folder.display()))?;
        if suitable_version(&path).await.is_none() {
            let into = paths.relative(&paths.tool);
            terminal.item("cargo-lambda", format!("not found; installing {VERSION} into {into} (once, about 115 MB)"));
            install(paths).await?;
        }
        let Some(version) = suitable_version(&path).await else {
            bail!("cargo-lambda is installed in {} but does not run", folder.display());
        };
        terminal.item("cargo-lambda", format!("{version}, in {}", paths.relative(&folder)));
        Ok(Self { path, installed: Some(folder) })
    }
}

#[expect(
    clippy::disallowed_methods,
    reason = "the PATH is a setting of the machine, not of the broker; the simulator cannot depend on its configuration"
)]
fn inherited_path() -> OsString {
    std::env::var_os("PATH").unwrap_or_default()
}

/// The version of `cargo lambda` on this PATH, if it has the same major version as [`VERSION`] and is not older.
async fn suitable_version(path: &OsString) -> Option<String> {
    let mut cargo = Command::new("cargo");
    let output = cargo.args(["lambda", "--version"]).env("PATH", path).output().await.ok()?;
    let text = String::from_utf8(output.stdout).ok()?;
    let version = text.strip_prefix("cargo-lambda ")?.split_whitespace().next()?;
    let found = parse_version(version)?;
    let oldest = parse_version(VERSION)?;
    if found[0] == oldest[0] && found >= oldest { Some(version.to_owned()) } else { None }
}

/// Major, minor and patch version.
fn parse_version(version: &str) -> Option<[u32; 3]> {
    let numbers: Result<Vec<u32>, _> = version.split('.').map(str::parse).collect();
    numbers.ok()?.try_into().ok()
}

/// Installs into a new virtual environment, in case an interrupted run has left an incomplete one.
async fn install(paths: &Paths) -> anyhow::Result<()> {
    let python = find_python().await?;
    let mut venv = Command::new(python);
    if !succeeds(venv.args(["-m", "venv", "--clear"]).arg(&paths.tool)).await? {
        bail!(
            "`{python} -m venv` failed; its output is above.\n\
             On Debian and Ubuntu, install the package python3-venv. Or install cargo-lambda {VERSION} or later by any \
             other means and put it on the PATH."
        );
    }
    let mut pip = Command::new(venv_python(&paths.tool));
    // With pip's default retries it takes minutes to fail without a network.
    pip.args(["-m", "pip", "--disable-pip-version-check", "--retries=1", "--timeout=20"]);
    pip.args(["install", "--require-hashes", "--only-binary=:all:", "--requirement"]);
    if !succeeds(pip.arg(&paths.requirements)).await? {
        bail!(
            "pip could not install cargo-lambda {VERSION}; its output is above.\n\
             If there is no network, install cargo-lambda {VERSION} or later by any other means and put it on the PATH.\n\
             If a hash does not match, the download is not the file that {} pins: do not install it by hand.",
            paths.relative(&paths.requirements)
        );
    }
    Ok(())
}

/// Runs a command with its output on this terminal; false if it fails.
async fn succeeds(command: &mut Command) -> anyhow::Result<bool> {
    let command = command.stdin(Stdio::null()).kill_on_drop(true);
    let status = command.status().await;
    let status = status.with_context(|| format!("cannot run {}", command.as_std().get_program().display()))?;
    Ok(status.success())
}

/// The name of a Python 3 executable on the PATH.
async fn find_python() -> anyhow::Result<&'static str> {
    for name in ["python3", "python"] {
        let output = Command::new(name).arg("--version").output().await;
        match output {
            Ok(output) if output.stdout.starts_with(b"Python 3") => return Ok(name),
            Err(error) if error.kind() != ErrorKind::NotFound => {
                return Err(error).with_context(|| format!("cannot run {name}"));
            }
            _ => {}
        }
    }
    bail!(
        "cargo-lambda is not on the PATH, and there is no Python 3 to install it with.\n\
         Install Python 3, or install cargo-lambda {VERSION} or later by any other means and put it on the PATH."
    )
}

fn venv_python(venv: &Path) -> PathBuf {
    if cfg!(windows) { venv.join("Scripts").join("python.exe") } else { venv.join("bin").join("python") }
}
