//! What a condition misses in a token.
//!
//! An approximation: comparisons of the principal and its claims with constants are understood, joined by `&&` and `||`.
//! Everything else counts as true.

use std::collections::BTreeSet;

use cedar_policy::pst::{BinaryOp, Expr, Literal, PatternElem, Var};

use super::{ClaimDifferences, of_entity, of_type};
use crate::access::identity::OidcIdentity;

/// The claims that make `condition` false.
pub(super) fn differences(condition: &Expr, caller: &OidcIdentity) -> ClaimDifferences {
    match condition {
        Expr::BinaryOp { op: BinaryOp::And, left, right } => {
            let mut claims = differences(left, caller)?;
            claims.extend(differences(right, caller)?);
            Some(claims)
        }
        Expr::BinaryOp { op: BinaryOp::Or, left, right } => {
            let alternatives = [differences(left, caller), differences(right, caller)];
            alternatives.into_iter().flatten().min_by_key(BTreeSet::len)
        }
        Expr::BinaryOp { op, left, right } => of_comparison(*op, left, right, caller),
        Expr::Like { expr, pattern } => match attribute(expr, caller) {
            Some((claim, value)) => Some(unless(is_like(pattern, value), claim)),
            None => Some(BTreeSet::new()),
        },
        Expr::Is { expr, entity_type, in_expr } if is_principal(expr) => {
            of_type(entity_type)?;
            match in_expr.as_deref() {
                Some(Expr::Literal(Literal::EntityUID(uid))) => of_entity(uid, caller),
                _ => Some(BTreeSet::new()),
            }
        }
        // A token is never of the deployment's own account.
        Expr::GetAttr { expr, attr } if is_var(expr, &Var::Context) && attr == "own_account" => None,
        _ => Some(BTreeSet::new()),
    }
}

fn of_comparison(op: BinaryOp, left: &Expr, right: &Expr, caller: &OidcIdentity) -> ClaimDifferences {
    if is_principal(left) {
        return match (op, right) {
            (BinaryOp::HasTag, Expr::Literal(Literal::String(name))) => {
                Some(unless(caller.claim(name).is_some(), name))
            }
            (BinaryOp::Eq | BinaryOp::In, Expr::Literal(Literal::EntityUID(uid))) => of_entity(uid, caller),
            _ => Some(BTreeSet::new()),
        };
    }
    if let (BinaryOp::Eq, Some((claim, value)), Expr::Literal(Literal::String(wanted))) =
        (op, attribute(left, caller), right)
    {
        return Some(unless(value == wanted.as_str(), claim));
    }
    if let (BinaryOp::Contains, Some((claim, value))) = (op, attribute(right, caller)) {
        return Some(unless(strings(left).contains(&value), claim));
    }
    let (name, constant) = match (tag_name(left), tag_name(right)) {
        (Some(name), _) => (name, right),
        // Of these operators alone, the sides can be exchanged.
        (None, Some(name)) if matches!(op, BinaryOp::ContainsAny | BinaryOp::Eq) => (name, left),
        _ => return Some(BTreeSet::new()),
    };
    let has = caller.claim(name).unwrap_or_default();
    let wanted = strings(constant);
    let holds = match op {
        BinaryOp::Contains | BinaryOp::ContainsAll => wanted.iter().all(|value| has.iter().any(|known| known == value)),
        BinaryOp::ContainsAny => wanted.iter().any(|value| has.iter().any(|known| known == value)),
        BinaryOp::Eq => wanted.len() == has.len() && wanted.iter().all(|value| has.iter().any(|known| known == value)),
        _ => true,
    };
    Some(unless(holds, name))
}

fn unless(holds: bool, claim: &str) -> BTreeSet<String> {
    if holds { BTreeSet::new() } else { BTreeSet::from([claim.to_owned()]) }
}

fn is_principal(expr: &Expr) -> bool {
    is_var(expr, &Var::Principal)
}

fn is_var(expr: &Expr, wanted: &Var) -> bool {
    matches!(expr, Expr::Var(var) if var == wanted)
}

/// The claim that an attribute of the principal stands for, and the caller's value.
fn attribute<'a>(expr: &Expr, caller: &'a OidcIdentity) -> Option<(&'static str, &'a str)> {
    let Expr::GetAttr { expr, attr } = expr else { return None };
    match attr.as_str() {
        _ if !is_principal(expr) => None,
        "issuer" => Some(("iss", &caller.issuer)),
        "subject" => Some(("sub", &caller.subject)),
        _ => None,
    }
}

/// The name in `principal.getTag("name")`.
fn tag_name(expr: &Expr) -> Option<&str> {
    match expr {
        Expr::BinaryOp { op: BinaryOp::GetTag, left, right } if is_principal(left) => match right.as_ref() {
            Expr::Literal(Literal::String(name)) => Some(name),
            _ => None,
        },
        _ => None,
    }
}

/// The strings in a constant or a set of constants.
fn strings(expr: &Expr) -> Vec<&str> {
    match expr {
        Expr::Literal(Literal::String(text)) => vec![text],
        Expr::Set(elements) => elements.iter().flat_map(|element| strings(element)).collect(),
        _ => Vec::new(),
    }
}

/// Whether `text` matches, in time proportional to the product of the lengths.
fn is_like(pattern: &[PatternElem], text: &str) -> bool {
    // reachable[n]: whether the pattern so far can match the first n characters.
    let text: Vec<char> = text.chars().collect();
    let mut reachable = vec![false; text.len() + 1];
    reachable[0] = true;
    for element in pattern {
        match element {
            PatternElem::Wildcard => {
                for n in 1..reachable.len() {
                    reachable[n] |= reachable[n - 1];
                }
            }
            PatternElem::Char(wanted) => {
                for n in (1..reachable.len()).rev() {
                    reachable[n] = reachable[n - 1] && text[n - 1] == *wanted;
                }
                reachable[0] = false;
            }
        }
    }
    reachable[text.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn is_like_matches_as_cedar_does() {
        let pattern = |text: &str| -> Vec<PatternElem> {
            let element = |c| if c == '*' { PatternElem::Wildcard } else { PatternElem::Char(c) };
            text.chars().map(element).collect()
        };
        for (like, text, expected) in [
            ("repo:acme/*", "repo:acme/dialler:ref:refs/heads/main", true),
            ("repo:acme/*:ref:refs/heads/main", "repo:acme/dialler:ref:refs/heads/main", true),
            ("repo:acme/*:ref:refs/heads/main", "repo:acme/dialler:ref:refs/heads/mainly", false),
            ("*", "", true),
            ("", "", true),
            ("", "a", false),
            ("a*b*c", "axxbyyc", true),
            ("a*b*c", "axxcyyb", false),
        ] {
            assert_eq!(is_like(&pattern(like), text), expected, "{like} {text}");
        }
    }
}
