//! The five functions, and the Lambda APIs that `cargo lambda watch` offers to them and to their callers.

use std::env::consts::EXE_SUFFIX;
use std::fs::File;
use std::net::Ipv4Addr;
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use anyhow::{Context as _, anyhow, bail};
use reqwest::Client;
use serde_json::json;
use simulator::Simulator;
use tokio::net::TcpStream;
use tokio::time::{Instant, sleep};

use crate::cargo_lambda::CargoLambda;
use crate::environment::{UNSET_VARIABLES, environment};
use crate::paths::Paths;
use crate::process;
use crate::terminal::Terminal;

/// The functions, in the order in which they are started.
const NAMES: [&str; 5] = ["refresher", "webhook", "vend", "consent", "prober"];

/// The longest wait for `cargo lambda watch` to listen, and for a function's first answer: the machine may be busy.
const START_TIME_OUT: Duration = Duration::from_mins(1);
/// The time between two checks of the processes.
const CHECK_INTERVAL: Duration = Duration::from_millis(200);

/// The running functions. Dropping this stops `cargo lambda watch` and them.
pub(crate) struct Functions {
    processes: Mutex<Vec<Process>>,
    /// `http://127.0.0.1:PORT`
    pub(crate) url: String,
    /// The log of `cargo lambda watch` and the functions.
    pub(crate) log: PathBuf,
    /// The path of the log relative to the repository.
    pub(crate) log_shown: String,
}

struct Process {
    name: &'static str,
    child: Child,
}

/// Builds the functions with cargo's progress on the terminal.
pub(crate) async fn build(paths: &Paths, terminal: &Terminal) -> anyhow::Result<()> {
    terminal.item("functions", "building (takes some minutes the first time)");
    let bins = NAMES.iter().flat_map(|name| ["--bin", name]);
    let mut cargo = tokio::process::Command::new("cargo");
    // With the whole workspace and an example, the dependencies have the features with which `cargo t` compiles them, and
    // nothing is compiled twice. This example is not the running one, which Windows could not replace.
    cargo.args(["build", "--workspace", "--example", "simulated_webex"]).args(bins);
    let status = cargo.current_dir(&paths.root).kill_on_drop(true).status().await.context("cannot run cargo")?;
    if !status.success() {
        bail!("the functions do not build; cargo's errors are above");
    }
    Ok(())
}

impl Functions {
    /// Starts `cargo lambda watch` for the Lambda APIs alone and, when it listens, the functions that [`build`] has built.
    pub(crate) async fn start(
        port: u16,
        tool: &CargoLambda,
        paths: &Paths,
        simulator: &Simulator,
        terminal: &Terminal,
    ) -> anyhow::Result<Self> {
        let log = create_log(paths)?;
        let functions = Self {
            url: format!("http://127.0.0.1:{port}"),
            log: paths.log.clone(),
            log_shown: paths.relative(&paths.log),
            processes: Mutex::new(Vec::new()),
        };
        functions.spawn("cargo lambda watch", &mut lambda_apis(port, tool, paths), &log)?;
        functions.wait_for_listener(port).await?;
        for name in NAMES {
            let mut command = function(name, paths, &functions.url);
            command.envs(environment(port, simulator));
            functions.spawn(name, &mut command, &log)?;
        }
        let text = format!("Lambda APIs at {}, log in {}", functions.url, functions.log_shown);
        terminal.item("cargo lambda", text);
        Ok(functions)
    }

    fn spawn(&self, name: &'static str, command: &mut Command, log: &File) -> anyhow::Result<()> {
        command.stdin(Stdio::null()).stdout(log.try_clone()?).stderr(log.try_clone()?);
        process::set_own_process_group(command);
        let child = command.spawn().with_context(|| format!("cannot run {name}"))?;
        self.lock_processes().push(Process { name, child });
        Ok(())
    }

    async fn wait_for_listener(&self, port: u16) -> anyhow::Result<()> {
        let began = Instant::now();
        while TcpStream::connect((Ipv4Addr::LOCALHOST, port)).await.is_err() {
            if let Some(error) = self.ended() {
                return Err(error);
            }
            if began.elapsed() > START_TIME_OUT {
                bail!("`cargo lambda watch` does not listen on port {port}; see {}", self.log_shown);
            }
            sleep(CHECK_INTERVAL).await;
        }
        Ok(())
    }

    /// Sends a first request to each function and waits for its answer.
    pub(crate) async fn wake(&self, terminal: &Terminal) -> anyhow::Result<()> {
        for name in NAMES {
            let began = Instant::now();
            let answer = self.first_answer(name).await;
            answer.with_context(|| format!("{name} did not start"))?;
            terminal.item(name, format!("started in {:.1} s", began.elapsed().as_secs_f32()));
        }
        Ok(())
    }

    /// Sends a request that changes nothing.
    async fn first_answer(&self, name: &str) -> anyhow::Result<()> {
        let client = Client::builder().no_proxy().timeout(START_TIME_OUT).build()?;
        let request = match name {
            "vend" => client.get(format!("{}/healthz", self.url)),
            "consent" => client.get(format!("{}/assets/consent.css", self.url)),
            "webhook" => client.post(format!("{}/webhooks/nobody", self.url)),
            _ => client.post(self.invocation_url(name)).body(json!({"apps": {}}).to_string()),
        };
        let response = request.send().await.context("it did not answer")?;
        if response.status().is_server_error() {
            bail!("it answered {}", response.status());
        }
        Ok(())
    }

    /// The URL that invokes a function as AWS does.
    pub(crate) fn invocation_url(&self, name: &str) -> String {
        format!("{}/2015-03-31/functions/{name}/invocations", self.url)
    }

    /// Waits until `cargo lambda watch` or a function ends, which is always an error.
    pub(crate) async fn wait_for_exit(&self) -> anyhow::Error {
        loop {
            sleep(CHECK_INTERVAL).await;
            if let Some(error) = self.ended() {
                return error;
            }
        }
    }

    /// The first process that has ended, as an error.
    fn ended(&self) -> Option<anyhow::Error> {
        for process in self.lock_processes().iter_mut() {
            if let Ok(Some(status)) = process.child.try_wait() {
                return Some(anyhow!("{} ended with {status}; see {}", process.name, self.log_shown));
            }
        }
        None
    }

    fn lock_processes(&self) -> MutexGuard<'_, Vec<Process>> {
        self.processes.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Functions {
    fn drop(&mut self) {
        for process in self.lock_processes().iter_mut().rev() {
            process::stop(&mut process.child);
        }
    }
}

fn create_log(paths: &Paths) -> anyhow::Result<File> {
    let folder = paths.log.parent().unwrap_or(&paths.root);
    std::fs::create_dir_all(folder).with_context(|| format!("cannot create {}", folder.display()))?;
    File::create(&paths.log).with_context(|| format!("cannot write {}", paths.log.display()))
}

/// `cargo lambda watch` without the functions. It would build each of them with `cargo run`, in the background.
fn lambda_apis(port: u16, tool: &CargoLambda, paths: &Paths) -> Command {
    let mut command = Command::new("cargo");
    command
        // Without the address it listens on all addresses of the machine.
        .args(["lambda", "watch", "--only-lambda-apis", "--invoke-address", "127.0.0.1"])
        .args(["--color", "never", "--invoke-port", &port.to_string()])
        .env("PATH", &tool.path)
        .current_dir(&paths.root);
    command
}

/// A function with what `cargo lambda watch` would tell it.
fn function(name: &str, paths: &Paths, apis: &str) -> Command {
    let mut command = Command::new(paths.programs.join(format!("{name}{EXE_SUFFIX}")));
    command
        .env("AWS_LAMBDA_RUNTIME_API", format!("{apis}/.rt/{name}"))
        .env("AWS_LAMBDA_FUNCTION_NAME", name)
        .env("AWS_LAMBDA_FUNCTION_VERSION", "1")
        .env("AWS_LAMBDA_FUNCTION_MEMORY_SIZE", "4096")
        .current_dir(&paths.root);
    for variable in UNSET_VARIABLES {
        command.env_remove(variable);
    }
    command
}
