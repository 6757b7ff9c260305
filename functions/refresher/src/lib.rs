//! The refresher: a tagged request in, a use case of the core, its answer out.
//!
//! Invoked by the scheduler (`sweep`), by webhook (`reconcile`, `fence`), by vend (`renew`), by consent (`apps`,
//! `exchange`) and by operators (`import`, `device_start`, `device_poll`, `verify`); never over HTTP.

mod answer;
mod command;
mod metrics;
mod settings;

pub use settings::Settings;

use aws_config::SdkConfig;
use broker_core::broker::{Broker, Invocation, SweepOptions};
use broker_core::clock::{Clock, Deadline};
use jiff::SignedDuration;
use lambda_kit::clock::SystemClock;
use lambda_kit::config::{InvalidConfig, base_url};
use lambda_kit::metrics::Metrics;
use lambda_kit::start::DirectFunction;
use lambda_runtime::{Context, Diagnostic};
use secrets::SecretsManagerStore;
use serde_json::Value;
use webex::WebexApi;

use answer::Failed;
use command::Command;

/// What an invocation may take where the runtime's deadline is nonsense; the template gives the function as much.
const TIME_OUT: SignedDuration = SignedDuration::from_mins(2);

/// The function: the broker over Secrets Manager and Webex, and where its metrics go.
pub struct Refresher<C: Clock> {
    broker: Broker<SecretsManagerStore<C>, WebexApi<C>, C>,
    metrics: Metrics,
}

/// The function as it runs in Lambda.
pub fn build(settings: Settings, sdk: &SdkConfig) -> Result<Refresher<SystemClock>, InvalidConfig> {
    Ok(Refresher::new(settings, sdk, SystemClock, Metrics::stdout()))
}

impl<C: Clock> Refresher<C> {
    /// The function over the AWS that `sdk` leads to. Nothing is called yet.
    pub fn new(settings: Settings, sdk: &SdkConfig, clock: C, metrics: Metrics) -> Self {
        let vault = SecretsManagerStore::new(secrets::client(sdk.into()), settings.secret_prefix, clock.clone())
            .with_key(settings.grant_kms_key);
        let webex = WebexApi::new(settings.webex_api_base, clock.clone());
        Self { broker: Broker::new(vault, webex, clock, settings.rules), metrics }
    }

    /// The clock that it goes by.
    pub fn clock(&self) -> &C {
        self.broker.clock()
    }

    /// Answers one request that must be answered by `deadline`.
    pub async fn answer(&self, payload: Value, deadline: Deadline) -> Result<Value, Diagnostic> {
        let run = Invocation::until(deadline);
        let command = match Command::parse(payload) {
            Ok(command) => command,
            Err(refusal) => return Ok(answer::refused(&refusal)),
        };
        let must_not_be_lost = command.must_not_be_lost();
        // Boxed: a sweep is the longest chain of futures here, too long for the compiler to lay out in one piece.
        let result = Box::pin(self.perform(&run, command)).await;
        answer::told(result, must_not_be_lost)
    }

    async fn perform(&self, run: &Invocation, command: Command) -> Result<Value, Failed> {
        let broker = &self.broker;
        let answer = match command {
            Command::Sweep(sweep) => return self.sweep(run, sweep.webhook_url.as_deref()).await,
            Command::Reconcile(request) => broker.reconcile(run, &request).await.map(answer::state),
            Command::Fence(id) => broker.fence(run, &id).await.map(answer::state),
            Command::Renew(request) => broker.renew(run, &request).await.map(answer::json),
            Command::Import(request) => broker.import(run, request).await.map(answer::json),
            Command::Exchange(request) => broker.exchange(run, request).await.map(answer::exchanged),
            Command::DeviceStart(request) => {
                broker.device_start(run, &request).await.map(|started| answer::device_started(&started))
            }
            Command::DevicePoll(request) => broker.device_poll(run, &request).await.map(answer::device_polled),
            Command::Verify(id) => broker.verify(run, &id).await.map(answer::json),
            Command::Apps(_) => broker.apps(run).await.map(answer::json),
        };
        metrics::changes(&self.metrics, self.broker.clock().now(), &run.changes());
        answer.map_err(|error| Failed::command(&error, self.clock().now()))
    }

    /// A URL that is none keeps no grant from being renewed: the round goes on with the deployment's own, and says so.
    async fn sweep(&self, run: &Invocation, webhook_url: Option<&str>) -> Result<Value, Failed> {
        let given = webhook_url.filter(|given| !given.is_empty());
        let read = given.and_then(base_url);
        let mut swept = self
            .broker
            .sweep(run, &SweepOptions { webhook_url: read.clone(), allow_retirements: false })
            .await
            .map_err(|error| Failed::sweep(&error, self.clock().now()))?;
        if given.is_some() && read.is_none() {
            swept.report.failures.push(answer::unreadable_webhook_url());
        }
        metrics::sweep(&self.metrics, self.broker.clock().now(), &swept, self.broker.minter());
        tracing::info!(outcome = "swept", duration_ms = swept.report.elapsed_ms, "{}", answer::summary(&swept.report));
        Ok(answer::json(swept.report))
    }
}

impl<C: Clock> DirectFunction for Refresher<C> {
    async fn handle(&self, payload: Value, context: Context) -> Result<Value, Diagnostic> {
        let deadline = lambda_kit::clock::deadline(&context, self.broker.clock().now(), TIME_OUT);
        self.answer(payload, deadline).await
    }
}
