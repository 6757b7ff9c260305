//! IAM identities. API Gateway and Function URLs verify the signature of a request before they name its signer.

use lambda_http::{Request, RequestExt};
use lambda_kit::http_function;

/// An IAM identity, under a name that is the same for all sessions of a role.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AwsIdentity {
    /// A role as `arn:aws:iam::ACCOUNT:role/NAME`, without its path, which the ARN of a session does not contain; any
    /// other identity as AWS writes it.
    pub arn: String,
    /// The account id: twelve digits.
    pub account: String,
    /// The last part of the ARN.
    pub name: String,
    /// Whether the identity is a role.
    pub is_role: bool,
    /// The session name, if the ARN is that of a session.
    pub session: Option<String>,
    /// Whether the account is the deployment's own.
    pub own: bool,
}

impl AwsIdentity {
    /// Parses the ARN of a role, of a role's session, of a user or of an account's root.
    pub fn parse(arn: &str) -> Option<Self> {
        let parts = ArnParts::parse(arn)?;
        let (kind, path) = parts.resource.split_once('/').unwrap_or((parts.resource, ""));
        let (name, session, is_role) = match (parts.service, kind) {
            ("sts", "assumed-role") => {
                let (role, session) = path.split_once('/')?;
                (role, Some(session.to_owned()), true)
            }
            ("iam", "role") => (last_segment(path), None, true),
            ("iam", "user") | ("sts", "federated-user") => (last_segment(path), None, false),
            ("iam", "root") if path.is_empty() => ("root", None, false),
            _ => return None,
        };
        if name.is_empty() {
            return None;
        }
        // Joined without `format!`: this runs for every request.
        let arn = if is_role {
            ["arn:", parts.partition, ":iam::", parts.account, ":role/", name].concat()
        } else {
            arn.to_owned()
        };
        Some(Self { arn, account: parts.account.to_owned(), name: name.to_owned(), is_role, session, own: false })
    }
}

fn last_segment(path: &str) -> &str {
    path.rsplit('/').next().unwrap_or_default()
}

/// The ARN of the identity that signed the request; `None` if the request is not signed.
pub(crate) fn signer_arn(request: &Request) -> Option<&str> {
    let arn = http_function::gateway(request)?.user_arn.as_deref()?;
    if arn.is_empty() { None } else { Some(arn) }
}

/// The account of the deployment: that of the invoked function, else that of the gateway. `None` in local runs.
pub(crate) fn own_account(request: &Request) -> Option<&str> {
    if let Some(context) = request.lambda_context_ref()
        && let Some(function) = ArnParts::parse(&context.invoked_function_arn)
        && function.service == "lambda"
    {
        return Some(function.account);
    }
    let account = http_function::gateway(request)?.account_id.as_deref()?;
    if is_account_id(account) { Some(account) } else { None }
}

/// The parts of `arn:PARTITION:SERVICE:REGION:ACCOUNT:RESOURCE` that matter here.
struct ArnParts<'a> {
    partition: &'a str,
    service: &'a str,
    account: &'a str,
    resource: &'a str,
}

impl<'a> ArnParts<'a> {
    fn parse(arn: &'a str) -> Option<Self> {
        let mut parts = arn.strip_prefix("arn:")?.splitn(5, ':');
        let partition = parts.next()?;
        let service = parts.next()?;
        let _region = parts.next()?;
        let account = parts.next()?;
        let resource = parts.next()?;
        if !partition.starts_with("aws") || !is_account_id(account) {
            return None;
        }
        Some(Self { partition, service, account, resource })
    }
}

/// Whether `id` has the form of an account id: twelve digits.
pub(crate) fn is_account_id(id: &str) -> bool {
    id.len() == 12 && id.bytes().all(|c| c.is_ascii_digit())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn role_has_one_name_in_all_its_arns() {
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
    fn other_identities_keep_their_arn() {
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
    fn parse_refuses_other_arns() {
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
