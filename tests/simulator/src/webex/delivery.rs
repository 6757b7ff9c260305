//! A webhook request, signed and ready (section 5).

use std::fmt;
use std::time::Duration;

use anyhow::Context as _;
use hmac::{Hmac, KeyInit as _, Mac as _};
use reqwest::redirect::Policy;
use sha1::Sha1;
use sha2::{Sha256, Sha512};

/// How long a delivery waits for its answer. Webex does not say; "a short time-out".
const TIMEOUT: Duration = Duration::from_secs(5);

/// Headers and raw body of one delivery.
#[derive(Clone, PartialEq, Eq)]
pub struct Delivery {
    /// Name and value, as sent.
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

    /// Adds a header, or replaces it.
    #[must_use]
    pub fn with(mut self, name: &str, value: impl Into<String>) -> Self {
        self.headers.retain(|(known, _)| !known.eq_ignore_ascii_case(name));
        self.headers.push((name.to_owned(), value.into()));
        self
    }

    /// A header's value.
    pub fn header(&self, name: &str) -> Option<&str> {
        let named = |(known, _): &&(String, String)| known.eq_ignore_ascii_case(name);
        self.headers.iter().find(named).map(|(_, value)| value.as_str())
    }

    /// Posts it as it is and gives the status answered.
    pub async fn post(&self, url: &str) -> anyhow::Result<u16> {
        // A delivery is to loopback, in the clear: reading the system's certificates would be most of its time.
        let client = reqwest::Client::builder().tls_certs_only([]).no_proxy();
        let client = client.timeout(TIMEOUT).redirect(Policy::none()).build()?;
        let request = client.post(url).body(self.body.clone());
        let request = self.headers.iter().fold(request, |request, (name, value)| request.header(name, value));
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
    // An HMAC takes a key of any length.
    Hmac::<Sha1>::new_from_slice(secret.as_bytes())
        .map(|mac| hex::encode(mac.chain_update(body).finalize().into_bytes()))
        .unwrap_or_default()
}

/// `SHA-256=<hex>, SHA-512=<hex>`.
fn webex_signature(secret: &str, body: &[u8]) -> String {
    let sha256 = Hmac::<Sha256>::new_from_slice(secret.as_bytes())
        .map(|mac| hex::encode(mac.chain_update(body).finalize().into_bytes()));
    let sha512 = Hmac::<Sha512>::new_from_slice(secret.as_bytes())
        .map(|mac| hex::encode(mac.chain_update(body).finalize().into_bytes()));
    let (sha256, sha512) = (sha256.unwrap_or_default(), sha512.unwrap_or_default());
    format!("SHA-256={sha256}, SHA-512={sha512}")
}
