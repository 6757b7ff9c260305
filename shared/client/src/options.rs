//! How a client behaves.

use std::time::Duration;

/// How a client behaves. The default is right for a program that calls Webex.
#[derive(Debug, Clone, Copy)]
pub struct ClientOptions {
    /// The life that a token must have left: by default 5 minutes, enough for the longest call to Webex.
    pub min_ttl: Duration,
    /// The longest time that [`VendClient::token`] waits as `Retry-After` says; by default it does not wait.
    ///
    /// [`VendClient::token`]: crate::VendClient::token
    pub max_wait: Duration,
    /// The time for which a broker that failed once is not asked again, although no token is held and the broker gave no
    /// time. It doubles with each failure, up to 5 seconds. By default there is none: each call asks.
    pub backoff: Duration,
}

impl Default for ClientOptions {
    fn default() -> Self {
        Self { min_ttl: Duration::from_mins(5), max_wait: Duration::ZERO, backoff: Duration::ZERO }
    }
}
