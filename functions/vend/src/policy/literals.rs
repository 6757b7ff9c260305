//! Names in a policy that no caller and no grant will ever have: a `forbid` for one would be no more than a comment.

use std::collections::HashMap;

use broker_core::id::{AppName, GrantId};
use cedar_policy::{EntityUid, PolicyId, PolicySet};

use crate::identity::{AwsIdentity, is_account, is_issuer};

/// Refuses a policy that names what cannot be.
pub(super) fn check(set: &PolicySet, names: &HashMap<PolicyId, String>) -> Result<(), String> {
    for policy in set.policies() {
        for literal in policy.entity_literals() {
            let name = names.get(policy.id()).map_or("", String::as_str);
            fits(&literal).map_err(|why| format!("policy {name}: {literal} is nobody's name: {why}"))?;
        }
    }
    Ok(())
}

fn fits(literal: &EntityUid) -> Result<(), &'static str> {
    let id: &str = literal.id().unescaped();
    let (fits, why) = match literal.type_name().basename() {
        "AwsAccount" => (is_account(id), "write the account's twelve digits"),
        "AwsRole" => (
            AwsIdentity::parse(id).is_some_and(|aws| aws.is_role && aws.arn == id),
            "write the role as arn:aws:iam::ACCOUNT:role/NAME, without its path",
        ),
        "AwsUser" => (
            AwsIdentity::parse(id).is_some_and(|aws| !aws.is_role && aws.arn == id),
            "write the user's ARN, arn:aws:iam::ACCOUNT:user/PATH/NAME",
        ),
        "OidcIssuer" => (is_issuer(id), "write the issuer's URL as OIDC_ISSUERS has it"),
        "OidcSubject" => (
            id.split_once('#').is_some_and(|(issuer, subject)| is_issuer(issuer) && !subject.is_empty()),
            "write ISSUER#SUBJECT",
        ),
        "App" => (AppName::parse(id).is_ok(), "an app's name is [a-z0-9][a-z0-9-]{0,31}"),
        "Grant" => (
            GrantId::parse(id).is_ok_and(|grant| grant.to_string() == id),
            "write APP/SUBJECT, an organisation as its lower-case UUID",
        ),
        _ => (true, ""),
    };
    if fits { Ok(()) } else { Err(why) }
}
