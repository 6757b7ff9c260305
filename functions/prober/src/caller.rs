//! How the requests to vend are signed, or not.

use std::sync::Arc;
use std::time::SystemTime;

use aws_config::sts::AssumeRoleProvider;
use aws_config::{Region, SdkConfig};
use aws_credential_types::provider::SharedCredentialsProvider;
use broker_core::clock::Clock;
use broker_core::id::GrantId;
use client::{Authorize, BoxError, Error, SigV4, SigningFront, TokenClock, UnsignedRequest, VendClient, VendedToken};
use url::Url;

/// The name of the stranger's session, as vend's audit log shows it.
const SESSION: &str = "webex-token-broker-prober";

/// A caller without an identity.
pub(crate) struct UnsignedCaller;

impl Authorize for UnsignedCaller {
    async fn headers(&self, _: UnsignedRequest<'_>) -> Result<Vec<(&'static str, String)>, BoxError> {
        Ok(Vec::new())
    }
}

/// Lets the client use the function's clock.
struct ProbeClock<C>(C);

impl<C: Clock> TokenClock for ProbeClock<C> {
    fn now(&self) -> SystemTime {
        self.0.now().into()
    }
}

/// Vend, as its callers reach it.
pub(crate) struct VendAccess<C> {
    pub(crate) url: Url,
    pub(crate) service: &'static str,
    pub(crate) sdk: SdkConfig,
    pub(crate) clock: C,
}

impl<C: Clock> VendAccess<C> {
    /// The signatures of the function's own role; an error where the SDK has no credentials.
    pub(crate) fn own_role(&self) -> Result<SigV4, Error> {
        match self.sdk.credentials_provider() {
            Some(credentials) => Ok(self.sign_with(credentials)),
            None => Err(Error::Identity(Arc::from(BoxError::from("there are no AWS credentials")))),
        }
    }

    /// The signatures of another role, which is assumed when the first request is signed.
    pub(crate) async fn assumed_role(&self, arn: &str) -> SigV4 {
        let provider = AssumeRoleProvider::builder(arn).session_name(SESSION).configure(&self.sdk).build().await;
        self.sign_with(SharedCredentialsProvider::new(provider))
    }

    fn sign_with(&self, credentials: SharedCredentialsProvider) -> SigV4 {
        let region = self.sdk.region().map(Region::as_ref).unwrap_or_default().to_owned();
        SigV4::front(SigningFront { service: self.service, region }, credentials)
    }

    /// Asks for a token, once. The client is new: one that lives on would answer from memory.
    pub(crate) async fn ask(&self, caller: impl Authorize, grant: &GrantId) -> Result<VendedToken, Error> {
        let client = VendClient::with_clock(self.url.as_str(), caller, ProbeClock(self.clock.clone()))?;
        client.token(grant.app.as_str(), grant.subject.as_str()).await
    }
}
