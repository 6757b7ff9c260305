//! The five functions, run by `cargo lambda watch`.

use std::fs::File;
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use anyhow::{Context as _, anyhow, bail};
use reqwest::Client;
use serde_json::json;
use simulator::Simulator;
use tokio::time::{Instant, sleep};

use crate::cargo_lambda::CargoLambda;
use crate::paths::Paths;
use crate::process;
use crate::terminal::Terminal;

/// The functions, in the order in which they are started.
const NAMES: [&str; 5] = ["refresher", "webhook", "vend", "consent", "prober"];

/// `FENCE_SETTLE` and `CACHE_TTL`, usually 300 s and 60 s: short, so that the story need not wait long.
pub(crate) const SETTLE_TIME: Duration = Duration::from_secs(3);

/// The longest wait for a function's first answer. It is built already, but the machine may be busy, and a changed file
/// makes `cargo lambda watch` build again.
const START_TIME_OUT: Duration = Duration::from_mins(5);
/// The time between two checks of the processes.
const CHECK_INTERVAL: Duration = Duration::from_millis(200);

/// The running functions. Dropping this stops `cargo lambda watch` and them.
pub(crate) struct Functions {
    watch: Mutex<Child>,
    /// `http://127.0.0.1:PORT`
    pub(crate) url: String,
    /// The log of `cargo lambda watch` and the functions.
    pub(crate) log: PathBuf,
    /// The path of the log relative to the repository.
    pub(crate) log_shown: String,
}

/// Builds the functions with cargo's progress on the terminal. `cargo lambda watch` would build them silently at the first
/// request.
pub(crate) async fn build(paths: &Paths, terminal: &Terminal) -> anyhow::Result<()> {
    terminal.item("functions", "building (takes some minutes the first time)");
    let bins = NAMES.iter().flat_map(|name| ["--bin", name]);
    let mut cargo = tokio::process::Command::new("cargo");
    let cargo = cargo.arg("build").args(bins).current_dir(&paths.root).kill_on_drop(true);
    let status = cargo.status().await.context("cannot run cargo")?;
    if !status.success() {
        bail!("the functions do not build; cargo's errors are above");
    }
    Ok(())
}

impl Functions {
    /// Starts `cargo lambda watch`, which starts each function at its first request.
    pub(crate) fn start(
        port: u16,
        tool: &CargoLambda,
        paths: &Paths,
        simulator: &Simulator,
        terminal: &Terminal,
    ) -> anyhow::Result<Self> {
        let functions = Self {
            url: format!("http://127.0.0.1:{port}"),
            log: paths.log.clone(),
            log_shown: paths.relative(&paths.log),
            watch: Mutex::new(start_watch(port, tool, paths, simulator)?),
        };
        let text = format!("watch at {}, log in {}", functions.url, functions.log_shown);
        terminal.item("cargo lambda", text);
        Ok(functions)
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

    /// Sends a request that changes nothing, until `cargo lambda watch` listens and the function answers.
    async fn first_answer(&self, name: &str) -> anyhow::Result<()> {
        let client = Client::builder().no_proxy().timeout(START_TIME_OUT).build()?;
        let began = Instant::now();
        loop {
            let request = match name {
                "vend" => client.get(format!("{}/healthz", self.url)),
                "consent" => client.get(format!("{}/assets/consent.css", self.url)),
                "webhook" => client.post(format!("{}/webhooks/nobody", self.url)),
                _ => client.post(self.invocation_url(name)).body(json!({"apps": {}}).to_string()),
            };
            match request.send().await {
                Ok(response) if response.status().is_server_error() => bail!("it answered {}", response.status()),
                Ok(_) => return Ok(()),
                Err(error) if error.is_connect() && began.elapsed() < START_TIME_OUT => sleep(CHECK_INTERVAL).await,
                Err(error) => return Err(error).context("it did not answer"),
            }
        }
    }

    /// The URL that invokes a function as AWS does.
    pub(crate) fn invocation_url(&self, name: &str) -> String {
        format!("{}/2015-03-31/functions/{name}/invocations", self.url)
    }

    /// Waits until `cargo lambda watch` or a function ends, which is always an error.
    pub(crate) async fn wait_for_exit(&self) -> anyhow::Error {
        loop {
            sleep(CHECK_INTERVAL).await;
            if let Ok(Some(status)) = self.lock_watch().try_wait() {
                return anyhow!("`cargo lambda watch` ended with {status}");
            }
            // `cargo lambda watch` goes on without the function, and requests to that would wait for ever.
            for line in process::tail(&self.log, 50) {
                if line.trim_start().starts_with("ERROR command ") {
                    return anyhow!("a function ended, or no longer builds; see {}", self.log_shown);
                }
            }
        }
    }

    fn lock_watch(&self) -> MutexGuard<'_, Child> {
        self.watch.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Functions {
    fn drop(&mut self) {
        process::stop(&mut self.lock_watch());
    }
}

fn start_watch(port: u16, tool: &CargoLambda, paths: &Paths, simulator: &Simulator) -> anyhow::Result<Child> {
    let folder = paths.log.parent().unwrap_or(&paths.root);
    std::fs::create_dir_all(folder).with_context(|| format!("cannot create {}", folder.display()))?;
    let log = File::create(&paths.log).with_context(|| format!("cannot write {}", paths.log.display()))?;
    let mut command = Command::new("cargo");
    command
        // Without this it listens on all addresses of the machine.
        .args(["lambda", "watch", "--ignore-changes", "--invoke-address", "127.0.0.1"])
        .args(["--color", "never", "--invoke-port", &port.to_string()])
        .env("PATH", &tool.path)
        .envs(environment(port, simulator))
        .current_dir(&paths.root)
        .stdin(Stdio::null())
        .stdout(log.try_clone()?)
        .stderr(log);
    for variable in UNSET_VARIABLES {
        command.env_remove(variable);
    }
    process::set_own_process_group(&mut command);
    command.spawn().context("cannot run `cargo lambda watch`")
}

/// Variables of a developer's shell that would change the functions' behaviour.
pub(crate) const UNSET_VARIABLES: [&str; 18] = [
    "SECRET_PREFIX",
    "MINTER",
    "RENEW_AT_FRACTION",
    "CALLER_POLICY",
    "OIDC_ISSUERS",
    "VEND_SIGNING_NAME",
    "PROBE_STRANGER_ROLE",
    "SHOW_TOKENS",
    "CONSENT_KEY_SHA256",
    "ALLOW_ENVELOPE_ORG",
    "AWS_ENDPOINT_URL",
    "AWS_IGNORE_CONFIGURED_ENDPOINT_URLS",
    "AWS_PROFILE",
    "AWS_SESSION_TOKEN",
    "AWS_USE_FIPS_ENDPOINT",
    "AWS_USE_DUALSTACK_ENDPOINT",
    "AWS_LAMBDA_LOG_LEVEL",
    "RUST_LOG",
];

/// The environment that directs the functions to this machine. Nothing else distinguishes a local run from AWS.
pub(crate) fn environment(port: u16, simulator: &Simulator) -> [(&'static str, String); 21] {
    let functions = format!("http://127.0.0.1:{port}");
    let settle_time = SETTLE_TIME.as_secs().to_string();
    let no_file = if cfg!(windows) { "NUL" } else { "/dev/null" };
    [
        ("WEBEX_API_BASE", simulator.webex.base_url()),
        ("AWS_ENDPOINT_URL_SECRETS_MANAGER", simulator.secrets.endpoint_url()),
        ("AWS_ENDPOINT_URL_LAMBDA", functions.clone()),
        ("AWS_ENDPOINT_URL_EVENTBRIDGE", simulator.events.endpoint_url()),
        ("EVENT_BUS", "default".to_owned()),
        ("CONSOLE_URL", functions.clone()),
        ("VEND_URL", functions.clone()),
        ("PROBE_GRANT", "reports/default".to_owned()), // the story names the grant, since ids are made at the start
        ("WEBHOOK_URL", functions),
        ("REFRESHER_FUNCTION", "refresher".to_owned()),
        ("CALLERS", "open".to_owned()),
        ("FENCE_SETTLE", settle_time.clone()),
        ("CACHE_TTL", settle_time),
        ("AWS_REGION", "eu-central-1".to_owned()),
        ("AWS_ACCESS_KEY_ID", "local".to_owned()),
        ("AWS_SECRET_ACCESS_KEY", "local".to_owned()),
        ("AWS_CONFIG_FILE", no_file.to_owned()),
        ("AWS_SHARED_CREDENTIALS_FILE", no_file.to_owned()),
        // Otherwise the SDK looks for an instance's credentials, which takes a second.
        ("AWS_EC2_METADATA_DISABLED", "true".to_owned()),
        // Requests to loopback must not go through a proxy of the machine.
        ("NO_PROXY", "127.0.0.1".to_owned()),
        ("no_proxy", "127.0.0.1".to_owned()),
    ]
}
