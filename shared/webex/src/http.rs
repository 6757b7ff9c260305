//! One attempt: the HTTP client, its time-outs, and the raw response.

use std::sync::OnceLock;
use std::time::Duration;

use broker_core::error::chain;
use jiff::SignedDuration;
use reqwest::header::HeaderMap;
use reqwest::{Client, Response, redirect, retry};

use crate::request::WebexRequest;
use crate::retry::{AttemptFailure, Resend};

/// Longest time to connect, TLS included. Webex is 200 ms away at most.
const CONNECT_TIME_OUT: Duration = Duration::from_secs(5);
/// Longest time for one attempt, from connecting to the last byte. Two attempts fit into the 30 s that an HTTP caller
/// waits.
pub(crate) const REQUEST_TIME_OUT: SignedDuration = SignedDuration::from_secs(14);
/// Longest time that an idle connection is kept. A frozen Lambda does not notice that the server closes it.
const IDLE_TIME_OUT: Duration = Duration::from_secs(20);
/// Most bytes of a body that are read. The longest known body, a page of a hundred webhooks, has about 100 KiB.
const BODY_LIMIT: usize = 1024 * 1024;

/// The HTTP clients. They are built by the first request, because loading the system's certificates takes milliseconds
/// that a cold start need not spend.
#[derive(Default)]
pub(crate) struct WebexTransport {
    /// Reuses connections.
    pooled: OnceLock<Client>,
    /// Opens a connection for each request. A pooled connection that the server closed while the Lambda was frozen
    /// breaks after the request is sent, and a request that may not be sent twice would be lost.
    unpooled: OnceLock<Client>,
}

/// A complete response with any status.
pub(crate) struct RawResponse {
    pub(crate) status: u16,
    pub(crate) headers: HeaderMap,
    /// At most `BODY_LIMIT` bytes.
    pub(crate) body: Vec<u8>,
}

impl RawResponse {
    /// Whether the status is 2xx.
    pub(crate) fn is_success(&self) -> bool {
        (200..300).contains(&self.status)
    }
}

/// An attempt without a complete response.
pub(crate) struct TransportError {
    pub(crate) failure: AttemptFailure,
    /// The HTTP client's error chain, without the URL.
    pub(crate) message: String,
}

impl WebexTransport {
    /// Sends `request` once. `tracking_id` goes into the request header `TrackingID`, by which Cisco's support finds
    /// an attempt that was not answered.
    pub(crate) async fn send(
        &self,
        request: &WebexRequest<'_>,
        tracking_id: &str,
        time_out: Duration,
    ) -> Result<RawResponse, TransportError> {
        let client = self.client(request.resend)?;
        let builder = request.build(client).header("TrackingID", tracking_id).timeout(time_out);
        let response = builder.send().await?;
        read_response(response).await
    }

    fn client(&self, resend: Resend) -> Result<&Client, reqwest::Error> {
        let (cell, idle_connections) = match resend {
            Resend::Always => (&self.pooled, usize::MAX),
            Resend::IfNotExecuted => (&self.unpooled, 0),
        };
        if let Some(client) = cell.get() {
            return Ok(client);
        }
        let client = client(idle_connections)?;
        Ok(cell.get_or_init(|| client))
    }
}

/// A client that sends each request once and to its own URL: no proxy from the environment, no redirect that could
/// take credentials to another server, no retries.
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

/// Reads the body. If the connection breaks, the part that was read counts for an error response; a success must be
/// complete.
async fn read_response(mut response: Response) -> Result<RawResponse, TransportError> {
    let status = response.status();
    let headers = response.headers().clone();
    let mut body = Vec::new();
    while body.len() < BODY_LIMIT {
        match response.chunk().await {
            Ok(Some(chunk)) => body.extend_from_slice(&chunk[..chunk.len().min(BODY_LIMIT - body.len())]),
            Err(error) if status.is_success() => return Err(error.into()),
            Ok(None) | Err(_) => break,
        }
    }
    Ok(RawResponse { status: status.as_u16(), headers, body })
}

impl From<reqwest::Error> for TransportError {
    fn from(error: reqwest::Error) -> Self {
        let failure = if error.is_builder() {
            AttemptFailure::InvalidRequest
        } else if error.is_connect() {
            AttemptFailure::NotConnected
        } else if error.is_timeout() {
            AttemptFailure::TimedOut
        } else {
            AttemptFailure::ConnectionLost
        };
        Self { failure, message: chain(&error.without_url()) }
    }
}
