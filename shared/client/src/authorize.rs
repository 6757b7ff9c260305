//! Identifies the caller to the broker.

mod front;

use std::future::Future;
use std::path::PathBuf;
use std::time::SystemTime;

use aws_credential_types::provider::{ProvideCredentials, SharedCredentialsProvider};
use aws_sigv4::http_request::{SignableBody, SignableRequest, SigningSettings, sign};
use aws_sigv4::sign::v4::SigningParams;

pub use front::SigningFront;

/// Any error, boxed.
pub type BoxError = Box<dyn std::error::Error + Send + Sync>;

/// A request to the broker before it is authorised.
#[derive(Debug, Clone, Copy)]
pub struct UnsignedRequest<'a> {
    /// `GET` or `POST`.
    pub method: &'a str,
    /// The URL with its query.
    pub url: &'a str,
    /// The body; empty if there is none.
    pub body: &'a [u8],
    /// The current time.
    pub now: SystemTime,
}

/// A way to identify the caller to the broker.
pub trait Authorize: Send + Sync {
    /// The headers, as names and values, that identify the caller of this request.
    fn headers(
        &self,
        request: UnsignedRequest<'_>,
    ) -> impl Future<Output = Result<Vec<(&'static str, String)>, BoxError>> + Send;
}

/// AWS Signature Version 4 with the credentials of an SDK provider.
#[derive(Debug, Clone)]
pub struct SigV4 {
    region: String,
    service: &'static str,
    credentials: SharedCredentialsProvider,
}

impl SigV4 {
    /// Signs for a broker behind a Lambda Function URL.
    pub fn function_url(region: &str, credentials: impl ProvideCredentials + 'static) -> Self {
        Self::front(SigningFront { service: "lambda", region: region.to_owned() }, credentials)
    }

    /// Signs for a broker behind an API Gateway.
    pub fn api_gateway(region: &str, credentials: impl ProvideCredentials + 'static) -> Self {
        Self::front(SigningFront { service: "execute-api", region: region.to_owned() }, credentials)
    }

    /// Signs for what stands in front of the broker.
    pub fn front(front: SigningFront, credentials: impl ProvideCredentials + 'static) -> Self {
        let credentials = SharedCredentialsProvider::new(credentials);
        Self { region: front.region, service: front.service, credentials }
    }
}

impl Authorize for SigV4 {
    async fn headers(&self, request: UnsignedRequest<'_>) -> Result<Vec<(&'static str, String)>, BoxError> {
        let identity = self.credentials.provide_credentials().await?.into();
        let params = SigningParams::builder()
            .identity(&identity)
            .region(&self.region)
            .name(self.service)
            .time(request.now)
            .settings(SigningSettings::default())
            .build()?
            .into();
        let body = SignableBody::Bytes(request.body);
        let signable = SignableRequest::new(request.method, request.url, std::iter::empty(), body)?;
        let (instructions, _) = sign(signable, &params)?.into_parts();
        let (headers, _) = instructions.into_parts();
        Ok(headers.into_iter().map(|header| (header.name(), header.value().to_owned())).collect())
    }
}

/// An OIDC identity token. The function is called before each request, and may cache the token.
#[derive(Debug, Clone)]
pub struct Bearer<F>(pub F);

impl<F, R> Authorize for Bearer<F>
where
    F: Fn() -> R + Send + Sync,
    R: Future<Output = Result<String, BoxError>> + Send,
{
    async fn headers(&self, _: UnsignedRequest<'_>) -> Result<Vec<(&'static str, String)>, BoxError> {
        bearer(&(self.0)().await?)
    }
}

/// An OIDC identity token in a file, which is read before each request: its owner renews it.
#[derive(Debug, Clone)]
pub struct BearerFile(pub PathBuf);

impl Authorize for BearerFile {
    async fn headers(&self, _: UnsignedRequest<'_>) -> Result<Vec<(&'static str, String)>, BoxError> {
        let text = std::fs::read_to_string(&self.0)
            .map_err(|error| format!("the identity token cannot be read from {}: {error}", self.0.display()))?;
        bearer(&text)
    }
}

fn bearer(token: &str) -> Result<Vec<(&'static str, String)>, BoxError> {
    let token = token.trim();
    if token.is_empty() || !token.bytes().all(|byte| byte.is_ascii_graphic()) {
        return Err("the identity token is empty or no token".into());
    }
    Ok(vec![("authorization", format!("Bearer {token}"))])
}
