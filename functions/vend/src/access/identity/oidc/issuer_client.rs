//! Fetches an issuer's keys: the discovery document, then the key set that it names; or the key set that the configuration
//! names.

use std::sync::OnceLock;
use std::time::Duration;

use reqwest::{Client, StatusCode, redirect, retry};
use serde::Deserialize;

use super::key_set::KeySet;
use super::trusted::{KeySource, TrustedIssuer, is_safe_url};

/// Time-out of each of the two requests. The caller waits for both.
const TIME_OUT: Duration = Duration::from_secs(3);
/// Longest accepted document. The largest known key set has 15 KiB.
const MAX_DOCUMENT_BYTES: usize = 256 * 1024;

/// An HTTP client, built when the first token arrives.
#[derive(Default)]
pub(super) struct IssuerClient(OnceLock<Client>);

/// Why the keys could not be fetched.
#[derive(Debug, thiserror::Error)]
pub(super) enum KeyFetchError {
    #[error("{0} cannot be reached")]
    Unreachable(String, #[source] reqwest::Error),
    #[error("{0} answered {1}")]
    Status(String, StatusCode),
    #[error("{0} is longer than {MAX_DOCUMENT_BYTES} bytes")]
    TooLong(String),
    #[error("{0} does not have the expected form")]
    Malformed(String, #[source] serde_json::Error),
    #[error("the discovery document names another issuer")]
    WrongIssuer,
    #[error("the URL of the key set is neither https nor on loopback")]
    UnsafeUrl,
}

#[derive(Deserialize)]
struct DiscoveryDocument {
    issuer: String,
    jwks_uri: String,
}

impl IssuerClient {
    /// The keys that the issuer publishes now.
    pub(super) async fn keys(&self, trusted: &TrustedIssuer) -> Result<KeySet, KeyFetchError> {
        let url = match &trusted.keys {
            KeySource::Url(url) => url.clone(),
            KeySource::Discovery | KeySource::Inline(_) => self.discover(&trusted.issuer).await?,
        };
        let document = self.get(&url).await?;
        KeySet::parse(&document).map_err(|error| KeyFetchError::Malformed(url, error))
    }

    /// The URL of the key set, from the discovery document.
    async fn discover(&self, issuer: &str) -> Result<String, KeyFetchError> {
        let url = format!("{}/.well-known/openid-configuration", issuer.trim_end_matches('/'));
        let document = self.get(&url).await?;
        let discovery: DiscoveryDocument = match serde_json::from_slice(&document) {
            Ok(discovery) => discovery,
            Err(error) => return Err(KeyFetchError::Malformed(url, error)),
        };
        if discovery.issuer != issuer {
            return Err(KeyFetchError::WrongIssuer);
        }
        let is_downgrade = issuer.starts_with("https:") && !discovery.jwks_uri.starts_with("https:");
        if is_downgrade || !is_safe_url(&discovery.jwks_uri) {
            return Err(KeyFetchError::UnsafeUrl);
        }
        Ok(discovery.jwks_uri)
    }

    async fn get(&self, url: &str) -> Result<Vec<u8>, KeyFetchError> {
        let unreachable = |error: reqwest::Error| KeyFetchError::Unreachable(url.to_owned(), error.without_url());
        let client = self.client().map_err(unreachable)?;
        let mut response = client.get(url).send().await.map_err(unreachable)?;
        if response.status() != StatusCode::OK {
            return Err(KeyFetchError::Status(url.to_owned(), response.status()));
        }
        let mut document = Vec::new();
        while let Some(chunk) = response.chunk().await.map_err(unreachable)? {
            document.extend_from_slice(&chunk);
            if document.len() > MAX_DOCUMENT_BYTES {
                return Err(KeyFetchError::TooLong(url.to_owned()));
            }
        }
        Ok(document)
    }

    /// Redirects and proxies are off, so that requests go to the issuer only. The next token is the retry.
    fn client(&self) -> Result<&Client, reqwest::Error> {
        if let Some(client) = self.0.get() {
            return Ok(client);
        }
        let client = Client::builder()
            .user_agent(concat!("webex-token-broker/", env!("CARGO_PKG_VERSION")))
            .timeout(TIME_OUT)
            .pool_max_idle_per_host(0)
            .redirect(redirect::Policy::none())
            .retry(retry::never())
            .referer(false)
            .no_proxy()
            .build()?;
        Ok(self.0.get_or_init(|| client))
    }
}
