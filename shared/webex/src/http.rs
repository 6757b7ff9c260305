//! One attempt: the HTTP client, its time-outs, and what comes back.

use std::sync::OnceLock;
use std::time::Duration;

use broker_core::error::chain;
use jiff::SignedDuration;
use reqwest::header::HeaderMap;
use reqwest::{Client, Response, redirect, retry};

use crate::call::Call;
use crate::retry::{How, Repeat};

/// Longest time to make a connection, TLS included. Webex is some 200 ms away at most.
const CONNECT_TIME_OUT: Duration = Duration::from_secs(5);
/// Longest time for one attempt from connecting to the last byte. Two of them fit into the 30 s of a waiting HTTP
/// caller.
pub(crate) const REQUEST_TIME_OUT: SignedDuration = SignedDuration::from_secs(14);
/// Longest time that an idle connection is reused. A frozen Lambda does not see it being closed.
const IDLE_TIME_OUT: Duration = Duration::from_secs(20);
/// Most bytes of a body that are read. The longest known answer, a hundred webhooks, has about 100 KiB.
const BODY_LIMIT: usize = 1024 * 1024;

/// The HTTP client, made at the first call: reading the system's certificates costs milliseconds that a cold start
/// need not spend.
#[derive(Default)]
pub(crate) struct Http {
    /// Reuses connections.
    keeping: OnceLock<Client>,
    /// Makes a connection for each request: one that went stale while the Lambda was frozen breaks after the request
    /// is sent, and what may not be sent twice would be lost to that.
    fresh: OnceLock<Client>,
}

/// Any complete answer.
pub(crate) struct Reply {
    pub(crate) status: u16,
    pub(crate) headers: HeaderMap,
    /// At most `BODY_LIMIT` bytes of it.
    pub(crate) body: Vec<u8>,
}

/// No complete answer.
pub(crate) struct Lost {
    pub(crate) how: How,
    /// In the HTTP client's words, which never hold the URL.
    pub(crate) cause: String,
}

impl Http {
    /// Sends `call` once. `tracking_id` is ours, for Cisco's support to find an attempt that was never answered.
    pub(crate) async fn send(&self, call: &Call<'_>, tracking_id: &str, time_out: Duration) -> Result<Reply, Lost> {
        let request = call.request(self.client(call.repeat).map_err(Lost::from)?);
        let request = request.header("TrackingID", tracking_id).timeout(time_out);
        read(request.send().await.map_err(Lost::from)?).await
    }

    fn client(&self, repeat: Repeat) -> Result<&Client, reqwest::Error> {
        let (made, idle_connections) = match repeat {
            Repeat::Freely => (&self.keeping, usize::MAX),
            Repeat::UnlessDone => (&self.fresh, 0),
        };
        if let Some(client) = made.get() {
            return Ok(client);
        }
        let client = client(idle_connections)?;
        Ok(made.get_or_init(|| client))
    }
}

/// Goes where it is told and nowhere else: no proxy from the environment, no redirect that could carry credentials
/// off, no retries but those of the policy.
fn client(idle_connections: usize) -> Result<Client, reqwest::Error> {
    Client::builder()
        .user_agent(concat!("webex-token-broker/", env!("CARGO_PKG_VERSION")))
        .connect_timeout(CONNECT_TIME_OUT)
        .pool_idle_timeout(IDLE_TIME_OUT)
        .pool_max_idle_per_host(idle_connections)
        .redirect(redirect::Policy::none())
        .retry(retry::never())
        .referer(false)
        .no_proxy()
        .build()
}

/// Reads the body. Of a refusal what has come is enough; of a success nothing may be missing.
async fn read(mut response: Response) -> Result<Reply, Lost> {
    let (status, headers) = (response.status(), response.headers().clone());
    let mut body = Vec::new();
    while body.len() < BODY_LIMIT {
        match response.chunk().await {
            Ok(Some(chunk)) => body.extend_from_slice(&chunk[..chunk.len().min(BODY_LIMIT - body.len())]),
            Err(error) if status.is_success() => return Err(error.into()),
            Ok(None) | Err(_) => break,
        }
    }
    let status = status.as_u16();
    Ok(Reply { status, headers, body })
}

impl From<reqwest::Error> for Lost {
    fn from(error: reqwest::Error) -> Self {
        let how = if error.is_builder() {
            How::Unsendable
        } else if error.is_connect() {
            How::NotConnected
        } else if error.is_timeout() {
            How::TimedOut
        } else {
            How::Broken
        };
        Self { how, cause: chain(&error.without_url()) }
    }
}
