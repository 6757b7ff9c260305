//! May somebody have something? Asks a policy as vend would, and says which of its statements decided.
//!
//! ```sh
//! cargo may arn:aws:iam::123456789012:role/reporting vend reports/ce861fba-6e2f-49f9-9a84-b354008fac9e
//! cargo may 'https://accounts.google.com#1' guest lobby/default email=lobby@acme.example email_verified=true
//! cargo may --policy infra/callers-examples.cedar --account 123456789012 arn:aws:iam::123456789012:role/ops-eu list reports
//! ```
//!
//! Without `--account` the caller's account counts as the deployment's own. Exit status: 0 yes, 1 no, 2 not a question.

#![expect(clippy::print_stdout, clippy::print_stderr, reason = "a tool for people")]

use std::process::ExitCode;

use broker_core::id::{AppName, GrantId};
use vend::identity::{AwsIdentity, Caller, OidcIdentity};
use vend::{Action, Ask, Policy, Resource, Verdict};

const USAGE: &str = "cargo may [--policy FILE] [--account ID] [--minter APP/SUBJECT] CALLER vend|reject|guest|list \
                     APP/SUBJECT|APP [CLAIM=VALUE …]";

fn main() -> ExitCode {
    let mut arguments: Vec<String> = std::env::args().skip(1).collect();
    match answer(&mut arguments) {
        Ok(Verdict { allowed: true, by }) => {
            println!("yes, by {}", by.join(" "));
            ExitCode::SUCCESS
        }
        Ok(Verdict { allowed: false, by }) if by.is_empty() => {
            println!("no: nothing permits it");
            ExitCode::FAILURE
        }
        Ok(Verdict { allowed: false, by }) => {
            println!("no, by {}", by.join(" "));
            ExitCode::FAILURE
        }
        Err(why) => {
            eprintln!("{why}\n{USAGE}");
            ExitCode::from(2)
        }
    }
}

fn answer(arguments: &mut Vec<String>) -> Result<Verdict, String> {
    let file = option(arguments, "--policy").unwrap_or_else(|| "infra/callers.cedar".to_owned());
    let account = option(arguments, "--account");
    let minter = option(arguments, "--minter").unwrap_or_else(|| "minter/default".to_owned());
    let text = std::fs::read_to_string(&file).map_err(|error| format!("{file}: {error}"))?;
    let policy = Policy::parse(&text).map_err(|why| format!("{file}: {why}"))?;
    let [caller, action, resource, claims @ ..] = arguments.as_slice() else {
        return Err("who, what, and of what?".to_owned());
    };
    let action = Action::ALL.into_iter().find(|known| known.name() == action).ok_or("there is no such action")?;
    let caller = caller_of(caller, account.as_deref(), claims)?;
    let (app, grant) = (AppName::parse(resource), GrantId::parse(resource));
    let resource = match (action, &app, &grant) {
        (Action::List, Ok(app), _) => Resource::App(app),
        (Action::List, _, Ok(grant)) => Resource::App(&grant.app),
        (_, _, Ok(grant)) if grant.to_string() == minter => {
            return Ok(Verdict { allowed: false, by: vec!["being the minter's, which is nobody's".to_owned()] });
        }
        (_, _, Ok(grant)) => Resource::Grant(grant),
        (_, _, Err(error)) => return Err(error.to_string()),
    };
    Ok(policy.decide(&caller, &Ask { action, resource }))
}

fn option(arguments: &mut Vec<String>, name: &str) -> Option<String> {
    let at = arguments.iter().position(|argument| argument == name)?;
    arguments.remove(at);
    (at < arguments.len()).then(|| arguments.remove(at))
}

fn caller_of(text: &str, account: Option<&str>, claims: &[String]) -> Result<Caller, String> {
    if let Some((issuer, subject)) = text.split_once('#') {
        let mut tags: Vec<(String, Vec<String>)> = Vec::new();
        for claim in claims {
            let (name, value) = claim.split_once('=').ok_or("a claim is NAME=VALUE")?;
            match tags.iter_mut().find(|(known, _)| known == name) {
                Some((_, values)) => values.push(value.to_owned()),
                None => tags.push((name.to_owned(), vec![value.to_owned()])),
            }
        }
        let (issuer, subject) = (issuer.to_owned(), subject.to_owned());
        return Ok(Caller::Oidc(OidcIdentity { issuer, subject, claims: tags }));
    }
    let aws = AwsIdentity::parse(text).ok_or("a caller is an IAM identity's ARN, or ISSUER#SUBJECT")?;
    let own = account.is_none_or(|account| account == aws.account);
    Ok(Caller::Aws(AwsIdentity { own, ..aws }))
}
