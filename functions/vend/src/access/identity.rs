//! The identity of a caller.

mod aws;
mod oidc;

use std::borrow::Cow;

pub use aws::AwsIdentity;
pub(crate) use aws::{is_account_id, own_account, signer_arn};
pub(crate) use oidc::check_issuer_url;
pub use oidc::{AudienceRule, IdentityProviders, InvalidToken, KeySource, OidcIdentity, TokenError, TrustedIssuer};

/// A caller whose identity is proven.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Caller {
    /// A caller that needs no identity: local runs with `CALLERS=open`.
    Anonymous,
    /// An IAM identity, authenticated by AWS.
    Aws(AwsIdentity),
    /// A subject whose identity token a trusted issuer has signed.
    Oidc(OidcIdentity),
}

impl Caller {
    /// The name that log, rate limit and policy use.
    pub(crate) fn name(&self) -> Cow<'_, str> {
        match self {
            Self::Anonymous => Cow::Borrowed("open"),
            Self::Aws(aws) => Cow::Borrowed(&aws.arn),
            Self::Oidc(oidc) => Cow::Owned(oidc.name()),
        }
    }

    /// The session name of a role. The role's users choose it freely.
    pub(crate) fn session(&self) -> Option<&str> {
        match self {
            Self::Aws(aws) => aws.session.as_deref(),
            Self::Anonymous | Self::Oidc(_) => None,
        }
    }
}
