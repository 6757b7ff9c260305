//! Requests to vend.

use std::sync::OnceLock;
use std::time::{Duration, SystemTime};

use reqwest::header::CONTENT_TYPE;
use reqwest::{Method, redirect};
use serde_json::json;
use url::Url;

use crate::answer;
use crate::authorize::{Authorize, UnsignedRequest};
use crate::clock::TokenClock;
use crate::error::Error;
use crate::token::VendedToken;

/// The longest wait for an answer. The broker may have to renew the token first, and takes no longer than this itself.
const TIME_OUT: Duration = Duration::from_secs(30);
/// The longest wait for a connection.
const CONNECT_TIME_OUT: Duration = Duration::from_secs(3);
/// The longest wait by the clock. The time-outs above stand still while a Lambda environment is frozen, and the connection
/// may have died meanwhile.
const LONGEST_WAIT: Duration = Duration::from_secs(35);
/// How often a request that waits looks at the clock.
const CLOCK_INTERVAL: Duration = Duration::from_millis(250);
/// The longest answer that is read, in bytes.
const LONGEST_ANSWER: usize = 1 << 20;

/// The broker's address and an HTTP client for it.
pub(crate) struct VendApi {
    base: Url,
    /// Made for the first request: it reads the trust anchors of the system, which takes most of a start.
    client: OnceLock<reqwest::Client>,
}

impl VendApi {
    pub(crate) fn new(base: &str) -> Result<Self, Error> {
        let base = Url::parse(base.trim_end_matches('/')).map_err(|_| Error::Address)?;
        let is_plain = base.query().is_none() && base.fragment().is_none();
        if !matches!(base.scheme(), "http" | "https") || !is_plain {
            return Err(Error::Address);
        }
        Ok(Self { base, client: OnceLock::new() })
    }

    /// Asks for the grant's token with at least `min_ttl` left.
    pub(crate) async fn token(
        &self,
        app: &str,
        subject: &str,
        min_ttl: Duration,
        authorize: &impl Authorize,
        clock: &impl TokenClock,
    ) -> Result<VendedToken, Error> {
        let mut url = self.url(app, subject, &["token"])?;
        url.set_query(Some(&format!("min_ttl={}", min_ttl.as_secs())));
        self.request(url, String::new(), authorize, clock).await
    }

    /// Asks for the token that replaces the one with this SHA-256, which Webex has rejected.
    pub(crate) async fn report(
        &self,
        app: &str,
        subject: &str,
        sha256: &str,
        authorize: &impl Authorize,
        clock: &impl TokenClock,
    ) -> Result<VendedToken, Error> {
        let url = self.url(app, subject, &["token", "rejected"])?;
        let body = json!({"access_token_sha256": sha256}).to_string();
        self.request(url, body, authorize, clock).await
    }

    /// The URL of a grant's resource, whose path below the grant is `resource`.
    fn url(&self, app: &str, subject: &str, resource: &[&str]) -> Result<Url, Error> {
        if [app, subject].iter().any(|segment| matches!(*segment, "" | "." | "..")) {
            return Err(Error::Address);
        }
        let mut url = self.base.clone();
        let mut path = url.path_segments_mut().map_err(|()| Error::Address)?;
        path.pop_if_empty().extend(["v1", "apps", app, "grants", subject]).extend(resource);
        drop(path);
        Ok(url)
    }

    /// Sends a request: a POST if there is a body, otherwise a GET. It is sent once more if the process was frozen while it
    /// waited for the answer.
    async fn request(
        &self,
        url: Url,
        body: String,
        authorize: &impl Authorize,
        clock: &impl TokenClock,
    ) -> Result<VendedToken, Error> {
        for _ in 0..2 {
            let started = clock.now();
            tokio::select! {
                result = self.send(url.clone(), body.clone(), authorize, started) => return result,
                () = frozen(clock, started) => {}
            }
        }
        Err(Error::unreachable("the answer did not come while the process was frozen twice"))
    }

    async fn send(
        &self,
        url: Url,
        body: String,
        authorize: &impl Authorize,
        now: SystemTime,
    ) -> Result<VendedToken, Error> {
        let method = if body.is_empty() { Method::GET } else { Method::POST };
        let unsigned = UnsignedRequest { method: method.as_str(), url: url.as_str(), body: body.as_bytes(), now };
        let headers = authorize.headers(unsigned).await.map_err(|error| Error::Identity(error.into()))?;
        let mut request = self.client()?.request(method, url);
        for (name, value) in headers {
            request = request.header(name, value);
        }
        if !body.is_empty() {
            request = request.header(CONTENT_TYPE, "application/json").body(body);
        }
        let mut response = request.send().await.map_err(without_url)?;
        let mut text = Vec::new();
        while let Some(part) = response.chunk().await.map_err(without_url)? {
            text.extend_from_slice(&part);
            if text.len() > LONGEST_ANSWER {
                break;
            }
        }
        answer::read(response.status().as_u16(), response.headers(), &text, now)
    }

    fn client(&self) -> Result<&reqwest::Client, Error> {
        if let Some(client) = self.client.get() {
            return Ok(client);
        }
        let client = reqwest::Client::builder()
            .timeout(TIME_OUT)
            .connect_timeout(CONNECT_TIME_OUT)
            // A redirect would send the caller's identity to another host.
            .redirect(redirect::Policy::none())
            // A request in many minutes gains nothing from an open connection, which may die unseen in a freeze.
            .pool_max_idle_per_host(0)
            .build()
            .map_err(without_url)?;
        Ok(self.client.get_or_init(|| client))
    }
}

/// The address names the grant, which the caller knows.
fn without_url(error: reqwest::Error) -> Error {
    Error::unreachable(error.without_url())
}

/// Waits until the clock is so far beyond `started` that the process must have been frozen.
async fn frozen(clock: &impl TokenClock, started: SystemTime) {
    loop {
        tokio::time::sleep(CLOCK_INTERVAL).await;
        if clock.now().duration_since(started).unwrap_or_default() > LONGEST_WAIT {
            return;
        }
    }
}
