//! A function as a process.

use std::fs;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context as _, ensure};

use crate::runtime::RuntimeApi;
use crate::throttle::Throttle;
use crate::variant::Variant;

/// A process that has started. It is killed when this is dropped.
pub struct Function {
    process: Child,
    runtime: RuntimeApi,
    /// From the start of the process to its first request for an event.
    pub start: Duration,
    expected: &'static str,
}

/// One invocation.
pub struct FunctionInvocation {
    /// From the first byte of the event to the last byte of the answer.
    pub took: Duration,
    /// The time on a processor.
    pub processor: Duration,
}

impl Function {
    /// Starts the process, with its log in `log`.
    pub fn start(variant: &Variant, log: Stdio) -> anyhow::Result<Self> {
        let mut runtime = RuntimeApi::start()?;
        let mut command = command(variant, &runtime);
        let before = Instant::now();
        let process = command.stdout(log).spawn().with_context(|| variant.program[0].clone())?;
        let start = runtime.polled()?.duration_since(before);
        Ok(Self { process, runtime, start, expected: variant.expected })
    }

    /// From now on, the process has the processor's share of a memory size.
    pub fn hold(&self, throttle: &Throttle) -> anyhow::Result<()> {
        Ok(throttle.hold(self.process.id())?)
    }

    /// The time of an invocation, whose answer must be as expected.
    pub fn invoke(&mut self, event: &[u8]) -> anyhow::Result<Duration> {
        let (took, answer) = self.runtime.invoke(event)?;
        let answer = String::from_utf8_lossy(&answer);
        ensure!(answer.contains(self.expected), "expected {:?}: {answer}", self.expected);
        Ok(took)
    }

    /// An invocation, and what it took of a processor.
    pub fn invoke_and_count(&mut self, event: &[u8]) -> anyhow::Result<FunctionInvocation> {
        self.runtime.polled()?;
        let before = self.processor_time()?;
        let took = self.invoke(event)?;
        let processor = self.processor_time()?.saturating_sub(before);
        Ok(FunctionInvocation { took, processor })
    }

    /// Waits until the function asks for the next event.
    pub fn settle(&mut self) -> anyhow::Result<()> {
        self.runtime.polled()?;
        Ok(())
    }

    /// The resident memory, in kilobytes.
    pub fn resident(&self) -> anyhow::Result<u64> {
        let status = fs::read_to_string(format!("/proc/{}/status", self.process.id()))?;
        let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).context("no resident memory")?;
        Ok(line.trim().trim_end_matches(" kB").parse()?)
    }

    /// The time of all threads on a processor.
    pub(crate) fn processor_time(&self) -> anyhow::Result<Duration> {
        let mut nanoseconds = 0;
        for thread in fs::read_dir(format!("/proc/{}/task", self.process.id()))? {
            // A thread may end meanwhile.
            let times = fs::read_to_string(thread?.path().join("schedstat")).unwrap_or_default();
            nanoseconds += times.split(' ').next().and_then(|text| text.parse().ok()).unwrap_or(0);
        }
        Ok(Duration::from_nanos(nanoseconds))
    }

    /// Stops the process by a signal that it may answer, and waits for its end.
    pub fn stop(mut self) -> anyhow::Result<()> {
        Command::new("kill").arg(self.process.id().to_string()).status()?;
        self.process.wait()?;
        Ok(())
    }
}

impl Drop for Function {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

fn command(variant: &Variant, runtime: &RuntimeApi) -> Command {
    let mut command = Command::new(&variant.program[0]);
    command.args(&variant.program[1..]).env_clear().env("PATH", "/usr/local/bin:/usr/bin:/bin").stdin(Stdio::null());
    command
        .env("AWS_LAMBDA_RUNTIME_API", runtime.address.to_string())
        .env("AWS_LAMBDA_FUNCTION_NAME", "function")
        .env("AWS_LAMBDA_FUNCTION_VERSION", "1")
        .env("AWS_LAMBDA_FUNCTION_MEMORY_SIZE", "128")
        .env("AWS_REGION", "eu-central-1")
        .env("AWS_ACCESS_KEY_ID", "AKIAEXAMPLE")
        .env("AWS_SECRET_ACCESS_KEY", "example")
        .envs(variant.variables.iter().map(|(name, value)| (name, value)));
    command
}

/// The size of a file, in bytes.
pub(crate) fn size(path: &Path) -> anyhow::Result<u64> {
    Ok(fs::metadata(path).with_context(|| path.display().to_string())?.len())
}
