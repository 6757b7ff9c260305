//! The identity that the agent shows to vend: the AWS identity of this machine or function, or an OIDC identity token in
//! a file.

use client::{Authorize, BearerFile, BoxError, SigV4, SigningFront, UnsignedRequest};
use lambda_kit::aws;
use tokio::sync::OnceCell;

use crate::settings::Settings;

/// The identity that the agent shows to vend.
pub(crate) enum AgentIdentity {
    File(BearerFile),
    Aws(LazySigV4),
}

/// AWS's default chain of credentials, which is built for the first request: it takes longer than the rest of a start.
pub(crate) struct LazySigV4 {
    service: &'static str,
    region: Option<String>,
    signer: OnceCell<SigV4>,
}

impl AgentIdentity {
    pub(crate) fn new(settings: &Settings) -> Self {
        if let Some(file) = &settings.identity_token_file {
            return Self::File(BearerFile(file.clone()));
        }
        let (service, region) = settings.signing();
        Self::Aws(LazySigV4 { service, region, signer: OnceCell::new() })
    }
}

impl Authorize for AgentIdentity {
    async fn headers(&self, request: UnsignedRequest<'_>) -> Result<Vec<(&'static str, String)>, BoxError> {
        match self {
            Self::File(file) => file.headers(request).await,
            Self::Aws(lazy) => lazy.signer.get_or_try_init(|| lazy.build()).await?.headers(request).await,
        }
    }
}

impl LazySigV4 {
    async fn build(&self) -> Result<SigV4, BoxError> {
        let sdk = aws::load().await;
        let region = match &self.region {
            Some(region) => region.clone(),
            None => aws::region(&sdk).ok_or("no AWS region: set AWS_REGION")?.to_owned(),
        };
        let credentials = sdk.credentials_provider().ok_or("no AWS credentials")?;
        Ok(SigV4::front(SigningFront { service: self.service, region }, credentials))
    }
}
