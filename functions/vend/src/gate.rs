//! Who is let in, and to what.

use std::sync::Arc;

use broker_core::clock::Clock;
use lambda_http::Request;
use lambda_http::http::header::AUTHORIZATION;

use crate::identity::{AwsIdentity, Caller, Issuers, own_account, signed};
use crate::policy::{Ask, Policy};
use crate::{Refusal, Settings};

/// How it is decided.
enum Rule {
    /// Everybody may have everything: local runs.
    Open,
    /// IAM identities of the account that the function runs in may have everything, and nobody else anything.
    OwnAccount,
    /// As the operator says.
    Policy(Arc<Policy>),
}

/// The gate: first [`Gate::identify`], then [`Gate::admit`], then [`Gate::permit`]. None asks the store for anything.
pub(crate) struct Gate<C> {
    rule: Rule,
    issuers: Issuers<C>,
}

impl<C: Clock> Gate<C> {
    pub(crate) fn new(settings: &Settings, clock: C) -> Self {
        let rule = match &settings.policy {
            _ if settings.open_callers => Rule::Open,
            Some(policy) => Rule::Policy(Arc::clone(policy)),
            None => Rule::OwnAccount,
        };
        Self { rule, issuers: Issuers::new(settings.issuers.clone(), clock) }
    }

    /// Who is asking.
    pub(crate) async fn identify(&self, request: &Request) -> Result<Caller, Refusal> {
        if let Some(arn) = signed(request) {
            return self.aws(arn, own_account(request));
        }
        match (&self.rule, bearer(request)) {
            (Rule::Open, _) => Ok(Caller::Anybody),
            (_, Some(token)) if !self.issuers.is_empty() => Ok(Caller::Oidc(self.issuers.verify(token).await?)),
            _ => Err(Refusal::Unidentified { bearer: !self.issuers.is_empty() }),
        }
    }

    fn aws(&self, arn: &str, own_account: Option<&str>) -> Result<Caller, Refusal> {
        let known = AwsIdentity::parse(arn).map(|aws| {
            let own = own_account == Some(aws.account.as_str());
            AwsIdentity { own, ..aws }
        });
        match (known, &self.rule) {
            (Some(aws), _) => Ok(Caller::Aws(aws)),
            (None, Rule::Open) => Ok(Caller::Anybody),
            (None, _) => Err(Refusal::Foreign { name: arn.to_owned() }),
        }
    }

    /// Without a policy, whoever is not of our own account is refused before what is asked is read.
    pub(crate) fn admit(&self, caller: &Caller) -> Result<(), Refusal> {
        match (&self.rule, caller) {
            (Rule::OwnAccount, Caller::Aws(aws)) if aws.own => Ok(()),
            (Rule::OwnAccount, _) => Err(Refusal::Foreign { name: caller.name().into_owned() }),
            (Rule::Policy(_) | Rule::Open, _) => Ok(()),
        }
    }

    /// Whether the caller may, and which policies say so.
    pub(crate) fn permit(&self, caller: &Caller, ask: &Ask<'_>) -> Result<Option<String>, Refusal> {
        let Rule::Policy(policy) = &self.rule else {
            return Ok(None);
        };
        let verdict = policy.decide(caller, ask);
        if verdict.allowed { Ok(Some(verdict.by.join(" "))) } else { Err(Refusal::Denied { by: verdict.by }) }
    }
}

/// The token of `Authorization: Bearer …` (RFC 6750 section 2.1).
fn bearer(request: &Request) -> Option<&str> {
    let header = request.headers().get(AUTHORIZATION)?.to_str().ok()?;
    let (scheme, token) = header.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then(|| token.trim())
}
