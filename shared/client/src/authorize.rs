//! Showing who is asking.

use std::future::Future;
use std::time::SystemTime;

use aws_credential_types::provider::{ProvideCredentials, SharedCredentialsProvider};
use aws_sigv4::http_request::{SignableBody, SignableRequest, SigningSettings, sign};
use aws_sigv4::sign::v4::SigningParams;

/// Any error.
pub type BoxError = Box<dyn std::error::Error + Send + Sync>;

/// A request on its way to the broker.
#[derive(Debug, Clone, Copy)]
pub struct Outgoing<'a> {
    /// `GET` or `POST`.
    pub method: &'a str,
    /// The whole URL.
    pub url: &'a str,
    /// The body; empty if there is none.
    pub body: &'a [u8],
    /// The present moment.
    pub now: SystemTime,
}

/// Headers that show who is asking.
pub trait Authorize: Send + Sync {
    /// Names and values for this request.
    fn headers(
        &self,
        request: Outgoing<'_>,
    ) -> impl Future<Output = Result<Vec<(&'static str, String)>, BoxError>> + Send;
}

/// AWS Signature Version 4, by whatever credentials the SDK has.
#[derive(Debug, Clone)]
pub struct SigV4 {
    region: String,
    service: &'static str,
    credentials: SharedCredentialsProvider,
}

impl SigV4 {
    /// For a broker behind a Function URL.
    pub fn function_url(region: &str, credentials: impl ProvideCredentials + 'static) -> Self {
        let credentials = SharedCredentialsProvider::new(credentials);
        Self { region: region.to_owned(), service: "lambda", credentials }
    }

    /// For a broker behind an API Gateway.
    pub fn api_gateway(region: &str, credentials: impl ProvideCredentials + 'static) -> Self {
        Self { service: "execute-api", ..Self::function_url(region, credentials) }
    }
}

impl Authorize for SigV4 {
    async fn headers(&self, request: Outgoing<'_>) -> Result<Vec<(&'static str, String)>, BoxError> {
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

/// An identity token, asked for before each request to the broker: whoever makes it may keep it.
#[derive(Debug, Clone)]
pub struct Bearer<F>(pub F);

impl<F, R> Authorize for Bearer<F>
where
    F: Fn() -> R + Send + Sync,
    R: Future<Output = Result<String, BoxError>> + Send,
{
    async fn headers(&self, _: Outgoing<'_>) -> Result<Vec<(&'static str, String)>, BoxError> {
        Ok(vec![("authorization", format!("Bearer {}", (self.0)().await?))])
    }
}
