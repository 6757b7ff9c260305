//! Checks whether a caller policy permits a request, as vend would, and names the policies that decide.
//!
//! ```sh
//! cargo check-policy arn:aws:iam::123456789012:role/reporting vend reports/ce861fba-6e2f-49f9-9a84-b354008fac9e
//! cargo check-policy 'https://accounts.google.com#1' guest lobby/default email=lobby@acme.example email_verified=true
//! cargo check-policy --policy infra/callers-examples.cedar --account 123456789012 arn:aws:iam::123456789012:role/ops-eu list reports
//! cargo check-policy --token eyJ… vend dialler/ce861fba-6e2f-49f9-9a84-b354008fac9e
//! gh-print-token | cargo check-policy --token-file - --issuers issuers.json
//! ```
//!
//! With a token it says who the caller is and, without an action or a resource, what it may of all that the policy names.
//! `--issuers` is the value of `OIDC_ISSUERS`, or a file with it: then the token is verified as vend does it.
//!
//! Without `--account` the caller's account counts as the deployment's own. Exit status: 0 permitted, 1 denied, 2 invalid
//! arguments or policy.

#![expect(clippy::print_stdout, clippy::print_stderr, reason = "a tool for people")]

mod resource;
mod token;

use std::process::ExitCode;

use broker_core::id::{AppName, GrantId};
use resource::NamedResource;
use vend::identity::{AwsIdentity, Caller, OidcIdentity};
use vend::{Action, Policy};

const USAGE: &str = "usage: cargo check-policy [--policy FILE] [--account ID] [--minter APP/SUBJECT] CALLER \
                     vend|reject|guest|list APP/SUBJECT|APP [CLAIM=VALUE …]\n       \
                     cargo check-policy [--policy FILE] [--minter APP/SUBJECT] [--issuers JSON|FILE] \
                     --token TOKEN | --token-file FILE|- [[vend|reject|guest|list] APP/SUBJECT|APP]";

/// What the answer depends on beside the question.
struct PolicyCheck {
    policy: Policy,
    minter_app: AppName,
}

/// An answer, and whether anything is permitted.
struct CheckAnswer {
    text: String,
    permitted: bool,
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    let mut arguments: Vec<String> = std::env::args().skip(1).collect();
    match answer(&mut arguments).await {
        Ok(answer) => {
            println!("{}", answer.text);
            if answer.permitted { ExitCode::SUCCESS } else { ExitCode::FAILURE }
        }
        Err(error) => {
            eprintln!("{error}\n{USAGE}");
            ExitCode::from(2)
        }
    }
}

async fn answer(arguments: &mut Vec<String>) -> Result<CheckAnswer, String> {
    let file = option(arguments, "--policy").unwrap_or_else(|| "infra/callers.cedar".to_owned());
    let account = option(arguments, "--account");
    let minter = option(arguments, "--minter").unwrap_or_else(|| "minter/default".to_owned());
    let minter = GrantId::parse(&minter).map_err(|error| error.to_string())?;
    let text = std::fs::read_to_string(&file).map_err(|error| format!("{file}: {error}"))?;
    let policy = Policy::parse(&text).map_err(|reason| format!("{file}: {reason}"))?;
    let check = PolicyCheck { policy, minter_app: minter.app };
    if let Some(token) = token::read(arguments)? {
        return token::answer(&check, &token, arguments).await;
    }
    let [caller, action, resource, claims @ ..] = arguments.as_slice() else {
        return Err("CALLER, action and resource are missing".to_owned());
    };
    let caller = parse_caller(caller, account.as_deref(), claims)?;
    check.decide(&caller, parse_action(action)?, &NamedResource::parse(resource)?)
}

fn parse_action(name: &str) -> Result<Action, String> {
    Action::ALL.into_iter().find(|known| known.name() == name).ok_or_else(|| "the action is unknown".to_owned())
}

impl PolicyCheck {
    /// Whether the caller may do this, and by which policies.
    fn decide(&self, caller: &Caller, action: Action, resource: &NamedResource) -> Result<CheckAnswer, String> {
        if resource.app == self.minter_app {
            let text = "denied by vend itself: it is the minter's app".to_owned();
            return Ok(CheckAnswer { text, permitted: false });
        }
        let Some(request) = resource.request(action) else {
            return Err("the action needs APP/SUBJECT".to_owned());
        };
        let decision = self.policy.decide(caller, &request);
        let policies = decision.policies.join(" ");
        let text = if decision.allowed {
            format!("permitted by {policies}")
        } else if !policies.is_empty() {
            format!("denied by {policies}")
        } else if let Some(nearest) = self.policy.nearest_permit(caller, &request) {
            format!("denied: no policy permits it; {nearest}")
        } else {
            "denied: no policy permits it".to_owned()
        };
        Ok(CheckAnswer { text, permitted: decision.allowed })
    }
}

/// Takes an option and its value out of the arguments.
fn option(arguments: &mut Vec<String>, name: &str) -> Option<String> {
    let at = arguments.iter().position(|argument| argument == name)?;
    arguments.remove(at);
    if at < arguments.len() { Some(arguments.remove(at)) } else { None }
}

fn parse_caller(text: &str, account: Option<&str>, claims: &[String]) -> Result<Caller, String> {
    if let Some((issuer, subject)) = text.split_once('#') {
        let claims = parse_claims(claims)?;
        return Ok(Caller::Oidc(OidcIdentity { issuer: issuer.to_owned(), subject: subject.to_owned(), claims }));
    }
    let identity = AwsIdentity::parse(text).ok_or("CALLER must be the ARN of an IAM identity, or ISSUER#SUBJECT")?;
    let own = match account {
        Some(account) => account == identity.account,
        None => true,
    };
    Ok(Caller::Aws(AwsIdentity { own, ..identity }))
}

fn parse_claims(arguments: &[String]) -> Result<Vec<(String, Vec<String>)>, String> {
    let mut claims: Vec<(String, Vec<String>)> = Vec::new();
    for argument in arguments {
        let (name, value) = argument.split_once('=').ok_or("a claim must be NAME=VALUE")?;
        match claims.iter_mut().find(|(known, _)| known == name) {
            Some((_, values)) => values.push(value.to_owned()),
            None => claims.push((name.to_owned(), vec![value.to_owned()])),
        }
    }
    Ok(claims)
}
