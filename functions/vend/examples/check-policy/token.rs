//! Who a token says the caller is, and what that caller may.

use std::io::Read as _;

use broker_core::error::chain;
use lambda_kit::clock::SystemClock;
use vend::identity::{Caller, IdentityProviders, OidcIdentity, TokenError, TrustedIssuer};
use vend::{AccessError, Action};

use super::resource::NamedResource;
use super::{CheckAnswer, PolicyCheck, option, parse_action};

/// The token of `--token` or `--token-file`.
pub(super) fn read(arguments: &mut Vec<String>) -> Result<Option<String>, String> {
    let token = match (option(arguments, "--token"), option(arguments, "--token-file")) {
        (Some(_), Some(_)) => return Err("give --token or --token-file, not both".to_owned()),
        (token, None) => token,
        (None, Some(file)) => Some(read_file(&file)?),
    };
    Ok(token.map(|token| token.trim().to_owned()))
}

fn read_file(file: &str) -> Result<String, String> {
    if file != "-" {
        return std::fs::read_to_string(file).map_err(|error| format!("{file}: {error}"));
    }
    let mut text = String::new();
    std::io::stdin().read_to_string(&mut text).map_err(|error| format!("standard input: {error}"))?;
    Ok(text)
}

/// Describes the caller, then decides the question of the arguments, or all questions about what the policy names.
pub(super) async fn answer(
    check: &PolicyCheck,
    token: &str,
    arguments: &mut Vec<String>,
) -> Result<CheckAnswer, String> {
    let issuers = option(arguments, "--issuers");
    let identity = OidcIdentity::unverified(token).map_err(|error| error.to_string())?;
    let mut lines = describe(&identity);
    let Some(issuers) = issuers else {
        lines.push("not verified: signature, audience and times (--issuers verifies them as vend does)".to_owned());
        return decide(check, identity, arguments, lines);
    };
    match verify(token, &issuers).await? {
        Ok(()) => lines.push("verified: signature, audience and times".to_owned()),
        Err(reason) => {
            lines.push(format!("refused: {reason}"));
            return Ok(CheckAnswer { text: lines.join("\n"), permitted: false });
        }
    }
    decide(check, identity, arguments, lines)
}

fn describe(identity: &OidcIdentity) -> Vec<String> {
    let mut lines = vec![format!("caller OidcSubject::{:?}", identity.name())];
    for (name, values) in &identity.claims {
        lines.push(format!("  claim {name} = {}", values.join(", ")));
    }
    lines
}

/// Verifies the token; the inner error is vend's reason to refuse it.
async fn verify(token: &str, issuers: &str) -> Result<Result<(), String>, String> {
    let text = if issuers.trim_start().starts_with('[') {
        issuers.to_owned()
    } else {
        std::fs::read_to_string(issuers).map_err(|error| format!("{issuers}: {error}"))?
    };
    let trusted = TrustedIssuer::list(&text).map_err(|allowed| format!("--issuers must be {allowed}"))?;
    let result = IdentityProviders::new(trusted, SystemClock).verify(token).await;
    Ok(result.map(|_| ()).map_err(|error: TokenError| chain(&AccessError::from(error))))
}

fn decide(
    check: &PolicyCheck,
    identity: OidcIdentity,
    arguments: &[String],
    mut lines: Vec<String>,
) -> Result<CheckAnswer, String> {
    let caller = Caller::Oidc(identity);
    let mut permitted = false;
    let (actions, names) = match arguments {
        [] => (Action::ALL.to_vec(), check.policy.named_resources()),
        [resource] => (Action::ALL.to_vec(), vec![resource.clone()]),
        [action, resource] => (vec![parse_action(action)?], vec![resource.clone()]),
        _ => return Err("too many arguments".to_owned()),
    };
    for name in &names {
        let resource = NamedResource::parse(name)?.or_any_grant()?;
        for action in &actions {
            let answer = check.decide(&caller, *action, &resource)?;
            permitted |= answer.permitted;
            // Of all that the policy names, a caller may have little.
            if answer.permitted || !arguments.is_empty() {
                lines.push(format!("{} {name}: {}", action.name(), answer.text));
            }
        }
    }
    if !permitted && arguments.is_empty() {
        let all = if names.is_empty() { "which is no app and no grant".to_owned() } else { names.join(", ") };
        lines.push(format!("nothing is permitted of what the policy names, {all}; with APP/SUBJECT you see why"));
    }
    Ok(CheckAnswer { text: lines.join("\n"), permitted })
}
