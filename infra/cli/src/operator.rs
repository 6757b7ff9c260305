//! Who gives a command, for the history of a grant.

use std::time::Duration;

use aws_sdk_sts::Client;
use aws_sdk_sts::config::Builder;
use aws_sdk_sts::config::retry::RetryConfig;
use aws_sdk_sts::config::timeout::TimeoutConfig;

use crate::session::Session;

/// Longest wait for the identity. A command is not held up for a name in a history.
const LONGEST: Duration = Duration::from_secs(3);

/// The ARN of the caller, or `user@host` where AWS does not say it soon.
pub(crate) async fn operator(session: &Session<'_>) -> String {
    match caller_arn(session).await {
        Some(arn) => arn,
        None => session.machine.user_and_host(),
    }
}

async fn caller_arn(session: &Session<'_>) -> Option<String> {
    let config = Builder::from(session.sdk().ok()?)
        .retry_config(RetryConfig::disabled())
        .timeout_config(TimeoutConfig::builder().operation_timeout(LONGEST).build())
        .build();
    let identity = Client::from_conf(config).get_caller_identity().send().await.ok()?;
    identity.arn
}
