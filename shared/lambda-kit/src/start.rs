//! What a function's `main` does: read the configuration, build the function, serve until Lambda ends it.
//!
//! Nothing here waits for anything outside the process, so that a store or a network that is down shows in answers and
//! not as a function that never starts. What stops a start is a configuration that cannot be right.

use std::future::Future;
use std::process::ExitCode;

use aws_config::SdkConfig;
use lambda_runtime::{Context, Diagnostic, LambdaEvent, service_fn};
use serde_json::Value;

use crate::config::{Also, InvalidConfig, Lookup, Reader, environment};
use crate::http_function::HttpFunction;
use crate::{aws, gateway, log};
use broker_core::error::chain;

/// A function that is invoked with JSON and answers JSON.
pub trait DirectFunction: Send + Sync {
    /// Answers one invocation; an error makes the invocation fail, which alarms can see.
    fn handle(&self, payload: Value, context: Context) -> impl Future<Output = Result<Value, Diagnostic>> + Send;
}

/// Runs an HTTP function until Lambda ends the process.
pub async fn run_http<S, D: HttpFunction>(
    read: impl FnOnce(Lookup<'_>) -> Result<S, InvalidConfig>,
    build: impl FnOnce(S, &SdkConfig) -> Result<D, InvalidConfig>,
) -> ExitCode {
    let Some(door) = prepare(read, build).await else {
        return ExitCode::FAILURE;
    };
    ended(lambda_runtime::run(gateway::service(&door)).await)
}

/// Runs a function that is invoked directly, until Lambda ends the process.
pub async fn run_direct<S, F: DirectFunction>(
    read: impl FnOnce(Lookup<'_>) -> Result<S, InvalidConfig>,
    build: impl FnOnce(S, &SdkConfig) -> Result<F, InvalidConfig>,
) -> ExitCode {
    let Some(function) = prepare(read, build).await else {
        return ExitCode::FAILURE;
    };
    let function = &function;
    let answer = |event: LambdaEvent<Value>| function.handle(event.payload, event.context);
    ended(lambda_runtime::run(service_fn(answer)).await)
}

/// The function as configured; without one, the reason is in the log.
async fn prepare<S, T>(
    read: impl FnOnce(Lookup<'_>) -> Result<S, InvalidConfig>,
    build: impl FnOnce(S, &SdkConfig) -> Result<T, InvalidConfig>,
) -> Option<T> {
    log::init(&environment);
    let sdk = aws::load().await;
    let function = read(&environment).and_then(|settings| build(settings, &sdk));
    let function = function.also(aws::has_region(&sdk)).also(runs_in_lambda(&environment));
    let report = |invalid: &InvalidConfig| tracing::error!(outcome = "not_started", "configuration: {invalid}");
    function.inspect_err(report).ok()
}

fn runs_in_lambda(lookup: Lookup<'_>) -> Result<(), InvalidConfig> {
    let mut env = Reader::new(lookup);
    env.lambda_runtime();
    env.finish(|| Some(()))
}

fn ended(result: Result<(), lambda_runtime::Error>) -> ExitCode {
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            tracing::error!(outcome = "ended", "the runtime's API failed: {}", chain(&*error));
            ExitCode::FAILURE
        }
    }
}
