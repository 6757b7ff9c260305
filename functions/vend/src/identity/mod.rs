//! Who is asking.

mod aws;
mod oidc;

use std::borrow::Cow;

pub use aws::AwsIdentity;
pub(crate) use aws::{is_account, own_account, signed};
pub(crate) use oidc::is_issuer;
pub use oidc::{BadToken, Issuers, OidcIdentity, Trusted};

/// Somebody whose identity is proven.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Caller {
    /// Nobody in particular, where callers are open: local runs.
    Anybody,
    /// Whom AWS has authenticated.
    Aws(AwsIdentity),
    /// Whom a trusted issuer vouches for.
    Oidc(OidcIdentity),
}

impl Caller {
    /// The name that the log, the throttle and the policy know it by.
    pub(crate) fn name(&self) -> Cow<'_, str> {
        match self {
            Self::Anybody => Cow::Borrowed("open"),
            Self::Aws(aws) => Cow::Borrowed(&aws.arn),
            Self::Oidc(oidc) => Cow::Owned(oidc.name()),
        }
    }

    /// The session of a role, which its user may choose freely.
    pub(crate) fn session(&self) -> Option<&str> {
        match self {
            Self::Aws(aws) => aws.session.as_deref(),
            Self::Anybody | Self::Oidc(_) => None,
        }
    }
}
