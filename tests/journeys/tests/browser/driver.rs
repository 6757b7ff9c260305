//! The process of chromedriver.

use std::io::{BufRead as _, BufReader};
use std::path::Path;
use std::process::{Child, ChildStdout, Command, Stdio};

/// How often a start is tried. chromedriver chooses a free port for IPv6 and ends if another process has it for IPv4.
const STARTS: usize = 5;

/// A driver that listens. Dropping it ends it.
pub(super) struct Driver {
    process: Child,
    /// Kept open: a driver that cannot write ends.
    _output: BufReader<ChildStdout>,
    /// The port that it has chosen.
    pub(super) port: u16,
}

impl Driver {
    pub(super) fn start(binary: &Path) -> Self {
        for _ in 0..STARTS {
            if let Some(driver) = Self::try_start(binary) {
                return driver;
            }
        }
        panic!("chromedriver ended at each of {STARTS} starts");
    }

    /// `None` if it ended before it listened.
    fn try_start(binary: &Path) -> Option<Self> {
        let command = &mut Command::new(binary);
        let mut process = command.arg("--port=0").stdout(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap();
        let mut output = BufReader::new(process.stdout.take().unwrap());
        let Some(port) = port_in(&mut output) else {
            process.wait().unwrap();
            return None;
        };
        Some(Self { process, _output: output, port })
    }
}

/// The port in the line that the driver prints when it listens.
fn port_in(output: &mut BufReader<ChildStdout>) -> Option<u16> {
    let mut line = String::new();
    while output.read_line(&mut line).unwrap() > 0 {
        if let Some((_, port)) = line.trim_end().trim_end_matches('.').rsplit_once("started successfully on port ") {
            return Some(port.parse().unwrap());
        }
        line.clear();
    }
    None
}

impl Drop for Driver {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}
