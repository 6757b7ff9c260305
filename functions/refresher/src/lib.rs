//! The refresher: performs tagged commands, each a use case of the core.
//!
//! Invoked by the scheduler (`sweep`), by webhook (`reconcile`, `fence`, `data_sources`), by vend (`renew`), by
//! consent (`apps`, `exchange`), by the queue of failed hints (`reconcile`, `fence`) and by operators (`import`, `restore`,
//! `device_start`, `device_poll`, `verify`); never over HTTP.
//!
//! Read in this order: [`Settings`], `incoming` (how commands arrive), `command` (what they are), `alias` (who may send
//! which), [`Refresher`], `answer`, `metrics`.

// The commands of the core nest futures deeper than the compiler follows by default.
#![recursion_limit = "256"]

mod alias;
mod answer;
mod command;
mod event_bus;
mod hints;
mod incoming;
mod metrics;
mod refresher;
mod settings;

pub use refresher::Refresher;
pub use settings::{Settings, VARIABLES};

use aws_config::SdkConfig;
use broker_core::broker::{Invocation, SweepOptions};
use broker_core::clock::{Clock, Deadline};
use jiff::SignedDuration;
use lambda_kit::clock::SystemClock;
use lambda_kit::config::{InvalidConfig, base_url};
use lambda_kit::metrics::Metrics;
use lambda_kit::run::DirectFunction;
use lambda_runtime::{Context, Diagnostic};
use serde_json::Value;

use alias::Alias;
use answer::CommandFailure;
use command::{Command, Notify, Sweep};
use incoming::Incoming;

/// The function's time-out where the runtime sets no plausible deadline. The template sets the same.
const TIME_OUT: SignedDuration = SignedDuration::from_mins(2);

/// Builds the function for Lambda.
pub fn build(settings: Settings, sdk: &SdkConfig) -> Result<Refresher<SystemClock>, InvalidConfig> {
    Ok(Refresher::new(settings, sdk, SystemClock, Metrics::stdout()))
}

impl<C: Clock> Refresher<C> {
    /// Answers an invocation of the function itself, without an alias, by `deadline`.
    pub async fn answer(&self, payload: Value, deadline: Deadline) -> Result<Value, Diagnostic> {
        self.answer_as("", payload, deadline).await
    }

    /// Answers an invocation of the function or alias `invoked_arn` by `deadline`.
    pub async fn answer_as(&self, invoked_arn: &str, payload: Value, deadline: Deadline) -> Result<Value, Diagnostic> {
        let alias = Alias::of_arn(invoked_arn);
        match Incoming::of(payload) {
            Incoming::Direct(payload) => answer::into_lambda_result(self.perform(alias, payload, deadline).await),
            Incoming::DeadLetter(payload) => {
                let result = self.perform(alias, payload, deadline).await;
                answer::into_lambda_result(result.map_err(CommandFailure::of_dead_letter))
            }
            Incoming::Messages(messages) => Ok(self.consume(alias, &messages, deadline).await),
            Incoming::Unsupported(reason) => Err(answer::unsupported_event(reason)),
        }
    }

    async fn perform(&self, alias: Alias, payload: Value, deadline: Deadline) -> Result<Value, CommandFailure> {
        let operator = command::operator(&payload);
        let command = Command::parse(payload).map_err(CommandFailure::answered)?;
        if !alias.allows(&command) {
            return Err(CommandFailure::not_allowed());
        }
        let invocation = Invocation::until(deadline).by(operator);
        // Boxed: the futures of the core are nested too deeply for the compiler to lay out in one piece.
        let result = Box::pin(self.dispatch(&invocation, command)).await;
        self.send_events(&invocation).await;
        result
    }

    async fn dispatch(&self, invocation: &Invocation, command: Command) -> Result<Value, CommandFailure> {
        let broker = &self.broker;
        let answer = match command {
            Command::Sweep(sweep) => return self.sweep(invocation, sweep).await,
            Command::Hint(hint) => return self.hint(invocation, &hint).await.map(answer::state),
            Command::DataSources(id) => broker.data_sources(invocation, &id).await.map(answer::to_json),
            Command::Renew(request) => broker.renew(invocation, &request).await.map(answer::to_json),
            Command::Restore(id) => broker.restore(invocation, &id).await.map(answer::to_json),
            Command::Status(request) => broker.status(invocation, &request).await.map(answer::to_json),
            Command::Remove(request) => broker.remove(invocation, &request).await.map(answer::to_json),
            Command::RemoveApp(request) => broker.remove_app(invocation, &request).await.map(answer::to_json),
            Command::Unblock(id) => broker.unblock(invocation, &id).await.map(answer::state),
            Command::Import(request) => broker.import(invocation, request).await.map(answer::to_json),
            Command::Exchange(request) => broker.exchange(invocation, request).await.map(answer::exchanged),
            Command::MakeLink(request) => broker.make_link(invocation, request).await.map(answer::to_json),
            Command::DeviceStart(request) => {
                broker.device_start(invocation, &request).await.map(|started| answer::device_started(&started))
            }
            Command::DevicePoll(request) => broker.device_poll(invocation, &request).await.map(answer::device_polled),
            Command::Verify(id) => broker.verify(invocation, &id).await.map(answer::to_json),
            Command::Apps(_) => broker.apps(invocation).await.map(answer::to_json),
            Command::Notify(notify) => return self.notify(invocation, &notify).await,
        };
        metrics::changes(&self.metrics, broker.clock().now(), &invocation.changes());
        answer.map_err(|error| CommandFailure::answered(error.command_error(broker.clock().now())))
    }

    async fn sweep(&self, invocation: &Invocation, sweep: Sweep) -> Result<Value, CommandFailure> {
        // A webhook URL that cannot be used must not keep grants from being renewed.
        let (webhook_url, refused) = match self.check_webhook_url(&sweep) {
            Ok(webhook_url) => (webhook_url, None),
            Err(reason) => (None, Some(answer::refused_webhook_url(&reason))),
        };
        let options = SweepOptions { webhook_url, allow_retirements: sweep.allow_retirements };
        let swept = self.broker.sweep(invocation, &options).await;
        let mut swept = swept.map_err(|error| CommandFailure::of_sweep(&error, self.clock().now()))?;
        if let Some(line) = refused {
            swept.add_failure(line);
        }
        metrics::sweep(&self.metrics, self.clock().now(), &swept, self.broker.minter());
        tracing::info!(outcome = "swept", duration_ms = swept.report.elapsed_ms, "{}", answer::summary(&swept.report));
        Ok(answer::to_json(swept.report))
    }

    async fn notify(&self, invocation: &Invocation, notify: &Notify) -> Result<Value, CommandFailure> {
        if self.broker.test_notice(invocation, notify.text.as_deref()).await {
            return Ok(answer::notice_sent());
        }
        Err(CommandFailure::answered(answer::notice_not_sent(invocation.events_not_sent())))
    }

    /// The URL for the registrations, if it is not the deployment's own; or why it is not used. A sweep with another
    /// URL moves the registrations there, so that the deployment gets no more events.
    fn check_webhook_url(&self, sweep: &Sweep) -> Result<Option<String>, String> {
        let requested = match sweep.webhook_url.as_deref() {
            None | Some("") => return Ok(None),
            Some(requested) => requested,
        };
        let Some(requested) = base_url(requested) else {
            return Err("it must be an http or https URL without user, query or fragment".to_owned());
        };
        match &self.webhook_url {
            Some(own) if *own != requested && !sweep.force => Err(format!(
                "it differs from WEBHOOK_URL, which is {own}; \"force\": true moves the registrations of all apps"
            )),
            _ => Ok(Some(requested)),
        }
    }
}

impl<C: Clock> DirectFunction for Refresher<C> {
    async fn handle(&self, payload: Value, context: Context) -> Result<Value, Diagnostic> {
        let deadline = lambda_kit::clock::deadline(&context, self.clock().now(), TIME_OUT);
        self.answer_as(&context.invoked_function_arn, payload, deadline).await
    }
}
