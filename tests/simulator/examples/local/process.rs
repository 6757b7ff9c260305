//! Other programs: how they end, and how we are told to.

use std::fs::File;
use std::io::{self, Read as _, Seek as _, SeekFrom};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::Duration;

/// What `cargo lambda watch` gets to end itself and its functions; it needs a fraction of a second.
const PATIENCE: u32 = 50;
/// How often we look.
const PAUSE: Duration = Duration::from_millis(100);
/// Bytes of a log that hold all the lines that we ever want of its end.
const ENOUGH: u64 = 64 * 1024;

/// Ends when somebody wants us to: Ctrl-C, `kill`, or the terminal's going away.
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

/// Ends at Ctrl-C.
#[cfg(not(unix))]
pub(crate) async fn interrupted() {
    if tokio::signal::ctrl_c().await.is_err() {
        std::future::pending().await
    }
}

/// Keeps Ctrl-C, which a terminal sends to a whole group, for us alone: the functions are ended in order.
pub(crate) fn in_a_group_of_its_own(command: &mut Command) {
    #[cfg(unix)]
    std::os::unix::process::CommandExt::process_group(command, 0);
    #[cfg(not(unix))]
    let _ = command;
}

/// Ends `child` with all that it has started: politely, and then not.
pub(crate) fn end(child: &mut Child) {
    let family = descendants(child.id());
    #[cfg(unix)]
    kill("-TERM", &[child.id()]);
    #[cfg(not(unix))]
    let _ = child.kill();
    for _ in 0..PATIENCE {
        if matches!(child.try_wait(), Ok(Some(_))) {
            return;
        }
        thread::sleep(PAUSE);
    }
    kill("-KILL", &family);
    let _ = child.kill();
    let _ = child.wait();
}

/// Each function is in a group of its own again, so that only the family tree finds them all.
fn descendants(ancestor: u32) -> Vec<u32> {
    let listed = Command::new("ps").args(["-A", "-o", "pid=", "-o", "ppid="]).output();
    let listed = listed.map(|output| output.stdout).unwrap_or_default();
    let pairs: Vec<(u32, u32)> = String::from_utf8_lossy(&listed)
        .lines()
        .filter_map(|line| {
            let mut numbers = line.split_whitespace().map_while(|number| number.parse().ok());
            Some((numbers.next()?, numbers.next()?))
        })
        .collect();
    let mut family = vec![ancestor];
    let mut next = 0;
    while let Some(&parent) = family.get(next) {
        let children = pairs.iter().filter(|(_, its_parent)| *its_parent == parent);
        family.extend(children.map(|(child, _)| *child));
        next += 1;
    }
    family.split_off(1)
}

fn kill(signal: &str, processes: &[u32]) {
    let ids = processes.iter().map(u32::to_string);
    let kill = Command::new("kill").arg(signal).args(ids).stderr(Stdio::null()).status();
    drop(kill);
}

/// The last `lines` lines of a file that may have grown long.
pub(crate) fn tail(file: &Path, lines: usize) -> Vec<String> {
    let text = end_of(file).unwrap_or_default();
    let text = String::from_utf8_lossy(&text);
    let all: Vec<&str> = text.lines().collect();
    let from = all.len().saturating_sub(lines);
    all[from..].iter().map(|&line| line.to_owned()).collect()
}

fn end_of(file: &Path) -> io::Result<Vec<u8>> {
    let mut file = File::open(file)?;
    let from = file.metadata()?.len().saturating_sub(ENOUGH);
    file.seek(SeekFrom::Start(from))?;
    let mut end = Vec::new();
    file.read_to_end(&mut end)?;
    Ok(end)
}
