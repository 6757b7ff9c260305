//! Checks whether a caller policy permits a request, as vend would, and names the policies that decide.
//!
//! ```sh
//! cargo check-policy arn:aws:iam::123456789012:role/reporting vend reports/ce861fba-6e2f-49f9-9a84-b354008fac9e
//! cargo check-policy 'https://accounts.google.com#1' guest lobby/default email=lobby@acme.example email_verified=true
//! cargo check-policy --policy infra/callers-examples.cedar --account 123456789012 arn:aws:iam::123456789012:role/ops-eu list reports
//! ```
//!
//! Without `--account` the caller's account counts as the deployment's own. Exit status: 0 permitted, 1 denied, 2 invalid
//! arguments or policy.

#![expect(clippy::print_stdout, clippy::print_stderr, reason = "a tool for people")]

use std::process::ExitCode;

use broker_core::id::{AppName, GrantId};
use vend::identity::{AwsIdentity, Caller, OidcIdentity};
use vend::{AccessRequest, Action, Policy, PolicyDecision, Resource};

const USAGE: &str = "usage: cargo check-policy [--policy FILE] [--account ID] [--minter APP/SUBJECT] CALLER \
                     vend|reject|guest|list APP/SUBJECT|APP [CLAIM=VALUE …]";

fn main() -> ExitCode {
    let mut arguments: Vec<String> = std::env::args().skip(1).collect();
    let decision = match decide(&mut arguments) {
        Ok(decision) => decision,
        Err(error) => {
            eprintln!("{error}\n{USAGE}");
            return ExitCode::from(2);
        }
    };
    if decision.allowed {
        println!("permitted by {}", decision.policies.join(" "));
        return ExitCode::SUCCESS;
    }
    if decision.policies.is_empty() {
        println!("denied: no policy permits it");
    } else {
        println!("denied by {}", decision.policies.join(" "));
    }
    ExitCode::FAILURE
}

fn decide(arguments: &mut Vec<String>) -> Result<PolicyDecision, String> {
    let file = option(arguments, "--policy").unwrap_or_else(|| "infra/callers.cedar".to_owned());
    let account = option(arguments, "--account");
    let minter = option(arguments, "--minter").unwrap_or_else(|| "minter/default".to_owned());
    let minter = GrantId::parse(&minter).map_err(|error| error.to_string())?;
    let text = std::fs::read_to_string(&file).map_err(|error| format!("{file}: {error}"))?;
    let policy = Policy::parse(&text).map_err(|reason| format!("{file}: {reason}"))?;
    let [caller, action, resource, claims @ ..] = arguments.as_slice() else {
        return Err("CALLER, action and resource are missing".to_owned());
    };
    let action = Action::ALL.into_iter().find(|known| known.name() == action).ok_or("the action is unknown")?;
    let caller = parse_caller(caller, account.as_deref(), claims)?;
    let (app, grant) = parse_resource(resource)?;
    if app == minter.app {
        return Ok(PolicyDecision { allowed: false, policies: vec!["vend itself: it is the minter's app".to_owned()] });
    }
    let resource = match (action, &grant) {
        (Action::List, _) => Resource::App(&app),
        (_, Some(grant)) => Resource::Grant(grant),
        (_, None) => return Err("the action needs APP/SUBJECT".to_owned()),
    };
    Ok(policy.decide(&caller, &AccessRequest { action, resource }))
}

/// Reads `APP` or `APP/SUBJECT`.
fn parse_resource(text: &str) -> Result<(AppName, Option<GrantId>), String> {
    if !text.contains('/') {
        let app = AppName::parse(text).map_err(|error| error.to_string())?;
        return Ok((app, None));
    }
    let grant = GrantId::parse(text).map_err(|error| error.to_string())?;
    Ok((grant.app.clone(), Some(grant)))
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
