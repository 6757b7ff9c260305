//! Requests to Webex with the token of a grant.

use std::sync::Arc;

use reqwest::header::AUTHORIZATION;
use reqwest::{Client, Request, RequestBuilder, Response, StatusCode};
use url::Url;

use crate::authorize::Authorize;
use crate::clock::{SystemTokenClock, TokenClock};
use crate::error::Error;
use crate::token::VendedToken;
use crate::vend_client::VendClient;

/// Webex's own domains; their subdomains count too.
const WEBEX_HOSTS: [&str; 3] = ["webexapis.com", "webex.com", "wbx2.com"];

/// Sends requests to Webex with the token of a grant, and to other hosts without it. Webex's 401 is reported to the broker,
/// and the request is sent once more if that gives another token.
///
/// ```no_run
/// # async fn example(broker: client::VendClient<client::SigV4>, org: &str) -> Result<(), Box<dyn std::error::Error>> {
/// let http = reqwest::Client::builder().build()?;
/// let webex = client::WebexHttp::new(std::sync::Arc::new(broker), http.clone(), "reports", org);
/// let me = webex.execute(http.get("https://webexapis.com/v1/people/me").build()?).await?;
/// # let _ = me; Ok(()) }
/// ```
pub struct WebexHttp<A, C = SystemTokenClock> {
    broker: Arc<VendClient<A, C>>,
    http: Client,
    app: String,
    subject: String,
    hosts: Vec<String>,
}

/// Why a request to Webex has no answer.
#[derive(Debug, thiserror::Error)]
pub enum WebexHttpError {
    /// The broker gave no token. After a 401 of Webex: it has no other one.
    #[error(transparent)]
    Broker(#[from] Error),
    /// The request itself failed.
    #[error("the request to Webex failed")]
    Request(#[from] reqwest::Error),
}

impl<A: Authorize, C: TokenClock> WebexHttp<A, C> {
    /// Requests by `http` with the tokens that `broker` has for the grant of `subject` to `app`.
    pub fn new(broker: Arc<VendClient<A, C>>, http: Client, app: &str, subject: &str) -> Self {
        let hosts = WEBEX_HOSTS.map(str::to_owned).to_vec();
        Self { broker, http, app: app.to_owned(), subject: subject.to_owned(), hosts }
    }

    /// The same with other hosts that may see the token. Their subdomains may too.
    #[must_use]
    pub fn with_hosts(self, hosts: Vec<String>) -> Self {
        Self { hosts, ..self }
    }

    /// Sends `request` and returns the answer, whatever its status is. A request whose body is a stream is not sent again:
    /// its token is reported, and the answer is Webex's 401.
    ///
    /// # Errors
    /// [`WebexHttpError::Broker`] if the broker gives no token; [`WebexHttpError::Request`] if there is no answer.
    pub async fn execute(&self, request: Request) -> Result<Response, WebexHttpError> {
        if !self.may_see_token(request.url()) {
            return Ok(self.http.execute(request).await?);
        }
        let origin = request.url().origin();
        let copy = request.try_clone();
        let token = self.broker.token(&self.app, &self.subject).await?;
        let response = self.send(request, &token).await?;
        // reqwest drops the token when it follows a redirect to another host, so that the answer is not about it.
        if response.status() != StatusCode::UNAUTHORIZED || response.url().origin() != origin {
            return Ok(response);
        }
        let renewed = self.broker.rejected(&self.app, &self.subject, &token).await?;
        match copy {
            Some(request) if renewed.sha256() != token.sha256() => Ok(self.send(request, &renewed).await?),
            _ => Ok(response),
        }
    }

    async fn send(&self, mut request: Request, token: &VendedToken) -> reqwest::Result<Response> {
        request.headers_mut().remove(AUTHORIZATION);
        RequestBuilder::from_parts(self.http.clone(), request).bearer_auth(token.expose()).send().await
    }

    /// Whether `url` leads to one of the hosts or below it, over https; over http to this machine only.
    fn may_see_token(&self, url: &Url) -> bool {
        let host = url.host_str().unwrap_or_default();
        let is_private = url.scheme() == "https" || matches!(host, "127.0.0.1" | "[::1]" | "localhost");
        is_private && self.hosts.iter().any(|allowed| is_at_or_below(host, allowed))
    }
}

fn is_at_or_below(host: &str, domain: &str) -> bool {
    match host.strip_suffix(domain) {
        Some(rest) => rest.is_empty() || rest.ends_with('.'),
        None => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::authorize::{Bearer, BoxError};

    #[test]
    fn token_goes_to_webex_over_https_alone() {
        let identity = || std::future::ready(Ok::<_, BoxError>(String::new()));
        let broker = VendClient::new("https://vend.example", Bearer(identity)).unwrap();
        let webex = WebexHttp::new(Arc::new(broker), Client::builder().build().unwrap(), "reports", "acme");
        let may = |url: &str| webex.may_see_token(&Url::parse(url).unwrap());
        for url in ["https://webexapis.com/v1/people/me", "https://files.wbx2.com/a", "https://WEBEX.com:443/"] {
            assert!(may(url), "{url}");
        }
        let others = [
            "http://webexapis.com/v1/people/me",
            "https://notwebexapis.com/",
            "https://webexapis.com.evil.example/",
            "https://webexapis.com@evil.example/",
            "http://127.0.0.1/",
        ];
        for url in others {
            assert!(!may(url), "{url}");
        }
    }
}
