//! The processor's share that Lambda gives to a memory size.

use std::fs;
use std::path::{Path, PathBuf};

/// The memory with which a function has one processor (AWS Lambda Developer Guide, "Configure Lambda function memory").
pub(crate) const MEGABYTES_OF_A_PROCESSOR: u64 = 1_769;
/// Within such a period, in microseconds, a process may run for its share. Lambda does not document its own; 20 ms is what
/// was observed from within.
const PERIOD: u64 = 20_000;

/// A control group of the share of a memory size, removed at the end.
pub struct Throttle {
    folder: PathBuf,
}

impl Throttle {
    /// `None` where this process may make no control group.
    pub fn new(megabytes: u64) -> Option<Self> {
        let quota = PERIOD * megabytes / MEGABYTES_OF_A_PROCESSOR;
        let name = format!("rig-{}-{megabytes}", std::process::id());
        let first = PathBuf::from("/sys/fs/cgroup/cpu").join(&name);
        if fs::create_dir(&first).is_ok() {
            let throttle = Self { folder: first };
            throttle.set("cpu.cfs_period_us", &PERIOD.to_string())?;
            throttle.set("cpu.cfs_quota_us", &quota.to_string())?;
            // Other load on the machine is to take nothing of the share.
            throttle.set("cpu.shares", "262144")?;
            return Some(throttle);
        }
        let second = PathBuf::from("/sys/fs/cgroup").join(&name);
        if Path::new("/sys/fs/cgroup/cgroup.controllers").exists() && fs::create_dir(&second).is_ok() {
            let throttle = Self { folder: second };
            throttle.set("cpu.max", &format!("{quota} {PERIOD}"))?;
            throttle.set("cpu.weight", "10000")?;
            return Some(throttle);
        }
        None
    }

    fn set(&self, file: &str, value: &str) -> Option<()> {
        fs::write(self.folder.join(file), value).ok()
    }

    /// Moves a process into the group.
    pub(crate) fn hold(&self, process: u32) -> std::io::Result<()> {
        fs::write(self.folder.join("cgroup.procs"), process.to_string())
    }
}

impl Drop for Throttle {
    fn drop(&mut self) {
        let _ = fs::remove_dir(&self.folder);
    }
}
