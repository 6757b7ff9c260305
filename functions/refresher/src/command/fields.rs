//! The tags of the commands and the fields of each.
//!
//! A table instead of `deny_unknown_fields`, which serde does not support for structs with flattened fields.

use serde_json::Value;

/// Each command's tag with the fields that it takes.
pub(super) const COMMANDS: [(&str, &[&str]); 18] = [
    ("sweep", &["webhook_url", "allow_retirements", "force"]),
    ("reconcile", &["app", "subject", "authorized_at"]),
    ("fence", &["app", "subject"]),
    ("data_sources", &["app", "subject"]),
    ("renew", &["app", "subject", "if_sha256", "reason", "deadline", "force"]),
    ("restore", &["app", "subject"]),
    ("status", &["app", "subject", "state", "failing", "expiring_within", "next"]),
    ("remove", &["app", "subject", "block"]),
    ("remove_app", &["app", "confirm"]),
    ("unblock", &["app", "subject"]),
    ("import", &["app", "subject", "access_token", "refresh_token", "expires_in"]),
    ("exchange", &["app", "subject", "code", "redirect_uri", "code_verifier", "show", "link"]),
    ("make_link", &["app", "subject", "scope"]),
    ("device_start", &["app", "subject", "scope"]),
    ("device_poll", &["app", "subject", "device_code"]),
    ("verify", &["app", "subject"]),
    ("apps", &[]),
    ("notify", &["text"]),
];

/// Least similarity (Jaro-Winkler, 0 to 1) at which a name is taken for a misspelling.
const SIMILAR: f64 = 0.75;

/// Longest unknown name that an error quotes.
const LONGEST_QUOTED: usize = 40;

/// The tags of all commands, for an error.
pub(super) fn tags() -> String {
    COMMANDS.map(|(tag, _)| tag).join(", ")
}

/// Refuses a field that the command `tag` does not take. The error names the nearest field that it takes.
pub(super) fn check(tag: &str, body: &Value) -> Result<(), String> {
    let Some((_, known)) = COMMANDS.iter().find(|(name, _)| *name == tag) else {
        return Ok(());
    };
    let Value::Object(body) = body else {
        return Ok(());
    };
    for name in body.keys() {
        if known.contains(&name.as_str()) {
            continue;
        }
        let unknown = format!("{tag}: unknown field {}", quotable(name));
        return Err(match nearest(name, known.iter().copied()) {
            Some(field) => format!("{unknown}, did you mean {field}?"),
            None if known.is_empty() => format!("{unknown}; it takes none"),
            None => format!("{unknown}; it takes {}", known.join(", ")),
        });
    }
    Ok(())
}

/// The most similar of `names`, if any is similar enough to be meant.
pub(super) fn nearest<'a>(name: &str, names: impl Iterator<Item = &'a str>) -> Option<&'a str> {
    let mut best = None;
    let mut best_score = SIMILAR;
    for candidate in names {
        let score = strsim::jaro_winkler(&name.to_ascii_lowercase(), candidate);
        if score >= best_score {
            best = Some(candidate);
            best_score = score;
        }
    }
    best
}

/// `name` if it looks like the name of a field. Anything else might be a value in the wrong place.
pub(super) fn quotable(name: &str) -> &str {
    let is_plain = name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_' || c == '-');
    if is_plain && name.len() <= LONGEST_QUOTED { name } else { "(not a field's name)" }
}
