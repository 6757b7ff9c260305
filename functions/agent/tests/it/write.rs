//! A token in a file.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use std::process::Stdio;
use std::time::Duration;

use tokio::process::Command;

use crate::fixture::{EXECUTABLE, StubVend, problem, token};

fn write(folder: &Path, vend: &StubVend, more: &[&str]) -> Command {
    fs::write(folder.join("identity"), "canary-identity").unwrap();
    let mut command = Command::new(EXECUTABLE);
    command
        .env_clear()
        .env("VEND_URL", vend.server.uri())
        .env("IDENTITY_TOKEN_FILE", folder.join("identity"))
        .args(["write", "reports", "acme"])
        .arg(folder.join("out/token"))
        .args(more)
        .stdout(Stdio::piped())
        .kill_on_drop(true);
    command
}

/// A folder with one for the file.
fn folder() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    fs::create_dir(folder.path().join("out")).unwrap();
    folder
}

/// Runs `write --once`. Returns whether it succeeded, and its log.
async fn once(folder: &tempfile::TempDir, vend: &StubVend) -> (bool, String) {
    let output = write(folder.path(), vend, &["--once"]).output().await.unwrap();
    let log = String::from_utf8(output.stdout).unwrap();
    assert!(!log.contains("canary"), "{log}");
    (output.status.success(), log)
}

#[tokio::test]
async fn write_once_replaces_the_file_as_a_whole() {
    let folder = folder();
    let file = folder.path().join("out/token");
    let vend = StubVend::new(token("canary-one", 86400)).await;
    assert!(once(&folder, &vend).await.0);
    assert_eq!(fs::read_to_string(&file).unwrap(), "canary-one");
    assert_eq!(fs::metadata(&file).unwrap().permissions().mode() & 0o777, 0o600);
    let reader = fs::File::open(&file).unwrap();
    vend.answer(token("canary-two", 86400));
    assert!(once(&folder, &vend).await.0);
    assert_eq!(fs::read_to_string(&file).unwrap(), "canary-two");
    assert_eq!(std::io::read_to_string(reader).unwrap(), "canary-one", "a file that is being read was changed");
    assert_eq!(fs::read_dir(folder.path().join("out")).unwrap().count(), 1, "a temporary file is left");
    let request = &vend.server.received_requests().await.unwrap()[0];
    assert_eq!(request.url.query(), Some("min_ttl=900"));
}

#[tokio::test]
async fn write_once_leaves_the_file_when_vend_is_down_and_removes_it_when_the_grant_has_ended() {
    let folder = folder();
    let file = folder.path().join("out/token");
    let vend = StubVend::new(token("canary-one", 86400)).await;
    once(&folder, &vend).await;
    for answer in [problem(503, "down"), wiremock::ResponseTemplate::new(200).set_body_string("<html>")] {
        vend.answer(answer);
        assert!(!once(&folder, &vend).await.0);
        assert_eq!(fs::read_to_string(&file).unwrap(), "canary-one");
    }
    vend.answer(problem(410, "the org has withdrawn"));
    let (is_success, log) = once(&folder, &vend).await;
    assert!(!is_success && log.contains("the org has withdrawn; the file was removed"), "{log}");
    assert!(!file.exists());
}

#[tokio::test]
async fn write_removes_what_a_killed_process_left() {
    let folder = folder();
    let old = folder.path().join("out/.token.abc123.tmp");
    let other = folder.path().join("out/.other.abc123.tmp");
    let new = folder.path().join("out/.token.def456.tmp");
    for path in [&old, &other, &new] {
        fs::write(path, "x").unwrap();
    }
    for path in [&old, &other] {
        fs::File::open(path).unwrap().set_modified(std::time::SystemTime::UNIX_EPOCH).unwrap();
    }
    let vend = StubVend::new(token("canary-one", 86400)).await;
    assert!(once(&folder, &vend).await.0);
    assert!(!old.exists() && other.exists() && new.exists());
}

#[tokio::test]
async fn write_that_cannot_write_says_so_and_leaves_the_file() {
    let folder = tempfile::tempdir().unwrap();
    let vend = StubVend::new(token("canary-one", 86400)).await;
    let (is_success, log) = once(&folder, &vend).await;
    assert!(!is_success && log.contains("cannot be written"), "{log}");
}

#[tokio::test]
async fn write_keeps_the_file_until_it_is_ended() {
    let folder = folder();
    let file = folder.path().join("out/token");
    let vend = StubVend::new(token("canary-one", 86400)).await;
    let process = write(folder.path(), &vend, &[]).spawn().unwrap();
    while !file.exists() {
        tokio::time::sleep(Duration::from_millis(2)).await;
    }
    let id = process.id().unwrap().to_string();
    assert!(Command::new("kill").arg(id).status().await.unwrap().success());
    assert!(process.wait_with_output().await.unwrap().status.success());
    assert_eq!(fs::read_to_string(&file).unwrap(), "canary-one");
}

#[tokio::test]
async fn write_works_as_the_readme_has_it() {
    let vend = StubVend::new(token("one", 86400)).await;
    let folder = folder();
    fs::write(folder.path().join("identity"), "identity").unwrap();
    let file = folder.path().join("out/token");
    let programs = Path::new(EXECUTABLE).parent().unwrap().display().to_string();
    let readme = include_str!("../../README.md");
    let address = readme.lines().find(|line| line.starts_with("export VEND_URL=")).unwrap();
    let address = address.replace("https://abc.lambda-url.eu-central-1.on.aws", &vend.server.uri());
    let commands: Vec<&str> = readme.lines().filter(|line| line.starts_with("webex-token-agent write")).collect();
    assert_eq!(commands.len(), 2);
    for command in commands {
        let command = command.replace("/run/webex/token", file.to_str().unwrap());
        let mut shell = Command::new("sh");
        // The shell becomes the agent, which ends with this test.
        shell.args(["-c", &format!("{address}\nexec {command}")]).env_clear().kill_on_drop(true).stdout(Stdio::null());
        shell.env("PATH", format!("{programs}:/usr/bin:/bin")).env("ORG", "acme");
        shell.env("IDENTITY_TOKEN_FILE", folder.path().join("identity"));
        let _agent = shell.spawn().unwrap();
        let written = async {
            while !file.exists() {
                tokio::time::sleep(Duration::from_millis(5)).await;
            }
        };
        assert!(
            tokio::time::timeout(Duration::from_secs(30), written).await.is_ok(),
            "nothing was written by: {command}"
        );
        assert_eq!(fs::read_to_string(&file).unwrap(), "one");
        fs::remove_file(&file).unwrap();
    }
}
