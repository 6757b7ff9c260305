//! How the doors ask the refresher: by invoking its Lambda function.

use std::error::Error;
use std::time::Duration;

use aws_config::SdkConfig;
use aws_sdk_lambda::Client;
use aws_sdk_lambda::config::retry::RetryConfig;
use aws_sdk_lambda::config::timeout::TimeoutConfig;
use aws_sdk_lambda::config::{Builder, StalledStreamProtectionConfig};
use aws_sdk_lambda::operation::invoke::InvokeOutput;
use aws_sdk_lambda::primitives::Blob;
use aws_sdk_lambda::types::InvocationType;
use broker_core::request::{CommandAnswer, RefresherRequest};
use jiff::SignedDuration;
use serde::de::DeserializeOwned;

/// Lambda is near, so a connection that takes longer is not coming.
const CONNECT_TIME_OUT: Duration = Duration::from_secs(1);
/// Calls that were refused or did not connect are made this often in all.
const ATTEMPTS: u32 = 3;
/// First and longest wait between them: all attempts fit in a few seconds.
const BACKOFF: (Duration, Duration) = (Duration::from_millis(100), Duration::from_millis(800));

/// Why there is no answer from the refresher.
#[derive(Debug, thiserror::Error)]
pub enum InvokeError {
    /// Lambda did not take the request, or did not answer in time.
    #[error("the refresher {function} could not be invoked")]
    NotInvoked {
        /// Its name.
        function: String,
        /// What the SDK says.
        source: Box<dyn Error + Send + Sync>,
    },
    /// The function ended with an error.
    #[error("the refresher {function} failed: {kind}")]
    Failed {
        /// Its name.
        function: String,
        /// `Handled` or `Unhandled`.
        kind: String,
    },
    /// The answer is not what was asked for.
    #[error("the refresher {function} gave an answer that cannot be read")]
    Unintelligible {
        /// Its name.
        function: String,
        /// Where and why.
        source: serde_json::Error,
    },
}

/// Invokes the refresher. Building it costs nothing; the first call connects.
#[derive(Debug, Clone)]
pub struct RefresherClient {
    client: Client,
    function: String,
}

impl RefresherClient {
    /// A client for `function`, a name or an ARN.
    pub fn new(sdk: &SdkConfig, function: String) -> Self {
        let retries = RetryConfig::standard()
            .with_max_attempts(ATTEMPTS)
            .with_initial_backoff(BACKOFF.0)
            .with_max_backoff(BACKOFF.1);
        // No time-out for reading: it would repeat a call that may be half done. Each call brings one for the whole.
        let time_outs = TimeoutConfig::builder().connect_timeout(CONNECT_TIME_OUT).build();
        let config = aws_sdk_lambda::config::Builder::from(sdk)
            .retry_config(retries)
            .timeout_config(time_outs)
            .stalled_stream_protection(StalledStreamProtectionConfig::disabled())
            .build();
        Self { client: Client::from_conf(config), function }
    }

    /// Hands a request over to Lambda's own queue, which keeps it until the refresher has taken it. Calls that fail are
    /// repeated briefly. `cargo lambda watch` has no queue: it answers when the refresher has, hence a `time_out` that
    /// is generous.
    pub async fn hand_over(&self, request: &RefresherRequest, time_out: SignedDuration) -> Result<(), InvokeError> {
        let output = self.invoke(request, InvocationType::Event, time_out).await?;
        self.succeeded(&output)
    }

    /// Asks and waits for the answer, for `time_out` in all.
    pub async fn ask<T: DeserializeOwned>(
        &self,
        request: &RefresherRequest,
        time_out: SignedDuration,
    ) -> Result<CommandAnswer<T>, InvokeError> {
        let output = self.invoke(request, InvocationType::RequestResponse, time_out).await?;
        self.succeeded(&output)?;
        let payload = output.payload.map(Blob::into_inner).unwrap_or_default();
        serde_json::from_slice(&payload)
            .map_err(|source| InvokeError::Unintelligible { function: self.function.clone(), source })
    }

    async fn invoke(
        &self,
        request: &RefresherRequest,
        how: InvocationType,
        time_out: SignedDuration,
    ) -> Result<InvokeOutput, InvokeError> {
        let payload = serde_json::to_vec(request).map_err(|source| self.not_invoked(source))?;
        let whole = TimeoutConfig::builder().operation_timeout(time_out.unsigned_abs());
        let call = self.client.invoke().function_name(&self.function).invocation_type(how);
        call.payload(Blob::new(payload))
            .customize()
            .config_override(Builder::new().timeout_config(whole.build()))
            .send()
            .await
            .map_err(|source| self.not_invoked(source))
    }

    fn succeeded(&self, output: &InvokeOutput) -> Result<(), InvokeError> {
        output
            .function_error()
            .map_or(Ok(()), |kind| Err(InvokeError::Failed { function: self.function.clone(), kind: kind.to_owned() }))
    }

    fn not_invoked(&self, source: impl Error + Send + Sync + 'static) -> InvokeError {
        InvokeError::NotInvoked { function: self.function.clone(), source: Box::new(source) }
    }
}

#[cfg(test)]
#[path = "refresher_tests.rs"]
mod tests;
