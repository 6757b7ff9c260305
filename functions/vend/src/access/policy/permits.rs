//! Permits that the policy has given already.
//!
//! The policy stands as long as the process, and the same question always has the same answer, so each is decided once.
//! Refusals are decided anew: whoever may have nothing could otherwise crowd out those who may.

use std::collections::HashMap;
use std::sync::{Arc, Mutex};

use broker_core::id::{AppName, GrantId};
use broker_core::sync::lock;

use super::question::{AccessRequest, Action, Resource};
use super::{NearestPermit, Policy, PolicyDecision};
use crate::access::identity::{AwsIdentity, Caller, OidcIdentity};

/// Permits remembered at most, about 4 MB. Beyond that all are forgotten.
const MOST_PERMITS: usize = 20_000;

/// The operator's policy with the permits that it has given.
pub(crate) struct RememberingPolicy {
    policy: Arc<Policy>,
    permits: Mutex<Permits>,
}

/// The permits, under what their callers have that a policy can tell apart.
#[derive(Default)]
struct Permits {
    /// By ARN, indexed by whether the caller is of the deployment's own account. The session is no part of the ARN.
    aws: [HashMap<String, CallerPermits>; 2],
    oidc: HashMap<OidcIdentity, CallerPermits>,
    count: usize,
}

/// The permits of one caller, indexed by the action.
#[derive(Default)]
struct CallerPermits {
    grants: [HashMap<GrantId, PolicyDecision>; Action::ALL.len()],
    apps: [HashMap<AppName, PolicyDecision>; Action::ALL.len()],
}

impl RememberingPolicy {
    /// Remembers nothing yet.
    pub(crate) fn new(policy: Arc<Policy>) -> Self {
        Self { policy, permits: Mutex::default() }
    }

    /// Decides as [`Policy::decide`] does.
    pub(crate) fn decide(&self, caller: &Caller, request: &AccessRequest<'_>) -> PolicyDecision {
        if let Some(decision) = lock(&self.permits).find(caller, request) {
            return decision;
        }
        let decision = self.policy.decide(caller, request);
        if decision.allowed {
            lock(&self.permits).add(caller, request, decision.clone());
        }
        decision
    }

    /// As [`Policy::nearest_permit`].
    pub(crate) fn nearest_permit(&self, caller: &Caller, request: &AccessRequest<'_>) -> Option<NearestPermit> {
        self.policy.nearest_permit(caller, request)
    }
}

impl Permits {
    fn find(&self, caller: &Caller, request: &AccessRequest<'_>) -> Option<PolicyDecision> {
        let permits = match caller {
            Caller::Anonymous => None,
            Caller::Aws(AwsIdentity { arn, own, .. }) => self.aws[usize::from(*own)].get(arn),
            Caller::Oidc(oidc) => self.oidc.get(oidc),
        };
        let action = request.action as usize;
        let decision = match request.resource {
            Resource::App(app) => permits?.apps[action].get(app),
            Resource::Grant(id) => permits?.grants[action].get(id),
        };
        decision.cloned()
    }

    fn add(&mut self, caller: &Caller, request: &AccessRequest<'_>, decision: PolicyDecision) {
        if self.count >= MOST_PERMITS {
            *self = Self::default();
        }
        self.count += 1;
        let permits = match caller {
            Caller::Anonymous => return,
            Caller::Aws(AwsIdentity { arn, own, .. }) => self.aws[usize::from(*own)].entry(arn.clone()).or_default(),
            Caller::Oidc(oidc) => self.oidc.entry(oidc.clone()).or_default(),
        };
        let action = request.action as usize;
        match request.resource {
            Resource::App(app) => permits.apps[action].insert(app.clone(), decision),
            Resource::Grant(id) => permits.grants[action].insert(id.clone(), decision),
        };
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const EXAMPLES: &str = include_str!("../../../../../infra/callers-examples.cedar");
    const SHIPPED: &str = include_str!("../../../../../infra/callers.cedar");

    fn remembering(text: &str) -> RememberingPolicy {
        RememberingPolicy::new(Arc::new(Policy::parse(text).unwrap()))
    }

    fn role(session: &str, own: bool) -> Caller {
        let arn = format!("arn:aws:sts::123456789012:assumed-role/reporting/{session}");
        Caller::Aws(AwsIdentity { own, ..AwsIdentity::parse(&arn).unwrap() })
    }

    fn subject(email: &str) -> Caller {
        Caller::Oidc(OidcIdentity {
            issuer: "https://accounts.google.com".to_owned(),
            subject: "1".to_owned(),
            claims: vec![
                ("email".to_owned(), vec![email.to_owned()]),
                ("email_verified".to_owned(), vec!["true".to_owned()]),
            ],
        })
    }

    /// Every question twice, in an order in which a permit that was remembered for too much would be given again.
    #[test]
    fn remembered_permits_are_those_of_the_policy() {
        let callers = [
            role("nightly", true),
            role("hourly", true),
            role("nightly", false),
            subject("lobby@acme.iam.gserviceaccount.com"),
            subject("lobby@evil.example"),
            Caller::Anonymous,
        ];
        let grants = ["reports/default", "reports/other", "lobby/default"].map(|id| GrantId::parse(id).unwrap());
        let mut questions = Vec::new();
        for (caller, action) in callers.iter().flat_map(|caller| Action::ALL.map(|action| (caller, action))) {
            for id in &grants {
                questions.push((caller, AccessRequest { action, resource: Resource::Grant(id) }));
                questions.push((caller, AccessRequest { action, resource: Resource::App(&id.app) }));
            }
        }
        for text in [EXAMPLES, SHIPPED] {
            let remembering = remembering(text);
            for (caller, request) in questions.iter().chain(&questions) {
                let decision = remembering.decide(caller, request);
                assert_eq!(decision, remembering.policy.decide(caller, request), "{caller:?}, {request:?}");
            }
            assert!(lock(&remembering.permits).count > 0, "the policy permits some of it");
        }
    }

    #[test]
    fn sessions_of_a_role_share_a_permit_and_refusals_are_not_kept() {
        let remembering = remembering(EXAMPLES);
        let id = GrantId::parse("reports/default").unwrap();
        let vend = AccessRequest { action: Action::Vend, resource: Resource::Grant(&id) };
        for caller in [role("nightly", true), role("hourly", true), subject("lobby@evil.example")] {
            remembering.decide(&caller, &vend);
        }
        assert_eq!(lock(&remembering.permits).count, 1);
    }

    #[test]
    fn permits_are_bounded() {
        let mut permits = Permits::default();
        let decision = PolicyDecision { allowed: true, policies: Vec::new() };
        for n in 0..=MOST_PERMITS {
            let id = GrantId::parse(&format!("reports/g{n}")).unwrap();
            let vend = AccessRequest { action: Action::Vend, resource: Resource::Grant(&id) };
            permits.add(&role("nightly", true), &vend, decision.clone());
        }
        assert_eq!(permits.count, 1, "all are forgotten before there are too many");
    }
}
