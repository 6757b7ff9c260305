//! Stopping child processes, and being stopped.

use std::fs::File;
use std::io::{self, Read as _, Seek as _, SeekFrom};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::Duration;

/// The number of checks before a process that ignores SIGTERM is killed. `cargo lambda watch` needs a fraction of a second.
const CHECKS: u32 = 50;
/// The time between two checks.
const CHECK_INTERVAL: Duration = Duration::from_millis(100);
/// The number of bytes read from the end of a log.
const TAIL_BYTES: u64 = 64 * 1024;

/// Waits for Ctrl-C, `kill` or the closing of the terminal.
#[cfg(unix)]
pub(crate) async fn interrupted() {
    use tokio::signal::unix::{SignalKind, signal};

    let wait = async |kind| match signal(kind) {
        Ok(mut signal) => {
            signal.recv().await;
        }
        Err(_) => std::future::pending().await,
    };
    tokio::select! {
        () = wait(SignalKind::interrupt()) => {}
        () = wait(SignalKind::terminate()) => {}
        () = wait(SignalKind::hangup()) => {}
    }
}

/// Waits for Ctrl-C.
#[cfg(not(unix))]
pub(crate) async fn interrupted() {
    if tokio::signal::ctrl_c().await.is_err() {
        std::future::pending().await
    }
}

/// Puts the child into a process group of its own. A terminal sends Ctrl-C to a whole group; it must reach this process
/// alone, which then stops the functions in order.
pub(crate) fn set_own_process_group(command: &mut Command) {
    #[cfg(unix)]
    std::os::unix::process::CommandExt::process_group(command, 0);
    #[cfg(not(unix))]
    let _ = command;
}

/// Stops `child` and its process group: with SIGTERM, and with SIGKILL if that does not help.
pub(crate) fn stop(child: &mut Child) {
    signal_group("-TERM", child);
    for _ in 0..CHECKS {
        if matches!(child.try_wait(), Ok(Some(_))) {
            return;
        }
        thread::sleep(CHECK_INTERVAL);
    }
    signal_group("-KILL", child);
    let _ = child.wait();
}

#[cfg(unix)]
fn signal_group(signal: &str, child: &mut Child) {
    let group = format!("-{}", child.id());
    // A process that has ended already cannot be signalled, which is fine.
    let _ = Command::new("kill").args([signal, "--", &group]).stderr(Stdio::null()).status();
}

#[cfg(not(unix))]
fn signal_group(_signal: &str, child: &mut Child) {
    let _ = child.kill();
}

/// The last `lines` lines of a file.
pub(crate) fn tail(file: &Path, lines: usize) -> Vec<String> {
    let text = read_end(file).unwrap_or_default();
    let text = String::from_utf8_lossy(&text);
    let all: Vec<&str> = text.lines().collect();
    let from = all.len().saturating_sub(lines);
    all[from..].iter().map(|&line| line.to_owned()).collect()
}

fn read_end(file: &Path) -> io::Result<Vec<u8>> {
    let mut file = File::open(file)?;
    let from = file.metadata()?.len().saturating_sub(TAIL_BYTES);
    file.seek(SeekFrom::Start(from))?;
    let mut end = Vec::new();
    file.read_to_end(&mut end)?;
    Ok(end)
}
