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
    let questions = match arguments {
        [] => check.policy.named_resources().into_iter().map(|name| (Action::ALL.to_vec(), name)).collect(),
        [resource] => vec![(Action::ALL.to_vec(), resource.clone())],
        [action, resource] => vec![(vec![parse_action(action)?], resource.clone())],
        _ => return Err("too many arguments".to_owned()),
    };
    let mut permitted = false;
    for (actions, name) in questions {
        for action in actions {
            let resource = NamedResource::parse(&name)?.or_any_grant()?;
            let answer = check.decide(&caller, action, &resource)?;
            permitted |= answer.permitted;
            lines.push(format!("{} {name}: {}", action.name(), answer.text));
        }
    }
    Ok(CheckAnswer { text: lines.join("\n"), permitted })
}
