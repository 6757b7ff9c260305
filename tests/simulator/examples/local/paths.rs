//! The files and folders that `cargo local` uses.

use std::path::{Path, PathBuf};

use anyhow::Context as _;

/// Absolute paths.
pub(crate) struct Paths {
    /// The repository.
    pub(crate) root: PathBuf,
    /// The folder that cargo-lambda is installed into if it is missing; ignored by git.
    pub(crate) tool: PathBuf,
    /// The pinned requirements of that installation.
    pub(crate) requirements: PathBuf,
    /// The folder of the functions' executables.
    pub(crate) programs: PathBuf,
    /// The log of the functions and of `cargo lambda watch`.
    pub(crate) log: PathBuf,
}

impl Paths {
    /// Derives the paths from the folder of this package and from the location of this executable.
    pub(crate) fn find() -> anyhow::Result<Self> {
        let package = Path::new(env!("CARGO_MANIFEST_DIR"));
        let root = package.ancestors().nth(2).context("this package is not two folders below the repository")?;
        let executable = std::env::current_exe().context("cannot tell the path of this executable")?;
        // The executable is TARGET/debug/examples/local.
        let programs = executable.ancestors().nth(2).context("this executable is not in a target folder")?;
        let target = programs.parent().context("this executable is not in a target folder")?;
        Ok(Self {
            tool: root.join(".tools").join("cargo-lambda"),
            requirements: package.join("local-tools.txt"),
            programs: programs.to_owned(),
            log: target.join("local").join("functions.log"),
            root: root.to_owned(),
        })
    }

    /// `path` relative to the repository, if it is inside.
    pub(crate) fn relative(&self, path: &Path) -> String {
        path.strip_prefix(&self.root).unwrap_or(path).display().to_string()
    }
}
