//! cargo-lambda: the one on the PATH, or a pinned one of our own in an ignored folder.

use std::ffi::OsString;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};
use std::process::Stdio;

use anyhow::{Context as _, bail};
use tokio::process::Command;

use crate::places::Places;
use crate::screen::Screen;

/// What we install, and the least that we take from elsewhere.
const VERSION: &str = "1.9.2";

/// A cargo-lambda that works.
pub(crate) struct CargoLambda {
    /// A PATH on which `cargo lambda` finds it.
    pub(crate) path: OsString,
    /// The folder to put on the PATH by hand, if it is ours.
    pub(crate) ours: Option<PathBuf>,
}

impl CargoLambda {
    /// The one that is there, or else a new one.
    pub(crate) async fn find_or_get(places: &Places, screen: &Screen) -> anyhow::Result<Self> {
        let inherited = path_of_this_process();
        if let Some(version) = suitable(&inherited).await {
            screen.item("cargo-lambda", format!("{version}, on the PATH"));
            return Ok(Self { path: inherited, ours: None });
        }
        let folder = places.tool.join(if cfg!(windows) { "Scripts" } else { "bin" });
        let path = std::env::join_paths(std::iter::once(folder.clone()).chain(std::env::split_paths(&inherited)))
            .with_context(|| format!("{} cannot be put on a PATH", folder.display()))?;
        if suitable(&path).await.is_none() {
            let into = places.short(&places.tool);
            screen.item("cargo-lambda", format!("missing: getting {VERSION} into {into} (once, about 115 MB)"));
            install(places).await?;
        }
        let Some(version) = suitable(&path).await else {
            bail!("cargo-lambda was installed into {} but does not start there", folder.display());
        };
        screen.item("cargo-lambda", format!("{version}, in {}", places.short(&folder)));
        Ok(Self { path, ours: Some(folder) })
    }
}

#[expect(
    clippy::disallowed_methods,
    reason = "the PATH is the machine's and not the broker's configuration, and edge is out of a black box's reach"
)]
fn path_of_this_process() -> OsString {
    std::env::var_os("PATH").unwrap_or_default()
}

/// The version that `cargo lambda` has on this PATH, if there is one that will do.
async fn suitable(on_path: &OsString) -> Option<String> {
    let mut cargo = Command::new("cargo");
    let asked = cargo.args(["lambda", "--version"]).env("PATH", on_path).output().await;
    let said = String::from_utf8(asked.ok()?.stdout).ok()?;
    let version = said.strip_prefix("cargo-lambda ")?.split_whitespace().next()?;
    let (there, wanted) = (numbers(version)?, numbers(VERSION)?);
    (there[0] == wanted[0] && there >= wanted).then(|| version.to_owned())
}

/// Major, minor and patch.
fn numbers(version: &str) -> Option<[u32; 3]> {
    let numbers: Result<Vec<u32>, _> = version.split('.').map(str::parse).collect();
    numbers.ok()?.try_into().ok()
}

/// A virtual environment of its own, made anew: an interrupted run may have left half of one.
async fn install(places: &Places) -> anyhow::Result<()> {
    let python = python().await?;
    let mut venv = Command::new(python);
    if !run(venv.args(["-m", "venv", "--clear"]).arg(&places.tool)).await? {
        bail!(
            "`{python} -m venv` failed: its own words are above.\n\
             On Debian and Ubuntu the module comes with the package python3-venv. Or put cargo-lambda {VERSION} or later \
             on the PATH in any other way."
        );
    }
    let mut pip = Command::new(venv_python(&places.tool));
    // With pip's own retries somebody without a network would wait for minutes.
    pip.args(["-m", "pip", "--disable-pip-version-check", "--retries=1", "--timeout=20"]);
    pip.args(["install", "--require-hashes", "--only-binary=:all:", "--requirement"]);
    if !run(pip.arg(&places.requirements)).await? {
        bail!(
            "pip could not get cargo-lambda {VERSION}: its own words are above.\n\
             No network? Put cargo-lambda {VERSION} or later on the PATH in any other way, and try again.\n\
             A hash that does not match? Then what came is not what {} pins: do not install it by hand.",
            places.short(&places.requirements)
        );
    }
    Ok(())
}

/// Runs with our terminal, and says whether it succeeded.
async fn run(command: &mut Command) -> anyhow::Result<bool> {
    let command = command.stdin(Stdio::null()).kill_on_drop(true);
    let status = command.status().await;
    let status = status.with_context(|| format!("cannot run {}", command.as_std().get_program().display()))?;
    Ok(status.success())
}

/// The name of a Python 3 that answers.
async fn python() -> anyhow::Result<&'static str> {
    for name in ["python3", "python"] {
        let asked = Command::new(name).arg("--version").output().await;
        match asked {
            Ok(output) if output.stdout.starts_with(b"Python 3") => return Ok(name),
            Err(error) if error.kind() != ErrorKind::NotFound => {
                return Err(error).with_context(|| format!("cannot run {name}"));
            }
            _ => {}
        }
    }
    bail!(
        "cargo-lambda is not on the PATH, and to get it takes Python 3, which is not there either.\n\
         Install Python 3, or put cargo-lambda {VERSION} or later on the PATH in any other way."
    )
}

fn venv_python(venv: &Path) -> PathBuf {
    if cfg!(windows) { venv.join("Scripts").join("python.exe") } else { venv.join("bin").join("python") }
}
