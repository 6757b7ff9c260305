//! Invokes the refresher's Lambda function.

use std::error::Error;
use std::sync::OnceLock;
use std::time::Duration;

use aws_config::SdkConfig;
use aws_sdk_lambda::Client;
use aws_sdk_lambda::config::retry::RetryConfig;
use aws_sdk_lambda::config::timeout::TimeoutConfig;
use aws_sdk_lambda::config::{Builder, StalledStreamProtectionConfig};
use aws_sdk_lambda::error::SdkError;
use aws_sdk_lambda::operation::invoke::{InvokeError as SdkInvokeError, InvokeOutput};
use aws_sdk_lambda::primitives::Blob;
use aws_sdk_lambda::types::InvocationType;
use broker_core::backoff::Backoff;
use broker_core::request::{CommandAnswer, RefresherRequest};
use jiff::SignedDuration;
use serde::Serialize;
use serde::de::DeserializeOwned;
use tokio::time::Instant;

/// Longest wait for a connection. Lambda's API is in the same region, so that a slower one will not be made at all.
const CONNECT_TIME_OUT: Duration = Duration::from_secs(1);
/// How often the SDK makes a call that is refused or does not connect.
const ATTEMPTS: u32 = 3;
/// Shortest and longest wait of the SDK between attempts. All attempts fit into a few seconds.
const SDK_BACKOFF: (Duration, Duration) = (Duration::from_millis(100), Duration::from_millis(800));
/// Shortest and longest wait before a synchronous call that Lambda throttled is made again. A renewal takes about half a
/// second, so that the answer to many callers comes soon after.
const THROTTLE_BACKOFF: Backoff = Backoff::new(SignedDuration::from_millis(200), SignedDuration::from_secs(2));

/// Why the refresher gave no answer.
#[derive(Debug, thiserror::Error)]
pub enum InvokeError {
    /// Lambda refused the request or did not answer in time.
    #[error("cannot invoke the refresher {function}")]
    NotInvoked {
        /// Its name or ARN.
        function: String,
        /// The error of the SDK.
        source: Box<dyn Error + Send + Sync>,
    },
    /// The invocation failed.
    #[error("the refresher {function} failed ({kind}); its log has the reason")]
    Failed {
        /// Its name or ARN.
        function: String,
        /// `Handled` or `Unhandled`.
        kind: String,
    },
    /// The answer does not have the expected form.
    #[error("cannot read the answer of the refresher {function}")]
    InvalidAnswer {
        /// Its name or ARN.
        function: String,
        /// Where and why.
        source: serde_json::Error,
    },
}

/// A request with the operator's name beside the command.
#[derive(Serialize)]
struct OperatorRequest<'a> {
    operator: &'a str,
    #[serde(flatten)]
    request: &'a RefresherRequest,
}

/// A client for the refresher. The first call connects.
#[derive(Debug, Clone)]
pub struct RefresherClient {
    sdk: Box<SdkConfig>,
    client: OnceLock<Client>,
    function: String,
}

impl RefresherClient {
    /// A client for `function`, a name or an ARN, with or without a qualifier.
    pub fn new(sdk: &SdkConfig, function: String) -> Self {
        let client = Self::when_needed(sdk, function);
        client.client();
        client
    }

    /// Like [`new`](Self::new), for a function that seldom calls the refresher. The first call builds the SDK's client,
    /// which takes a quarter of a start.
    pub fn when_needed(sdk: &SdkConfig, function: String) -> Self {
        Self { sdk: Box::new(sdk.clone()), client: OnceLock::new(), function }
    }

    fn client(&self) -> &Client {
        self.client.get_or_init(|| client(&self.sdk))
    }

    /// Puts a request into Lambda's asynchronous queue. The SDK repeats a refused call briefly. `cargo lambda watch` has
    /// no queue and answers after the refresher has, so that `time_out` should be generous.
    pub async fn enqueue(&self, request: &RefresherRequest, time_out: SignedDuration) -> Result<(), InvokeError> {
        let payload = self.payload(request)?;
        let sent = self.send(payload, InvocationType::Event, time_out.unsigned_abs()).await;
        self.check(sent).map(drop)
    }

    /// Invokes the refresher and waits for its answer, for `time_out` in all. While Lambda throttles the call, because as
    /// many refreshers as allowed are running, the call is repeated until then.
    pub async fn ask<T: DeserializeOwned>(
        &self,
        request: &RefresherRequest,
        time_out: SignedDuration,
    ) -> Result<CommandAnswer<T>, InvokeError> {
        self.ask_with(self.payload(request)?, time_out).await
    }

    /// Like [`ask`](Self::ask), for an operator whose name goes into the history of the grant.
    pub async fn ask_as<T: DeserializeOwned>(
        &self,
        operator: &str,
        request: &RefresherRequest,
        time_out: SignedDuration,
    ) -> Result<CommandAnswer<T>, InvokeError> {
        self.ask_with(self.payload(&OperatorRequest { operator, request })?, time_out).await
    }

    async fn ask_with<T: DeserializeOwned>(
        &self,
        payload: Blob,
        time_out: SignedDuration,
    ) -> Result<CommandAnswer<T>, InvokeError> {
        let sent = self.send_until_admitted(payload, time_out.unsigned_abs()).await;
        let output = self.check(sent)?;
        let answer = output.payload.map(Blob::into_inner).unwrap_or_default();
        serde_json::from_slice(&answer)
            .map_err(|source| InvokeError::InvalidAnswer { function: self.function.clone(), source })
    }

    async fn send_until_admitted(
        &self,
        payload: Blob,
        time_out: Duration,
    ) -> Result<InvokeOutput, SdkError<SdkInvokeError>> {
        let deadline = Instant::now() + time_out;
        let mut attempt = 0;
        loop {
            let left = deadline.saturating_duration_since(Instant::now());
            let sent = self.send(payload.clone(), InvocationType::RequestResponse, left).await;
            let pause = THROTTLE_BACKOFF.jittered(attempt, 0.5 + fastrand::f64() / 2.0).unsigned_abs();
            if !is_throttled(&sent) || Instant::now() + pause >= deadline {
                return sent;
            }
            tokio::time::sleep(pause).await;
            attempt += 1;
        }
    }

    async fn send(
        &self,
        payload: Blob,
        invocation: InvocationType,
        time_out: Duration,
    ) -> Result<InvokeOutput, SdkError<SdkInvokeError>> {
        let time_outs = TimeoutConfig::builder().operation_timeout(time_out).build();
        let call = self.client().invoke().function_name(&self.function).invocation_type(invocation).payload(payload);
        call.customize().config_override(Builder::new().timeout_config(time_outs)).send().await
    }

    fn payload(&self, request: &impl Serialize) -> Result<Blob, InvokeError> {
        match serde_json::to_vec(request) {
            Ok(json) => Ok(Blob::new(json)),
            Err(error) => Err(self.not_invoked(error)),
        }
    }

    fn check(&self, sent: Result<InvokeOutput, SdkError<SdkInvokeError>>) -> Result<InvokeOutput, InvokeError> {
        let output = sent.map_err(|error| self.not_invoked(error))?;
        match output.function_error() {
            Some(kind) => Err(InvokeError::Failed { function: self.function.clone(), kind: kind.to_owned() }),
            None => Ok(output),
        }
    }

    fn not_invoked(&self, source: impl Error + Send + Sync + 'static) -> InvokeError {
        InvokeError::NotInvoked { function: self.function.clone(), source: Box::new(source) }
    }
}

fn is_throttled(sent: &Result<InvokeOutput, SdkError<SdkInvokeError>>) -> bool {
    match sent {
        Ok(_) => false,
        Err(error) => error.as_service_error().is_some_and(SdkInvokeError::is_too_many_requests_exception),
    }
}

fn client(sdk: &SdkConfig) -> Client {
    let retries = RetryConfig::standard()
        .with_max_attempts(ATTEMPTS)
        .with_initial_backoff(SDK_BACKOFF.0)
        .with_max_backoff(SDK_BACKOFF.1);
    // No time-out for reading: the SDK would repeat a call that may be half done. Each call has one for the whole.
    let time_outs = TimeoutConfig::builder().connect_timeout(CONNECT_TIME_OUT).build();
    let config = aws_sdk_lambda::config::Builder::from(sdk)
        .retry_config(retries)
        .timeout_config(time_outs)
        .stalled_stream_protection(StalledStreamProtectionConfig::disabled())
        .build();
    Client::from_conf(config)
}

#[cfg(test)]
mod tests;
