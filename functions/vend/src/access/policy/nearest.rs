//! Why no permit applies to a caller with a token: for the operator, never for the caller.

mod condition;

use std::collections::{BTreeSet, HashMap};
use std::fmt;

use cedar_policy::pst::{
    ActionConstraint, Clause, EntityOrSlot, EntityType, EntityUID, PrincipalConstraint, ResourceConstraint, Template,
};
use cedar_policy::{Effect, PolicyId, PolicySet, pst};

use super::question::{AccessRequest, Resource};
use crate::access::identity::OidcIdentity;

/// The claims of a token that are not as a policy wants them; `None` if the policy is for no token at all.
type ClaimDifferences = Option<BTreeSet<String>>;

/// A permit that does not apply to a caller.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NearestPermit {
    /// The name of the policy.
    pub policy: String,
    /// The claims of the token that are not as the policy wants them.
    pub claims: Vec<String>,
}

impl fmt::Display for NearestPermit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the nearest permit is {}", self.policy)?;
        if self.claims.is_empty() {
            return Ok(());
        }
        write!(f, ", which wants other values of the claims {}", self.claims.join(", "))
    }
}

/// A permit as it is written, which Cedar's answers do not tell.
pub(super) struct PermitOutline {
    name: String,
    body: Template,
}

/// The outlines of all permits. A policy that cannot be converted is left out: it is missing from explanations alone.
pub(super) fn outlines(set: &PolicySet, names: &HashMap<PolicyId, String>) -> Vec<PermitOutline> {
    let mut outlines = Vec::new();
    for policy in set.policies().filter(|policy| policy.effect() == Effect::Permit) {
        if let Ok(pst::Policy::Static(permit)) = policy.to_pst() {
            let name = names.get(policy.id()).cloned().unwrap_or_default();
            outlines.push(PermitOutline { name, body: permit.body().clone() });
        }
    }
    outlines.sort_by(|one, other| one.name.cmp(&other.name));
    outlines
}

impl PermitOutline {
    /// What this permit misses in the caller's token; `None` if it is for another action, another resource or no token.
    pub(super) fn compare(&self, caller: &OidcIdentity, request: &AccessRequest<'_>) -> Option<NearestPermit> {
        let is_for_request = fits_action(&self.body.action, request) && fits_resource(&self.body.resource, request);
        if !is_for_request {
            return None;
        }
        let mut claims = in_scope(&self.body.principal, caller)?;
        for clause in self.body.clauses() {
            if let Clause::When(condition) = clause {
                claims.extend(condition::differences(condition, caller)?);
            }
        }
        Some(NearestPermit { policy: self.name.clone(), claims: claims.into_iter().collect() })
    }
}

fn fits_action(constraint: &ActionConstraint, request: &AccessRequest<'_>) -> bool {
    let name = request.action.name();
    match constraint {
        ActionConstraint::Any => true,
        ActionConstraint::Eq(action) => action.eid == name,
        ActionConstraint::In(actions) => actions.iter().any(|action| action.eid == name),
    }
}

fn fits_resource(constraint: &ResourceConstraint, request: &AccessRequest<'_>) -> bool {
    let (app, itself) = match request.resource {
        Resource::App(app) => (app, app.to_string()),
        Resource::Grant(id) => (&id.app, id.to_string()),
    };
    match constraint {
        ResourceConstraint::Any | ResourceConstraint::Is(_) => true,
        ResourceConstraint::Eq(EntityOrSlot::Entity(uid)) => uid.eid == itself,
        ResourceConstraint::In(EntityOrSlot::Entity(uid)) | ResourceConstraint::IsIn(_, EntityOrSlot::Entity(uid)) => {
            uid.eid == itself || uid.eid == app.as_str()
        }
        _ => false,
    }
}

fn in_scope(constraint: &PrincipalConstraint, caller: &OidcIdentity) -> ClaimDifferences {
    match constraint {
        PrincipalConstraint::Any => Some(BTreeSet::new()),
        PrincipalConstraint::Is(kind) => of_type(kind),
        PrincipalConstraint::Eq(EntityOrSlot::Entity(uid)) | PrincipalConstraint::In(EntityOrSlot::Entity(uid)) => {
            of_entity(uid, caller)
        }
        PrincipalConstraint::IsIn(kind, EntityOrSlot::Entity(uid)) => {
            of_type(kind)?;
            of_entity(uid, caller)
        }
        _ => None,
    }
}

fn of_type(kind: &EntityType) -> ClaimDifferences {
    if kind.to_string() == "OidcSubject" { Some(BTreeSet::new()) } else { None }
}

/// The differences to a subject or an issuer.
fn of_entity(uid: &EntityUID, caller: &OidcIdentity) -> ClaimDifferences {
    let (issuer, subject) = match uid.ty.to_string().as_str() {
        "OidcIssuer" => (uid.eid.as_str(), None),
        "OidcSubject" => {
            let (issuer, subject) = uid.eid.split_once('#')?;
            (issuer, Some(subject))
        }
        _ => return None,
    };
    let mut claims = BTreeSet::new();
    if issuer != caller.issuer {
        claims.insert("iss".to_owned());
    }
    match subject {
        Some(subject) if subject != caller.subject => claims.insert("sub".to_owned()),
        _ => false,
    };
    Some(claims)
}
