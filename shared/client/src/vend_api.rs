//! One request to vend, and its answer.

use std::time::{Duration, SystemTime};

use reqwest::header::{CONTENT_TYPE, HeaderMap, RETRY_AFTER};
use reqwest::{Method, redirect};
use serde::Deserialize;
use url::Url;

use crate::authorize::{Authorize, UnsignedRequest};
use crate::{Error, VendProblem, VendedToken};

/// The longest wait for an answer. The broker may have to renew the token first, and takes no longer than this itself.
const TIME_OUT: Duration = Duration::from_secs(30);
/// The longest wait for a connection.
const CONNECT_TIME_OUT: Duration = Duration::from_secs(3);

#[derive(Deserialize)]
struct TokenBody {
    access_token: String,
    expires_in: u64,
}

/// The broker's address and an HTTP client for it.
pub(crate) struct VendApi {
    base: Url,
    client: reqwest::Client,
}

impl VendApi {
    pub(crate) fn new(base: &str) -> Result<Self, Error> {
        let base = Url::parse(base.trim_end_matches('/')).map_err(|_| Error::Address)?;
        if !matches!(base.scheme(), "http" | "https") {
            return Err(Error::Address);
        }
        // A redirect would send the caller's identity to another host.
        let client = reqwest::Client::builder()
            .timeout(TIME_OUT)
            .connect_timeout(CONNECT_TIME_OUT)
            .redirect(redirect::Policy::none())
            .build()
            .map_err(unreachable)?;
        Ok(Self { base, client })
    }

    /// The URL of a grant's resource: its path segments below the grant, and its query.
    pub(crate) fn url(&self, app: &str, subject: &str, resource: &[&str], query: &str) -> Result<Url, Error> {
        let mut url = self.base.clone();
        let mut path = url.path_segments_mut().map_err(|()| Error::Address)?;
        path.pop_if_empty().extend(["v1", "apps", app, "grants", subject]).extend(resource);
        drop(path);
        if !query.is_empty() {
            url.set_query(Some(query));
        }
        Ok(url)
    }

    /// Sends a request for a token: a POST if there is a body, otherwise a GET.
    pub(crate) async fn request_token(
        &self,
        url: Url,
        body: String,
        authorize: &impl Authorize,
        now: SystemTime,
    ) -> Result<VendedToken, Error> {
        let method = if body.is_empty() { Method::GET } else { Method::POST };
        let unsigned = UnsignedRequest { method: method.as_str(), url: url.as_str(), body: body.as_bytes(), now };
        let headers = authorize.headers(unsigned).await.map_err(|error| Error::Identity(error.into()))?;
        let mut request = self.client.request(method, url);
        for (name, value) in headers {
            request = request.header(name, value);
        }
        if !body.is_empty() {
            request = request.header(CONTENT_TYPE, "application/json").body(body);
        }
        let response = request.send().await.map_err(unreachable)?;
        let status = response.status().as_u16();
        let headers = response.headers().clone();
        let text = response.bytes().await.map_err(unreachable)?;
        read_answer(status, &headers, &text, now)
    }
}

fn unreachable(error: reqwest::Error) -> Error {
    Error::Unreachable(error.into())
}

fn read_answer(status: u16, headers: &HeaderMap, body: &[u8], now: SystemTime) -> Result<VendedToken, Error> {
    if status == 200 {
        let body: TokenBody = serde_json::from_slice(body).map_err(|_| Error::UnexpectedAnswer(status))?;
        return Ok(VendedToken::new(body.access_token, now + Duration::from_secs(body.expires_in)));
    }
    let mut problem: VendProblem = serde_json::from_slice(body).map_err(|_| Error::UnexpectedAnswer(status))?;
    problem.retry_after = retry_after(headers);
    Err(Error::Refused(problem))
}

/// `Retry-After` in seconds; its other form, a date, is ignored.
fn retry_after(headers: &HeaderMap) -> Option<Duration> {
    let seconds = headers.get(RETRY_AFTER)?.to_str().ok()?.parse().ok()?;
    Some(Duration::from_secs(seconds))
}
