//! Access control: who a caller is, and what it may do. None of it reads the store.

mod error;
pub mod identity;
pub(crate) mod policy;
mod rate_limit;

use std::sync::Arc;

use broker_core::clock::Clock;
use lambda_http::Request;
use lambda_http::http::header::AUTHORIZATION;

pub use error::AccessError;
use identity::{AwsIdentity, Caller, IdentityProviders, TrustedIssuer, own_account, signer_arn};
use policy::{AccessRequest, Policy, RememberingPolicy};
pub(crate) use rate_limit::CallerRateLimit;

/// What decides which callers are admitted.
enum AccessRule {
    /// Every caller may do everything: local runs.
    Open,
    /// IAM identities of the function's own account may do everything; no other caller is admitted.
    OwnAccount,
    /// The operator's policy.
    Policy(RememberingPolicy),
}

/// The access control of vend. A request passes [`AccessControl::identify`], [`AccessControl::admit`] and
/// [`AccessControl::authorize`], in this order.
pub(crate) struct AccessControl<C> {
    rule: AccessRule,
    issuers: IdentityProviders<C>,
}

impl<C: Clock> AccessControl<C> {
    pub(crate) fn new(open: bool, policy: Option<Arc<Policy>>, issuers: Vec<TrustedIssuer>, clock: C) -> Self {
        let rule = match policy {
            _ if open => AccessRule::Open,
            Some(policy) => AccessRule::Policy(RememberingPolicy::new(policy)),
            None => AccessRule::OwnAccount,
        };
        Self { rule, issuers: IdentityProviders::new(issuers, clock) }
    }

    /// The proven identity of the caller.
    pub(crate) async fn identify(&self, request: &Request) -> Result<Caller, AccessError> {
        if let Some(arn) = signer_arn(request) {
            return self.aws_caller(arn, own_account(request));
        }
        if matches!(self.rule, AccessRule::Open) {
            return Ok(Caller::Anonymous);
        }
        let accepts_bearer = !self.issuers.is_empty();
        match bearer_token(request) {
            Some(token) if accepts_bearer => Ok(Caller::Oidc(self.issuers.verify(token).await?)),
            _ => Err(AccessError::Unidentified { accepts_bearer }),
        }
    }

    fn aws_caller(&self, arn: &str, own_account: Option<&str>) -> Result<Caller, AccessError> {
        if let Some(identity) = AwsIdentity::parse(arn) {
            let own = own_account == Some(identity.account.as_str());
            return Ok(Caller::Aws(AwsIdentity { own, ..identity }));
        }
        if matches!(self.rule, AccessRule::Open) {
            return Ok(Caller::Anonymous);
        }
        Err(AccessError::ForeignAccount { caller: arn.to_owned() })
    }

    /// Without a policy, refuses callers of other accounts before the rest of the request is read.
    pub(crate) fn admit(&self, caller: &Caller) -> Result<(), AccessError> {
        match (&self.rule, caller) {
            (AccessRule::OwnAccount, Caller::Aws(aws)) if aws.own => Ok(()),
            (AccessRule::OwnAccount, _) => Err(AccessError::ForeignAccount { caller: caller.name().into_owned() }),
            (AccessRule::Policy(_) | AccessRule::Open, _) => Ok(()),
        }
    }

    /// Checks the policy, if there is one. Returns the names of the policies that permit the request, separated by spaces.
    pub(crate) fn authorize(
        &self,
        caller: &Caller,
        request: &AccessRequest<'_>,
    ) -> Result<Option<String>, AccessError> {
        let AccessRule::Policy(policy) = &self.rule else {
            return Ok(None);
        };
        let decision = policy.decide(caller, request);
        if !decision.allowed {
            let nearest = if decision.policies.is_empty() { policy.nearest_permit(caller, request) } else { None };
            return Err(AccessError::Denied { policies: decision.policies, nearest });
        }
        Ok(Some(decision.policies.join(" ")))
    }
}

/// The token of `Authorization: Bearer …` (RFC 6750 section 2.1).
fn bearer_token(request: &Request) -> Option<&str> {
    let header = request.headers().get(AUTHORIZATION)?.to_str().ok()?;
    let (scheme, token) = header.split_once(' ')?;
    if scheme.eq_ignore_ascii_case("bearer") { Some(token.trim()) } else { None }
}
