//! Where things are on this machine.

use std::path::{Path, PathBuf};

use anyhow::Context as _;

/// Folders, all absolute.
pub(crate) struct Places {
    /// The repository.
    pub(crate) root: PathBuf,
    /// Where cargo-lambda goes if it is missing; ignored by git.
    pub(crate) tool: PathBuf,
    /// The pinned requirements for it.
    pub(crate) requirements: PathBuf,
    /// What the functions and `cargo lambda watch` have to say.
    pub(crate) log: PathBuf,
}

impl Places {
    /// From where cargo compiled this package, and where it put the result.
    pub(crate) fn find() -> anyhow::Result<Self> {
        let package = Path::new(env!("CARGO_MANIFEST_DIR"));
        let root = package.ancestors().nth(2).context("this package is not two folders deep")?;
        // <target>/debug/examples/local
        let executable = std::env::current_exe().context("cannot tell where this program is")?;
        let target = executable.ancestors().nth(3).context("this program is not in a target folder")?;
        Ok(Self {
            tool: root.join(".tools").join("cargo-lambda"),
            requirements: package.join("local-tools.txt"),
            log: target.join("local").join("functions.log"),
            root: root.to_owned(),
        })
    }

    /// A path as one would type it in the repository.
    pub(crate) fn short(&self, path: &Path) -> String {
        path.strip_prefix(&self.root).unwrap_or(path).display().to_string()
    }
}
