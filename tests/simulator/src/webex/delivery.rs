//! A signed webhook request (section 5).

use std::fmt;
use std::time::Duration;

use anyhow::Context as _;
use hmac::{Hmac, KeyInit as _, Mac as _};
use reqwest::redirect::Policy;
use sha1::Sha1;
use sha2::{Sha256, Sha512};

/// How long a delivery waits for the response. Webex documents no time-out; a short one is assumed.
const TIMEOUT: Duration = Duration::from_secs(5);

/// The headers and the raw body of one delivery.
#[derive(Clone, PartialEq, Eq)]
pub struct Delivery {
    /// Names and values, as sent.
    pub headers: Vec<(String, String)>,
    /// The bytes that were signed.
    pub body: Vec<u8>,
}

impl Delivery {
    /// A delivery without a signature, as from a registration without a secret.
    pub fn unsigned(body: Vec<u8>) -> Self {
        let headers = vec![("Content-Type".to_owned(), "application/json".to_owned())];
        Self { headers, body }
    }

    /// `X-Spark-Signature`: HMAC-SHA1 of the raw body in lower-case hex.
    pub fn sign(secret: &str, body: Vec<u8>) -> Self {
        let signature = spark_signature(secret, &body);
        Self::unsigned(body).with("X-Spark-Signature", signature)
    }

    /// Adds `X-Webex-Signature` with SHA-256 and SHA-512, as some webhook types have it.
    #[must_use]
    pub fn with_webex_signature(self, secret: &str) -> Self {
        let signature = webex_signature(secret, &self.body);
        self.with("X-Webex-Signature", signature)
    }

    /// Adds a header, replacing one of the same name.
    #[must_use]
    pub fn with(mut self, name: &str, value: impl Into<String>) -> Self {
        self.headers.retain(|(known, _)| !known.eq_ignore_ascii_case(name));
        self.headers.push((name.to_owned(), value.into()));
        self
    }

    /// The value of a header; case does not matter.
    pub fn header(&self, name: &str) -> Option<&str> {
        let header = self.headers.iter().find(|(known, _)| known.eq_ignore_ascii_case(name))?;
        Some(&header.1)
    }

    /// Posts the delivery and returns the status of the response.
    pub async fn post(&self, url: &str) -> anyhow::Result<u16> {
        // Deliveries go to loopback without TLS, and loading the system's certificates takes longer than the request.
        let client = reqwest::Client::builder().tls_certs_only([]).no_proxy();
        let client = client.timeout(TIMEOUT).redirect(Policy::none()).build()?;
        let mut request = client.post(url).body(self.body.clone());
        for (name, value) in &self.headers {
            request = request.header(name, value);
        }
        let response = request.send().await;
        let response = response.with_context(|| format!("cannot deliver to {url}"))?;
        Ok(response.status().as_u16())
    }
}

impl fmt::Debug for Delivery {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let body = String::from_utf8_lossy(&self.body);
        f.debug_struct("Delivery").field("body", &body).finish_non_exhaustive()
    }
}

/// 40 lower-case hex digits, no prefix.
fn spark_signature(secret: &str, body: &[u8]) -> String {
    // HMAC accepts keys of any length, so this never fails.
    let mac = Hmac::<Sha1>::new_from_slice(secret.as_bytes());
    mac.map(|mac| hex::encode(mac.chain_update(body).finalize().into_bytes())).unwrap_or_default()
}

/// `SHA-256=<hex>, SHA-512=<hex>`.
fn webex_signature(secret: &str, body: &[u8]) -> String {
    let mac = Hmac::<Sha256>::new_from_slice(secret.as_bytes());
    let sha256 = mac.map(|mac| hex::encode(mac.chain_update(body).finalize().into_bytes())).unwrap_or_default();
    let mac = Hmac::<Sha512>::new_from_slice(secret.as_bytes());
    let sha512 = mac.map(|mac| hex::encode(mac.chain_update(body).finalize().into_bytes())).unwrap_or_default();
    format!("SHA-256={sha256}, SHA-512={sha512}")
}
