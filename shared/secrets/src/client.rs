//! Retries and time-outs of the SDK's client for Secrets Manager.

use std::time::Duration;

use aws_sdk_secretsmanager::Client;
use aws_sdk_secretsmanager::config::retry::RetryConfig;
use aws_sdk_secretsmanager::config::timeout::TimeoutConfig;
use aws_sdk_secretsmanager::config::{Builder, Config};

/// Time to open a connection. The endpoint is in the same region, so a slower connection will not open at all.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(2);

/// Time for one attempt. A batch of 20 large records takes about 0.3 s; a caller of vend waits at most three of these.
const ATTEMPT_TIMEOUT: Duration = Duration::from_secs(3);

/// Attempts at a read. `store::retry` repeats calls that have a deadline instead, with one idempotency token.
const READ_ATTEMPTS: u32 = 3;

/// First pause between two attempts at a read, doubled and jittered by the SDK. The SDK's default of one second is most
/// of the time that a caller of vend accepts to wait.
const READ_BACKOFF: Duration = Duration::from_millis(100);

/// Adds the retries and time-outs that this crate relies on. Region, credentials and endpoint stay as the environment
/// sets them.
#[must_use]
pub fn sdk_settings(builder: Builder) -> Builder {
    let retries = RetryConfig::standard().with_max_attempts(READ_ATTEMPTS).with_initial_backoff(READ_BACKOFF);
    let timeouts =
        TimeoutConfig::builder().connect_timeout(CONNECT_TIMEOUT).operation_attempt_timeout(ATTEMPT_TIMEOUT).build();
    builder.retry_config(retries).timeout_config(timeouts)
}

/// A client with [`sdk_settings`], from `aws_sdk_secretsmanager::config::Builder::from(&sdk_config)`. It opens no
/// connection before the first call.
pub fn client(builder: Builder) -> Client {
    Client::from_conf(sdk_settings(builder).build())
}

/// Turns off the SDK's own retries for one call that `store::retry` repeats until a deadline.
pub(crate) fn without_retries() -> Builder {
    Config::builder().retry_config(RetryConfig::disabled())
}
