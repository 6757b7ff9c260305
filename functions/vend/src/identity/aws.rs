//! Identities that AWS has authenticated: by the time API Gateway or a Function URL names one, its signature holds, and
//! where it does not they name none.

use lambda_http::{Request, RequestExt};
use lambda_kit::http_function;

/// An IAM identity under the name that does not change from session to session.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AwsIdentity {
    /// A role as `arn:aws:iam::ACCOUNT:role/NAME`, without its path, which a session does not tell; anything else as AWS
    /// writes it.
    pub arn: String,
    /// Twelve digits.
    pub account: String,
    /// The last part of the ARN.
    pub name: String,
    /// Whether it is a role.
    pub is_role: bool,
    /// The session's name, if it is one.
    pub session: Option<String>,
    /// Whether its account is the deployment's.
    pub own: bool,
}

impl AwsIdentity {
    /// Reads the ARN of a role, of a role's session, of a user or of an account's root.
    pub fn parse(arn: &str) -> Option<Self> {
        let (partition, service, account, resource) = parts(arn)?;
        let (kind, path) = resource.split_once('/').unwrap_or((resource, ""));
        let (name, session, is_role) = match (service, kind) {
            ("sts", "assumed-role") => {
                let (role, session) = path.split_once('/')?;
                (role, Some(session.to_owned()), true)
            }
            ("iam", "role") => (last(path), None, true),
            ("iam", "user") | ("sts", "federated-user") => (last(path), None, false),
            ("iam", "root") if path.is_empty() => ("root", None, false),
            _ => return None,
        };
        let role = || ["arn:", partition, ":iam::", account, ":role/", name].concat();
        let arn = if is_role { role() } else { arn.to_owned() };
        let (account, named) = (account.to_owned(), !name.is_empty());
        named.then(|| Self { arn, account, name: name.to_owned(), is_role, session, own: false })
    }
}

fn last(path: &str) -> &str {
    path.rsplit('/').next().unwrap_or_default()
}

/// The ARN of whoever signed the request, if anybody did.
pub(crate) fn signed(request: &Request) -> Option<&str> {
    http_function::gateway(request)?.user_arn.as_deref().filter(|arn| !arn.is_empty())
}

/// The account that the function runs in: the invoked function's, else the gateway's. Unknown locally.
pub(crate) fn own_account(request: &Request) -> Option<&str> {
    let function = request.lambda_context_ref().map(|context| context.invoked_function_arn.as_str());
    let gateway = http_function::gateway(request).and_then(|gateway| gateway.account_id.as_deref());
    let invoked = function.and_then(parts).filter(|(_, service, ..)| *service == "lambda");
    invoked.map(|(_, _, account, _)| account).or_else(|| gateway.filter(|id| is_account(id)))
}

/// Partition, service, account and resource of `arn:PARTITION:SERVICE:REGION:ACCOUNT:RESOURCE`.
fn parts(arn: &str) -> Option<(&str, &str, &str, &str)> {
    let mut parts = arn.strip_prefix("arn:")?.splitn(5, ':');
    let (partition, service, _region) = (parts.next()?, parts.next()?, parts.next()?);
    let (account, resource) = (parts.next()?, parts.next()?);
    (partition.starts_with("aws") && is_account(account)).then_some((partition, service, account, resource))
}

/// Twelve digits.
pub(crate) fn is_account(id: &str) -> bool {
    id.len() == 12 && id.bytes().all(|c| c.is_ascii_digit())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_role_has_one_name_however_it_comes() {
        let role = "arn:aws:iam::111122223333:role/reporter";
        for (arn, session) in [
            ("arn:aws:sts::111122223333:assumed-role/reporter/nightly", Some("nightly")),
            ("arn:aws:sts::111122223333:assumed-role/reporter/a@b/c", Some("a@b/c")),
            ("arn:aws:iam::111122223333:role/reporter", None),
            ("arn:aws:iam::111122223333:role/service/eu/reporter", None),
        ] {
            let aws = AwsIdentity::parse(arn).unwrap();
            assert_eq!((aws.arn.as_str(), aws.session.as_deref(), aws.is_role), (role, session, true), "{arn}");
            assert_eq!((aws.account.as_str(), aws.name.as_str()), ("111122223333", "reporter"));
        }
    }

    #[test]
    fn everybody_else_keeps_the_arn() {
        for (arn, name) in [
            ("arn:aws:iam::111122223333:user/team/ada", "ada"),
            ("arn:aws:sts::111122223333:federated-user/bob", "bob"),
            ("arn:aws-us-gov:iam::111122223333:root", "root"),
        ] {
            let aws = AwsIdentity::parse(arn).unwrap();
            assert_eq!((aws.arn.as_str(), aws.name.as_str(), aws.is_role), (arn, name, false));
        }
    }

    #[test]
    fn what_is_no_identity_is_none() {
        for arn in [
            "",
            "111122223333",
            "arn:aws:s3:::111122223333",
            "arn:evil:iam::111122223333:user/eve",
            "arn:aws:iam:::user/eve",
            "arn:aws:iam::111122223333:user/",
            "arn:aws:iam::111122223333:role",
            "arn:aws:iam::111122223333:rootkit",
            "arn:aws:sts::111122223333:assumed-role/reporter",
            "arn:aws:iam::1111222233334:user/eve",
            "arn:aws:iam::aws:policy/111122223333",
        ] {
            assert_eq!(AwsIdentity::parse(arn), None, "{arn}");
        }
    }
}
