//! Fetching an issuer's keys: its discovery document, then the key set that this names.

use std::sync::OnceLock;
use std::time::Duration;

use reqwest::{Client, StatusCode, redirect, retry};
use serde::Deserialize;

use super::keys::Keys;
use super::trusted::is_safe;

/// Longest time for one of the two documents; a caller waits for both.
const TIME_OUT: Duration = Duration::from_secs(3);
/// Most bytes of a document; the longest known key set has 15 KiB.
const LONGEST: usize = 256 * 1024;

/// The HTTP client, made when the first token comes.
#[derive(Default)]
pub(super) struct Http(OnceLock<Client>);

/// Why there are no keys.
#[derive(Debug, thiserror::Error)]
pub(super) enum FetchError {
    #[error("{0} does not answer")]
    Http(String, #[source] reqwest::Error),
    #[error("{0} answers {1}")]
    Status(String, StatusCode),
    #[error("{0} is longer than {LONGEST} bytes")]
    TooLong(String),
    #[error("{0} is no such document")]
    Unreadable(String, #[source] serde_json::Error),
    #[error("the discovery document is of another issuer")]
    AnotherIssuer,
    #[error("the key set is neither on https nor on this machine")]
    Unsafe,
}

#[derive(Deserialize)]
struct Discovery {
    issuer: String,
    jwks_uri: String,
}

impl Http {
    /// The keys that `issuer` has now.
    pub(super) async fn keys(&self, issuer: &str) -> Result<Keys, FetchError> {
        let url = format!("{}/.well-known/openid-configuration", issuer.trim_end_matches('/'));
        let document = self.document(&url).await?;
        let found: Discovery =
            serde_json::from_slice(&document).map_err(|error| FetchError::Unreadable(url.clone(), error))?;
        if found.issuer != issuer {
            return Err(FetchError::AnotherIssuer);
        }
        if !is_safe(&found.jwks_uri) || (issuer.starts_with("https:") && !found.jwks_uri.starts_with("https:")) {
            return Err(FetchError::Unsafe);
        }
        let keys = self.document(&found.jwks_uri).await?;
        Keys::read(&keys).map_err(|error| FetchError::Unreadable(found.jwks_uri, error))
    }

    async fn document(&self, url: &str) -> Result<Vec<u8>, FetchError> {
        let lost = |error: reqwest::Error| FetchError::Http(url.to_owned(), error.without_url());
        let mut response = self.client().map_err(lost)?.get(url).send().await.map_err(lost)?;
        if response.status() != StatusCode::OK {
            return Err(FetchError::Status(url.to_owned(), response.status()));
        }
        let mut document = Vec::new();
        while let Some(chunk) = response.chunk().await.map_err(lost)? {
            document.extend_from_slice(&chunk);
            if document.len() > LONGEST {
                return Err(FetchError::TooLong(url.to_owned()));
            }
        }
        Ok(document)
    }

    /// Goes where it is told and nowhere else: no redirect, no proxy, no retry but the next token's.
    fn client(&self) -> Result<&Client, reqwest::Error> {
        if let Some(client) = self.0.get() {
            return Ok(client);
        }
        let made = Client::builder()
            .user_agent(concat!("webex-token-broker/", env!("CARGO_PKG_VERSION")))
            .timeout(TIME_OUT)
            .pool_max_idle_per_host(0)
            .redirect(redirect::Policy::none())
            .retry(retry::never())
            .referer(false)
            .no_proxy()
            .build()?;
        Ok(self.0.get_or_init(|| made))
    }
}
