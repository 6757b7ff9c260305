//! One request to the broker, and what comes back.

use std::time::{Duration, SystemTime};

use reqwest::header::{CONTENT_TYPE, HeaderMap, RETRY_AFTER};
use reqwest::{Method, redirect};
use serde::Deserialize;
use url::Url;

use crate::authorize::{Authorize, Outgoing};
use crate::{Error, Problem, Token};

/// Longest time for an answer: the broker may have to renew the token first, and takes no longer itself.
const TIME_OUT: Duration = Duration::from_secs(30);
/// Longest time to make a connection.
const CONNECT_TIME_OUT: Duration = Duration::from_secs(3);

#[derive(Deserialize)]
struct Vended {
    access_token: String,
    expires_in: u64,
}

/// The broker's address, and how to get there.
pub(crate) struct Http {
    base: Url,
    client: reqwest::Client,
}

impl Http {
    pub(crate) fn new(base: &str) -> Result<Self, Error> {
        let base = Url::parse(base.trim_end_matches('/')).map_err(|_| Error::Address)?;
        if !matches!(base.scheme(), "http" | "https") {
            return Err(Error::Address);
        }
        // A redirect could carry the identity elsewhere.
        let client = reqwest::Client::builder()
            .timeout(TIME_OUT)
            .connect_timeout(CONNECT_TIME_OUT)
            .redirect(redirect::Policy::none())
            .build()
            .map_err(unreachable)?;
        Ok(Self { base, client })
    }

    /// The address of something about a grant.
    pub(crate) fn url(&self, app: &str, subject: &str, last: &[&str], query: &str) -> Result<Url, Error> {
        let mut url = self.base.clone();
        let mut path = url.path_segments_mut().map_err(|()| Error::Address)?;
        path.pop_if_empty().extend(["v1", "apps", app, "grants", subject]).extend(last);
        drop(path);
        url.set_query(Some(query).filter(|query| !query.is_empty()));
        Ok(url)
    }

    /// Sends a request for a token; a body makes it a POST.
    pub(crate) async fn ask(
        &self,
        url: Url,
        body: String,
        by: &impl Authorize,
        now: SystemTime,
    ) -> Result<Token, Error> {
        let method = if body.is_empty() { Method::GET } else { Method::POST };
        let outgoing = Outgoing { method: method.as_str(), url: url.as_str(), body: body.as_bytes(), now };
        let headers = by.headers(outgoing).await.map_err(|error| Error::Identity(error.into()))?;
        let mut request = self.client.request(method, url);
        for (name, value) in headers {
            request = request.header(name, value);
        }
        if !body.is_empty() {
            request = request.header(CONTENT_TYPE, "application/json").body(body);
        }
        let response = request.send().await.map_err(unreachable)?;
        let (status, headers) = (response.status().as_u16(), response.headers().clone());
        let text = response.bytes().await.map_err(unreachable)?;
        read(status, &headers, &text, now)
    }
}

fn unreachable(error: reqwest::Error) -> Error {
    Error::Unreachable(error.into())
}

fn read(status: u16, headers: &HeaderMap, body: &[u8], now: SystemTime) -> Result<Token, Error> {
    if status == 200 {
        let vended: Vended = serde_json::from_slice(body).map_err(|_| Error::Unintelligible(status))?;
        return Ok(Token::new(vended.access_token, now + Duration::from_secs(vended.expires_in)));
    }
    let problem: Problem = serde_json::from_slice(body).map_err(|_| Error::Unintelligible(status))?;
    let again = headers.get(RETRY_AFTER).and_then(|value| value.to_str().ok()?.parse().ok());
    Err(Error::Refused(Problem { retry_after: again.map(Duration::from_secs), ..problem }))
}
