//! The four functions, as they are deployed, under `cargo lambda watch`.

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

use crate::places::Places;
use crate::process;
use crate::screen::Screen;
use crate::tool::CargoLambda;

/// In the order in which they are started.
const NAMES: [&str; 4] = ["refresher", "webhook", "vend", "consent"];

/// `FENCE_SETTLE` and `CACHE_TTL`: short, so that nobody has to wait for the story to go on. Usually 300 and 60.
pub(crate) const PATIENCE: Duration = Duration::from_secs(3);

/// A function is compiled before; what is left is its start, on a machine that may be busy, unless a file has changed.
const START: Duration = Duration::from_mins(5);
/// How often we see whether something has changed.
const LOOK_AGAIN: Duration = Duration::from_millis(200);

/// `cargo lambda watch` with the functions; both end when this is dropped.
pub(crate) struct Functions {
    watch: Mutex<Child>,
    /// `http://127.0.0.1:PORT`
    pub(crate) url: String,
    /// Where they log.
    pub(crate) log: PathBuf,
    /// The same as one would type it.
    pub(crate) log_shown: String,
}

/// Compiles the functions, with cargo's own progress on the terminal, as `cargo lambda watch` would at the first request.
pub(crate) async fn build(places: &Places, screen: &Screen) -> anyhow::Result<()> {
    screen.item("functions", "building (the first time takes some minutes)");
    let bins = NAMES.iter().flat_map(|name| ["--bin", name]);
    let mut cargo = tokio::process::Command::new("cargo");
    let cargo = cargo.arg("build").args(bins).current_dir(&places.root).kill_on_drop(true);
    let status = cargo.status().await.context("cannot run cargo")?;
    if !status.success() {
        bail!("the functions do not compile, as said above");
    }
    Ok(())
}

impl Functions {
    /// Starts `cargo lambda watch`, which starts a function at its first request.
    pub(crate) fn spawn(
        port: u16,
        tool: &CargoLambda,
        places: &Places,
        simulator: &Simulator,
        screen: &Screen,
    ) -> anyhow::Result<Self> {
        let functions = Self {
            url: format!("http://127.0.0.1:{port}"),
            log: places.log.clone(),
            log_shown: places.short(&places.log),
            watch: Mutex::new(watch(port, tool, places, simulator)?),
        };
        let told = format!("watch at {}, log in {}", functions.url, functions.log_shown);
        screen.item("cargo lambda", told);
        Ok(functions)
    }

    /// Wakes each function and waits until it has answered.
    pub(crate) async fn wake(&self, screen: &Screen) -> anyhow::Result<()> {
        for name in NAMES {
            let began = Instant::now();
            let woken = self.first_answer(name).await;
            woken.with_context(|| format!("{name} did not start"))?;
            screen.item(name, format!("up after {:.1} s", began.elapsed().as_secs_f32()));
        }
        Ok(())
    }

    /// Makes `name` answer something that changes nothing. Until `cargo lambda watch` listens, that fails at once.
    async fn first_answer(&self, name: &str) -> anyhow::Result<()> {
        let client = Client::builder().no_proxy().timeout(START).build()?;
        let began = Instant::now();
        loop {
            let request = match name {
                "vend" => client.get(format!("{}/healthz", self.url)),
                "consent" => client.get(format!("{}/assets/consent.css", self.url)),
                "webhook" => client.post(format!("{}/webhooks/nobody", self.url)),
                _ => client.post(self.invocations(name)).body(json!({"apps": {}}).to_string()),
            };
            match request.send().await {
                Ok(answer) if answer.status().is_server_error() => bail!("it answered {}", answer.status()),
                Ok(_) => return Ok(()),
                Err(error) if error.is_connect() && began.elapsed() < START => sleep(LOOK_AGAIN).await,
                Err(error) => return Err(error).context("it did not answer"),
            }
        }
    }

    /// Where a function is invoked as AWS would.
    pub(crate) fn invocations(&self, name: &str) -> String {
        format!("{}/2015-03-31/functions/{name}/invocations", self.url)
    }

    /// Until `cargo lambda watch` or one of the functions ends, which they should not; says so.
    pub(crate) async fn end(&self) -> anyhow::Error {
        loop {
            sleep(LOOK_AGAIN).await;
            if let Ok(Some(status)) = self.lock().try_wait() {
                return anyhow!("`cargo lambda watch` has ended: {status}");
            }
            // It does not end with a function: requests to that one would wait for ever.
            let ended = |line: &String| line.trim_start().starts_with("ERROR command ");
            if process::tail(&self.log, 50).iter().any(ended) {
                return anyhow!("a function has ended, or does not compile any more");
            }
        }
    }

    fn lock(&self) -> MutexGuard<'_, Child> {
        self.watch.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Functions {
    fn drop(&mut self) {
        process::end(&mut self.lock());
    }
}

fn watch(port: u16, tool: &CargoLambda, places: &Places, simulator: &Simulator) -> anyhow::Result<Child> {
    let folder = places.log.parent().unwrap_or(&places.root);
    std::fs::create_dir_all(folder).with_context(|| format!("cannot make {}", folder.display()))?;
    let log = File::create(&places.log).with_context(|| format!("cannot write {}", places.log.display()))?;
    let mut command = Command::new("cargo");
    command
        // Its own default is every address that the machine has.
        .args(["lambda", "watch", "--ignore-changes", "--invoke-address", "127.0.0.1"])
        .args(["--color", "never", "--invoke-port", &port.to_string()])
        .env("PATH", &tool.path)
        .envs(environment(port, simulator))
        .current_dir(&places.root)
        .stdin(Stdio::null())
        .stdout(log.try_clone()?)
        .stderr(log);
    for variable in FOREIGN {
        command.env_remove(variable);
    }
    process::in_a_group_of_its_own(&mut command);
    command.spawn().context("cannot run `cargo lambda watch`")
}

/// What a developer's shell may say that would lead elsewhere.
const FOREIGN: [&str; 16] = [
    "SECRET_PREFIX",
    "MINTER",
    "RENEW_AT_FRACTION",
    "CALLER_POLICY",
    "OIDC_ISSUERS",
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

/// Local mode is this environment, and nothing else.
fn environment(port: u16, simulator: &Simulator) -> [(&'static str, String); 16] {
    let here = format!("http://127.0.0.1:{port}");
    let patience = PATIENCE.as_secs().to_string();
    let no_file = if cfg!(windows) { "NUL" } else { "/dev/null" };
    [
        ("WEBEX_API_BASE", simulator.webex.base_url()),
        ("AWS_ENDPOINT_URL_SECRETS_MANAGER", simulator.secrets.endpoint_url()),
        ("AWS_ENDPOINT_URL_LAMBDA", here.clone()),
        ("WEBHOOK_URL", here),
        ("REFRESHER_FUNCTION", "refresher".to_owned()),
        ("CALLERS", "open".to_owned()),
        ("FENCE_SETTLE", patience.clone()),
        ("CACHE_TTL", patience),
        ("AWS_REGION", "eu-central-1".to_owned()),
        ("AWS_ACCESS_KEY_ID", "local".to_owned()),
        ("AWS_SECRET_ACCESS_KEY", "local".to_owned()),
        ("AWS_CONFIG_FILE", no_file.to_owned()),
        ("AWS_SHARED_CREDENTIALS_FILE", no_file.to_owned()),
        // Without it, looking for credentials that are not there costs a second a call.
        ("AWS_EC2_METADATA_DISABLED", "true".to_owned()),
        // Proxies of the machine are not for loopback.
        ("NO_PROXY", "127.0.0.1".to_owned()),
        ("no_proxy", "127.0.0.1".to_owned()),
    ]
}
