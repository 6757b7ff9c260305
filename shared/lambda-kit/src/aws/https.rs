//! One HTTPS connector for all clients of the SDK.
//!
//! The SDK's own HTTP client parses every trust anchor of the system for each client, once to check it and once more for
//! its first connection. Nine tenths of the instructions of a start went into that, and most of those of a first request,
//! which at 128 MB has a fourteenth of a processor. A start has a whole one.

use std::time::Duration;

use aws_smithy_async::rt::sleep::{SharedAsyncSleep, TokioSleep};
use aws_smithy_http_client::default_connector;
use aws_smithy_runtime_api::client::http::{HttpClient, HttpConnectorSettings, SharedHttpConnector};
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponents;

/// Time to open a connection. The services are in the same region, so a slower connection will not open at all. The
/// clients' own settings do not reach the connector that they share.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(2);

/// The SDK's default connector, made once.
#[derive(Debug)]
pub(super) struct SharedHttps(SharedHttpConnector);

impl SharedHttps {
    /// Parses the trust anchors. `None` if the SDK was built without TLS.
    pub(super) fn new() -> Option<Self> {
        let settings = HttpConnectorSettings::builder().connect_timeout(CONNECT_TIMEOUT).build();
        default_connector(&settings, Some(SharedAsyncSleep::new(TokioSleep::new()))).map(Self)
    }
}

impl HttpClient for SharedHttps {
    fn http_connector(&self, _: &HttpConnectorSettings, _: &RuntimeComponents) -> SharedHttpConnector {
        self.0.clone()
    }
}
