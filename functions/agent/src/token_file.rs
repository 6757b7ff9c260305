//! A file that holds a token.

use std::ffi::OsString;
use std::fs::{self, File};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use client::VendedToken;
use tempfile::Builder;

/// The age at which a temporary file has been left behind by a process that was killed.
const LEFT_BEHIND: Duration = Duration::from_mins(1);

/// A file that holds a token and nothing else, without a line break.
pub(crate) struct TokenFile {
    path: PathBuf,
    folder: PathBuf,
}

impl TokenFile {
    pub(crate) fn new(path: &Path) -> Self {
        let folder = match path.parent() {
            Some(folder) if !folder.as_os_str().is_empty() => folder.to_owned(),
            _ => PathBuf::from("."),
        };
        Self { path: path.to_owned(), folder }
    }

    /// Whether the file holds this token.
    pub(crate) fn holds(&self, token: &VendedToken) -> bool {
        match fs::read(&self.path) {
            Ok(text) => text == token.expose().as_bytes(),
            Err(_) => false,
        }
    }

    /// Replaces the file as a whole, with mode 600. After an error, or when the process is killed, the file is as before.
    pub(crate) fn write(&self, token: &VendedToken, now: SystemTime) -> io::Result<()> {
        self.remove_left_behind(now)?;
        let mut file = Builder::new().prefix(&self.prefix()).suffix(".tmp").tempfile_in(&self.folder)?;
        file.write_all(token.expose().as_bytes())?;
        // The name must not reach the disk before the content.
        file.as_file().sync_all()?;
        file.persist(&self.path)?;
        File::open(&self.folder)?.sync_all()
    }

    /// Removes the file, whose token must no longer be used.
    pub(crate) fn remove(&self) -> io::Result<()> {
        match fs::remove_file(&self.path) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
            _ => Ok(()),
        }
    }

    /// Removes the temporary files of processes that were killed, which hold tokens.
    fn remove_left_behind(&self, now: SystemTime) -> io::Result<()> {
        let prefix = self.prefix();
        for entry in fs::read_dir(&self.folder)? {
            let entry = entry?;
            let name = entry.file_name();
            let name = name.as_encoded_bytes();
            if !name.starts_with(prefix.as_encoded_bytes()) || !name.ends_with(b".tmp") {
                continue;
            }
            let age = now.duration_since(entry.metadata()?.modified()?).unwrap_or_default();
            if age >= LEFT_BEHIND {
                fs::remove_file(entry.path())?;
            }
        }
        Ok(())
    }

    fn prefix(&self) -> OsString {
        let mut prefix = OsString::from(".");
        prefix.push(self.path.file_name().unwrap_or_default());
        prefix.push(".");
        prefix
    }
}
