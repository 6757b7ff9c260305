//! Evaluation of the policy by Cedar.

use std::collections::HashMap;
use std::sync::OnceLock;

use cedar_policy::{Authorizer, Decision, PolicyId, PolicySet, Response};

use super::entities::EntityTypes;
use super::nearest::{NearestPermit, PermitOutline};
use super::question::AccessRequest;
use super::{literals, nearest, source};
use crate::access::identity::Caller;

/// The operator's policy, validated against the schema.
pub struct Policy {
    set: PolicySet,
    /// The `@id` of each policy, else its place in the file.
    names: HashMap<PolicyId, String>,
    /// For the refusals of callers with a token. To make them takes a third of a start with a policy.
    outlines: OnceLock<Vec<PermitOutline>>,
    types: EntityTypes,
    authorizer: Authorizer,
}

/// The decision on a request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PolicyDecision {
    /// Whether the request is permitted.
    pub allowed: bool,
    /// The names of the policies that permit or forbid it; empty if no policy permits it.
    pub policies: Vec<String>,
}

impl Policy {
    /// Parses and validates a policy file. The error has line, column and reason.
    pub fn parse(text: &str) -> Result<Self, String> {
        let schema = source::schema()?;
        let set = source::policies(text, &schema)?;
        let names = source::names(&set);
        literals::check(&set, &names)?;
        let outlines = OnceLock::new();
        Ok(Self { types: EntityTypes::new()?, set, names, outlines, authorizer: Authorizer::new() })
    }

    /// The permit for this action and resource that misses the caller's token by the fewest claims; `None` for callers
    /// without a token, and if no permit is for tokens.
    pub fn nearest_permit(&self, caller: &Caller, request: &AccessRequest<'_>) -> Option<NearestPermit> {
        let Caller::Oidc(oidc) = caller else { return None };
        let outlines = self.outlines.get_or_init(|| nearest::outlines(&self.set, &self.names));
        let candidates = outlines.iter().filter_map(|outline| outline.compare(oidc, request));
        candidates.min_by_key(|candidate| candidate.claims.len())
    }

    /// Decides whether `caller` may do this. The same question always has the same answer.
    pub fn decide(&self, caller: &Caller, request: &AccessRequest<'_>) -> PolicyDecision {
        match self.types.cedar_request(caller, request) {
            Ok(Some((request, entities))) => {
                self.decision(&self.authorizer.is_authorized(&request, &self.set, &entities))
            }
            // No policy can name an anonymous caller.
            Ok(None) => PolicyDecision { allowed: false, policies: Vec::new() },
            Err(reason) => evaluation_failed(&reason),
        }
    }

    /// The apps (`APP`) and grants (`APP/SUBJECT`) that the policies name, for tools that try them all.
    pub fn named_resources(&self) -> Vec<String> {
        let mut names = Vec::new();
        for literal in self.set.policies().flat_map(cedar_policy::Policy::entity_literals) {
            if matches!(literal.type_name().basename(), "App" | "Grant") {
                names.push(literal.id().unescaped().to_owned());
            }
        }
        names.sort();
        names.dedup();
        names
    }

    fn decision(&self, response: &Response) -> PolicyDecision {
        if let Some(error) = response.diagnostics().errors().next() {
            return evaluation_failed(&error.to_string());
        }
        let mut policies: Vec<_> = response.diagnostics().reason().map(|id| self.name(id)).collect();
        policies.sort();
        PolicyDecision { allowed: response.decision() == Decision::Allow, policies }
    }

    fn name(&self, id: &PolicyId) -> String {
        match self.names.get(id) {
            Some(name) => name.clone(),
            None => id.to_string(),
        }
    }
}

fn evaluation_failed(reason: &str) -> PolicyDecision {
    tracing::error!(outcome = "policy_broken", "cannot evaluate the policy; the request is denied: {reason}");
    PolicyDecision { allowed: false, policies: Vec::new() }
}
