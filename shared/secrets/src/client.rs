//! How the SDK is to behave towards Secrets Manager, in one place.

use std::time::Duration;

use aws_sdk_secretsmanager::Client;
use aws_sdk_secretsmanager::config::retry::RetryConfig;
use aws_sdk_secretsmanager::config::timeout::TimeoutConfig;
use aws_sdk_secretsmanager::config::{Builder, Config};

/// Time to open a connection. The endpoint is in the same region: one that takes longer is not coming.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(2);

/// Time for one attempt. A batch of 20 large records takes about 0.3 s; a caller of vend waits at most three of these.
const ATTEMPT_TIMEOUT: Duration = Duration::from_secs(3);

/// Attempts at a read. Calls that have a deadline are repeated by us instead, with one idempotency token.
const READ_ATTEMPTS: u32 = 3;

/// First pause between two attempts at a read, doubled and jittered by the SDK. Its own default of one second would be
/// most of what a caller of vend is ready to wait.
const READ_BACKOFF: Duration = Duration::from_millis(100);

/// The retries and time-outs that this crate counts on, on top of what the environment says about region, credentials
/// and endpoint.
#[must_use]
pub fn sdk_settings(builder: Builder) -> Builder {
    let retries = RetryConfig::standard().with_max_attempts(READ_ATTEMPTS).with_initial_backoff(READ_BACKOFF);
    let timeouts =
        TimeoutConfig::builder().connect_timeout(CONNECT_TIMEOUT).operation_attempt_timeout(ATTEMPT_TIMEOUT).build();
    builder.retry_config(retries).timeout_config(timeouts)
}

/// A client with [`sdk_settings`], from `aws_sdk_secretsmanager::config::Builder::from(&sdk_config)`. It opens no
/// connection until it is used.
pub fn client(builder: Builder) -> Client {
    Client::from_conf(sdk_settings(builder).build())
}

/// Turns the SDK's own retries off for one call, because its caller repeats it until a deadline.
pub(crate) fn once() -> Builder {
    Config::builder().retry_config(RetryConfig::disabled())
}
