//! Who is asking, and whether they may.
//!
//! IAM identities of the deployment's own account may; nobody else. API Gateway and Function URLs have verified the
//! signature by the time they name an identity, and they name none where they have not.

use edge::door;
use lambda_http::{Request, RequestExt};

use crate::Refusal;

/// What the audit line calls a caller that needed no identity.
const ANYBODY: &str = "open";

/// Who is let in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Callers {
    /// IAM identities of the account that the function runs in.
    OwnAccount,
    /// Everybody: local runs.
    Open,
}

impl Callers {
    /// The ARN of a caller that is let in.
    pub(crate) fn admit(self, request: &Request) -> Result<String, Refusal> {
        match (self, identity(request)) {
            (Self::Open, arn) => Ok(arn.unwrap_or(ANYBODY).to_owned()),
            (Self::OwnAccount, None) => Err(Refusal::Unidentified),
            (Self::OwnAccount, Some(arn)) => match (account_of(arn, &["iam", "sts"]), own_account(request)) {
                (Some(theirs), Some(ours)) if theirs == ours => Ok(arn.to_owned()),
                _ => Err(Refusal::Foreign { arn: arn.to_owned() }),
            },
        }
    }
}

fn identity(request: &Request) -> Option<&str> {
    let iam = door::context(request)?.authorizer.as_ref()?.iam.as_ref()?;
    iam.user_arn.as_deref().filter(|arn| !arn.is_empty())
}

/// The account that the function runs in: the invoked function's, else the gateway's. Unknown locally.
fn own_account(request: &Request) -> Option<&str> {
    let function = request
        .lambda_context_ref()
        .map(|context| context.invoked_function_arn.as_str());
    let gateway = door::context(request).and_then(|context| context.account_id.as_deref());
    let invoked = function.and_then(|arn| account_of(arn, &["lambda"]));
    invoked.or_else(|| gateway.filter(|id| is_account(id)))
}

/// The account in `arn:PARTITION:SERVICE:REGION:ACCOUNT:…`.
fn account_of<'a>(arn: &'a str, services: &[&str]) -> Option<&'a str> {
    let parts: Vec<&str> = arn.splitn(6, ':').collect();
    let ["arn", partition, service, _, account, _] = parts[..] else {
        return None;
    };
    let ours = partition.starts_with("aws") && services.contains(&service);
    (ours && is_account(account)).then_some(account)
}

fn is_account(id: &str) -> bool {
    id.len() == 12 && id.bytes().all(|c| c.is_ascii_digit())
}

#[cfg(test)]
mod tests {
    use super::*;
    use lambda_http::Context;
    use serde_json::{Value, json};

    const ROLE: &str = "arn:aws:sts::111122223333:assumed-role/reporter/session";

    fn request(authorizer: &Value, account: &str) -> Request {
        let event = json!({
            "version": "2.0", "rawPath": "/", "rawQueryString": "", "headers": {}, "isBase64Encoded": false,
            "requestContext": {"accountId": account, "stage": "$default", "authorizer": authorizer,
                "http": {"method": "GET", "path": "/"}},
        });
        lambda_http::request::from_str(&event.to_string()).unwrap()
    }

    fn iam(arn: &str) -> Value {
        json!({"iam": {"userArn": arn}})
    }

    fn status(request: &Request) -> u16 {
        match Callers::OwnAccount.admit(request) {
            Ok(_) => 200,
            Err(refusal) => edge::problem::Problem::from(&refusal).kind.status().as_u16(),
        }
    }

    #[test]
    fn identities_of_the_own_account_are_let_in() {
        for arn in [
            ROLE,
            "arn:aws:iam::111122223333:user/ada",
            "arn:aws-us-gov:iam::111122223333:root",
        ] {
            assert_eq!(status(&request(&iam(arn), "111122223333")), 200, "{arn}");
        }
    }

    #[test]
    fn everybody_else_is_not() {
        let ours = "111122223333";
        for foreign in [
            "arn:aws:iam::999922223333:user/eve",
            "arn:aws:s3::111122223333:user/eve",
            "arn:evil:iam::111122223333:user/eve",
            "arn:aws:iam:::user/eve",
            "111122223333",
        ] {
            assert_eq!(status(&request(&iam(foreign), ours)), 403, "{foreign}");
        }
        for nobody in [
            Value::Null,
            json!({}),
            iam(""),
            json!({"jwt": {"claims": {}, "scopes": null}}),
        ] {
            assert_eq!(status(&request(&nobody, ours)), 401, "{nobody}");
        }
    }

    #[test]
    fn without_an_account_of_our_own_nobody_is_let_in() {
        assert_eq!(status(&request(&iam(ROLE), "anonymous")), 403);
    }

    #[test]
    fn the_functions_own_account_counts_before_the_gateways() {
        let mut context = Context::default();
        context.invoked_function_arn = "arn:aws:lambda:eu-central-1:999922223333:function:vend".to_owned();
        assert_eq!(
            status(&request(&iam(ROLE), "111122223333").with_lambda_context(context)),
            403
        );
    }

    #[test]
    fn open_lets_everybody_in_and_still_says_who() {
        let open = |authorizer: &Value| Callers::Open.admit(&request(authorizer, "x")).unwrap();
        assert_eq!(open(&Value::Null), "open");
        assert_eq!(open(&iam(ROLE)), ROLE);
    }
}
