//! The token that callers must show: Lambda's session token, or one in a file.

use std::fs;
use std::io::{self, Write as _};
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;

use lambda_kit::config::Lookup;
use tempfile::Builder;
use uuid::Uuid;

/// Variables that Lambda sets for a function and its extensions alone; the second where the function uses `SnapStart`.
const LAMBDA_TOKENS: [&str; 2] = ["AWS_SESSION_TOKEN", "AWS_CONTAINER_AUTHORIZATION_TOKEN"];
/// The permissions of everybody but the owner and the group.
const OTHERS: u32 = 0o007;
/// The shortest token that is accepted from a file, in bytes.
const SHORTEST: usize = 16;

/// The token that the function has too.
pub(crate) fn of_lambda(lookup: Lookup<'_>) -> Option<String> {
    LAMBDA_TOKENS.iter().filter_map(|name| lookup(name)).find(|value| !value.is_empty())
}

/// The token in the file, which is created if it does not exist, with mode 600.
///
/// # Errors
/// The file cannot be read or created, others may read it, or its token is too short.
pub(crate) fn of_file(path: &Path) -> io::Result<String> {
    create(path)?;
    let mode = fs::metadata(path)?.permissions().mode();
    if mode & OTHERS != 0 {
        let reason = format!("everybody may use it (mode {:o}); it must be for its owner and group only", mode & 0o777);
        return Err(io::Error::other(reason));
    }
    let token = fs::read_to_string(path)?.trim().to_owned();
    if token.len() < SHORTEST || !token.bytes().all(|byte| byte.is_ascii_graphic()) {
        let reason = format!("its content is not {SHORTEST} or more printable characters; remove it to get a new one");
        return Err(io::Error::other(reason));
    }
    Ok(token)
}

/// Creates the file with a random token unless it exists. The file appears complete, whoever else creates it, and whenever
/// this process is killed.
fn create(path: &Path) -> io::Result<()> {
    if path.exists() {
        return Ok(());
    }
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let mut file = Builder::new().prefix(".guard.").tempfile_in(folder)?;
    // Two UUIDs of version 4 have 244 random bits.
    write!(file, "{}{}", Uuid::new_v4().simple(), Uuid::new_v4().simple())?;
    file.as_file().sync_all()?;
    match file.persist_noclobber(path) {
        Err(error) if error.error.kind() != io::ErrorKind::AlreadyExists => Err(error.error),
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn file_is_created_for_its_owner_and_then_kept() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("guard");
        let token = of_file(&path).unwrap();
        assert_eq!((token.len(), of_file(&path).unwrap()), (64, token));
        assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1, "a temporary file is left");
    }

    #[test]
    fn file_that_others_may_read_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("guard");
        of_file(&path).unwrap();
        for (mode, is_accepted) in [(0o640, true), (0o644, false), (0o602, false)] {
            fs::set_permissions(&path, fs::Permissions::from_mode(mode)).unwrap();
            assert_eq!(of_file(&path).is_ok(), is_accepted, "{mode:o}");
        }
    }

    #[test]
    fn file_without_a_usable_token_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        for (number, text) in ["", "short", "sixteen and blanks"].iter().enumerate() {
            let path = folder.path().join(number.to_string());
            of_file(&path).unwrap();
            fs::write(&path, text).unwrap();
            assert!(of_file(&path).is_err(), "{text:?}");
        }
    }

    #[test]
    fn token_of_lambda_is_the_first_that_is_set() {
        let of =
            |set: &'static str| of_lambda(&|name| if name == set { Some("t".to_owned()) } else { Some(String::new()) });
        assert_eq!(of("AWS_SESSION_TOKEN").as_deref(), Some("t"));
        assert_eq!(of("AWS_CONTAINER_AUTHORIZATION_TOKEN").as_deref(), Some("t"));
        assert_eq!(of("AWS_ACCESS_KEY_ID"), None);
    }
}
