//! Runs a function: reads the configuration, builds the function, and serves invocations until Lambda ends the process.
//!
//! An outage of the store or the network shows in answers and not as a function that never starts: a start waits at most
//! [`CONNECT_BUDGET`] for a service outside the process, and what fails then is tried again by the first request. Only an
//! invalid configuration stops the start.

use std::future::Future;
use std::process::ExitCode;
use std::time::Duration;

use aws_config::SdkConfig;
use broker_core::error::chain;
use lambda_runtime::{Context, Diagnostic, LambdaEvent, service_fn};
use serde_json::Value;

use crate::config::{InvalidConfig, InvalidVariable, Lookup, environment};
use crate::http_function::HttpFunction;
use crate::{aws, gateway, log};

/// The variables without which the Lambda runtime client panics. Lambda and `cargo lambda watch` set them.
const RUNTIME_VARIABLES: [&str; 4] = [
    "AWS_LAMBDA_RUNTIME_API",
    "AWS_LAMBDA_FUNCTION_NAME",
    "AWS_LAMBDA_FUNCTION_VERSION",
    "AWS_LAMBDA_FUNCTION_MEMORY_SIZE",
];

/// Longest time that a start waits for [`HttpFunction::connect`]. A connection within a region takes a tenth of it.
const CONNECT_BUDGET: Duration = Duration::from_millis(200);

/// A function that is invoked directly, with JSON, and answers JSON.
pub trait DirectFunction: Send + Sync {
    /// Answers one invocation. An error fails the invocation, which Lambda counts in the metric `Errors`.
    fn handle(&self, payload: Value, context: Context) -> impl Future<Output = Result<Value, Diagnostic>> + Send;
}

/// Runs a function that has an HTTP front.
pub async fn run_http<S, F: HttpFunction>(
    read: impl FnOnce(Lookup<'_>) -> Result<S, InvalidConfig>,
    build: impl FnOnce(S, &SdkConfig) -> Result<F, InvalidConfig>,
) -> ExitCode {
    let Some(function) = start(read, build).await else {
        return ExitCode::FAILURE;
    };
    // Time that runs out is no error: the first request connects then.
    let _ = tokio::time::timeout(CONNECT_BUDGET, function.connect()).await;
    exit_code(lambda_runtime::run(gateway::service(&function)).await)
}

/// Runs a function that is invoked directly.
pub async fn run_direct<S, F: DirectFunction>(
    read: impl FnOnce(Lookup<'_>) -> Result<S, InvalidConfig>,
    build: impl FnOnce(S, &SdkConfig) -> Result<F, InvalidConfig>,
) -> ExitCode {
    let Some(function) = start(read, build).await else {
        return ExitCode::FAILURE;
    };
    let function = &function;
    let service = service_fn(|event: LambdaEvent<Value>| function.handle(event.payload, event.context));
    exit_code(lambda_runtime::run(service).await)
}

/// Builds the function. Logs all problems and returns `None` if the configuration is invalid.
async fn start<S, F>(
    read: impl FnOnce(Lookup<'_>) -> Result<S, InvalidConfig>,
    build: impl FnOnce(S, &SdkConfig) -> Result<F, InvalidConfig>,
) -> Option<F> {
    log::init(&environment);
    let sdk = aws::load().await;
    let mut problems = Vec::new();
    let function = match read(&environment).and_then(|settings| build(settings, &sdk)) {
        Ok(function) => Some(function),
        Err(InvalidConfig(invalid)) => {
            problems = invalid;
            None
        }
    };
    problems.extend(aws::missing_region(&sdk));
    problems.extend(missing_runtime(&environment));
    if !problems.is_empty() {
        tracing::error!(outcome = "not_started", "invalid configuration: {}", InvalidConfig(problems));
        return None;
    }
    function
}

/// The first variable of the Lambda runtime that is not set.
fn missing_runtime(lookup: Lookup<'_>) -> Option<InvalidVariable> {
    let is_missing = |name: &&str| lookup(name).unwrap_or_default().is_empty();
    let variable = RUNTIME_VARIABLES.into_iter().find(is_missing)?;
    let allowed = "set, which Lambda and `cargo lambda watch` do: this program runs nowhere else";
    Some(InvalidVariable::missing(variable, allowed))
}

fn exit_code(result: Result<(), lambda_runtime::Error>) -> ExitCode {
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            tracing::error!(outcome = "ended", "the Lambda runtime API failed: {}", chain(&*error));
            ExitCode::FAILURE
        }
    }
}
