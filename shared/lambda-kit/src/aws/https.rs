//! One HTTPS connector for all clients of the SDK.
//!
//! The SDK's own HTTP client puts every trust anchor of the system into a connector for each client when it checks it, and
//! once more for its first connection. This one is made once, and reads the system's anchors only if it needs them: of
//! the 140 of a system, Amazon uses five, and to parse the others was nine tenths of a start (decision 0044).

use std::sync::{Arc, OnceLock};
use std::time::Duration;

use aws_smithy_async::rt::sleep::TokioSleep;
use aws_smithy_http_client::Connector;
use aws_smithy_http_client::tls::rustls_provider::CryptoMode;
use aws_smithy_http_client::tls::{Provider, TlsContext, TrustStore};
use aws_smithy_runtime_api::client::http::{
    HttpClient, HttpConnector, HttpConnectorFuture, HttpConnectorSettings, SharedHttpConnector,
};
use aws_smithy_runtime_api::client::orchestrator::HttpRequest;
use aws_smithy_runtime_api::client::result::ConnectorError;
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponents;

use crate::config::Lookup;

/// Time to open a connection. The services are in the same region, so a slower connection will not open at all. The
/// clients' own settings do not reach the connector that they share.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(2);

/// The five roots that Amazon recommends for trust stores of one's own (<https://www.amazontrust.com/repository/>).
const AMAZON_ROOTS: &[u8] = include_bytes!("amazon-roots.pem");

/// Variables that name the trust anchors of a process. With one of them, these anchors count and no others.
const ANCHOR_VARIABLES: [&str; 2] = ["SSL_CERT_FILE", "SSL_CERT_DIR"];

/// The connector that all clients share.
#[derive(Debug, Clone)]
pub(super) struct SharedHttps(SharedHttpConnector);

impl SharedHttps {
    /// A connector that trusts the anchors named by the environment, else Amazon's and then the system's.
    pub(super) fn new(lookup: Lookup<'_>) -> Self {
        if ANCHOR_VARIABLES.into_iter().any(|name| lookup(name).is_some()) {
            return Self(connector(TrustStore::default()));
        }
        let amazon = TrustStore::empty().with_pem_certificate(AMAZON_ROOTS);
        Self(AnchorsByNeed::shared(amazon, TrustStore::default))
    }
}

impl HttpClient for SharedHttps {
    fn http_connector(&self, _: &HttpConnectorSettings, _: &RuntimeComponents) -> SharedHttpConnector {
        self.0.clone()
    }
}

fn connector(anchors: TrustStore) -> SharedHttpConnector {
    let settings = HttpConnectorSettings::builder().connect_timeout(CONNECT_TIMEOUT).build();
    let mut builder = Connector::builder()
        .connector_settings(settings)
        .sleep_impl(TokioSleep::new())
        .tls_provider(Provider::Rustls(CryptoMode::AwsLc));
    if let Ok(context) = TlsContext::builder().with_trust_store(anchors).build() {
        builder = builder.tls_context(context);
    }
    SharedHttpConnector::new(builder.build())
}

/// A connector that knows few trust anchors, and reads all of them when a server has a certificate of none of these: that
/// of an endpoint of one's own, of a proxy that inspects TLS, or of a root that Amazon did not have when this was built.
#[derive(Debug, Clone)]
struct AnchorsByNeed {
    few: SharedHttpConnector,
    /// Where it is set, it is used for every request.
    all: Arc<OnceLock<SharedHttpConnector>>,
    all_anchors: fn() -> TrustStore,
}

impl AnchorsByNeed {
    fn shared(few: TrustStore, all_anchors: fn() -> TrustStore) -> SharedHttpConnector {
        SharedHttpConnector::new(Self { few: connector(few), all: Arc::default(), all_anchors })
    }
}

impl HttpConnector for AnchorsByNeed {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        if let Some(all) = self.all.get() {
            return all.call(request);
        }
        let this = self.clone();
        HttpConnectorFuture::new(async move {
            let again = request.try_clone();
            match (this.few.call(request).await, again) {
                (Err(error), Some(request)) if is_unknown_issuer(&error) => {
                    let all = this.all.get_or_init(|| connector((this.all_anchors)()));
                    all.call(request).await
                }
                (result, _) => result,
            }
        })
    }
}

/// Whether the server's certificate leads to no trust anchor. No request was sent then. The error of rustls lies within
/// several others, which hide it from `source`.
fn is_unknown_issuer(error: &ConnectorError) -> bool {
    format!("{error:?}").contains("UnknownIssuer")
}

#[cfg(test)]
mod tests;
