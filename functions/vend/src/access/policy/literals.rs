//! Names in a policy that no caller and no grant can have. A `forbid` with such a name would have no effect.

use std::collections::HashMap;

use broker_core::id::{AppName, GrantId};
use cedar_policy::{EntityUid, PolicyId, PolicySet};

use crate::access::identity::{AwsIdentity, check_issuer_url, is_account_id};

/// Refuses a policy with an impossible name.
pub(super) fn check(set: &PolicySet, names: &HashMap<PolicyId, String>) -> Result<(), String> {
    for policy in set.policies() {
        for literal in policy.entity_literals() {
            if let Err(hint) = check_literal(&literal) {
                let name = names.get(policy.id()).cloned().unwrap_or_default();
                return Err(format!("policy {name}: nothing can be named {literal}: {hint}"));
            }
        }
    }
    Ok(())
}

fn check_literal(literal: &EntityUid) -> Result<(), &'static str> {
    let id: &str = literal.id().unescaped();
    let (is_possible, hint) = match literal.type_name().basename() {
        "AwsAccount" => (is_account_id(id), "write the account's twelve digits"),
        "AwsRole" => (is_identity(id, true), "write the role as arn:aws:iam::ACCOUNT:role/NAME, without its path"),
        "AwsUser" => (is_identity(id, false), "write the user's ARN, arn:aws:iam::ACCOUNT:user/PATH/NAME"),
        "OidcIssuer" => (check_issuer_url(id).is_ok(), "write the issuer's URL as OIDC_ISSUERS has it"),
        "OidcSubject" => (is_oidc_subject(id), "write ISSUER#SUBJECT"),
        "App" => (AppName::parse(id).is_ok(), "an app's name is [a-z0-9][a-z0-9-]{0,31}"),
        "Grant" => (is_grant(id), "write APP/SUBJECT, an organisation as its lower-case UUID"),
        _ => (true, ""),
    };
    if is_possible { Ok(()) } else { Err(hint) }
}

fn is_identity(arn: &str, is_role: bool) -> bool {
    match AwsIdentity::parse(arn) {
        Some(identity) => identity.is_role == is_role && identity.arn == arn,
        None => false,
    }
}

fn is_oidc_subject(id: &str) -> bool {
    match id.split_once('#') {
        Some((issuer, subject)) => check_issuer_url(issuer).is_ok() && !subject.is_empty(),
        None => false,
    }
}

fn is_grant(id: &str) -> bool {
    match GrantId::parse(id) {
        Ok(grant) => grant.to_string() == id,
        Err(_) => false,
    }
}
