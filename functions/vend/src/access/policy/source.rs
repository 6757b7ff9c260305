//! The text of a policy file: parsing, validation, and errors with their place.

use std::collections::HashMap;

use cedar_policy::{ParseErrors, PolicyId, PolicySet, Schema, ValidationMode, Validator};
use miette::Diagnostic;

/// The schema that is packaged with the policies, as JSON: to parse Cedar's own form took two thirds of a start with a
/// policy, and JSON takes a fifth of that. A test keeps the two the same.
const SCHEMA: &str = include_str!("schema.json");

/// The schema.
pub(super) fn schema() -> Result<Schema, String> {
    Schema::from_json_str(SCHEMA).map_err(|error| error.to_string())
}

/// Parses the policies in `text` and validates them against `schema`.
pub(super) fn policies(text: &str, schema: &Schema) -> Result<PolicySet, String> {
    let set: PolicySet = text.parse().map_err(|errors: ParseErrors| match errors.iter().next() {
        Some(first) => with_place(text, first),
        None => errors.to_string(),
    })?;
    if set.num_of_templates() > 0 {
        return Err("it contains a template (?principal or ?resource), which vend does not support".to_owned());
    }
    let result = Validator::new(schema.clone()).validate(&set, ValidationMode::Strict);
    match result.validation_errors().next() {
        Some(first) => Err(with_place(text, first)),
        None => Ok(set),
    }
}

/// The names of the policies: their `@id`, which need not be unique, else Cedar's id.
pub(super) fn names(set: &PolicySet) -> HashMap<PolicyId, String> {
    let mut names = HashMap::new();
    for policy in set.policies() {
        let name = match policy.annotation("id") {
            Some(id) => id.to_owned(),
            None => policy.id().to_string(),
        };
        names.insert(policy.id().clone(), name);
    }
    names
}

/// An error with the line and the column that it is about.
fn with_place(text: &str, error: &dyn Diagnostic) -> String {
    let help = match error.help() {
        Some(help) => format!(" ({help})"),
        None => String::new(),
    };
    let Some(before) = text_before(text, error) else {
        return format!("{error}{help}");
    };
    let line = before.matches('\n').count() + 1;
    let column = before.rsplit('\n').next().unwrap_or_default().chars().count() + 1;
    format!("line {line}, column {column}: {error}{help}")
}

fn text_before<'a>(text: &'a str, error: &dyn Diagnostic) -> Option<&'a str> {
    let label = error.labels()?.next()?;
    text.get(..label.offset())
}

#[cfg(test)]
mod tests {
    use cedar_policy::SchemaFragment;
    use serde_json::Value;

    use super::*;

    /// The schema that operators read.
    const READABLE: &str = include_str!("../../../../../infra/callers.cedarschema");

    #[test]
    fn schema_is_the_readable_one() {
        let (readable, _warnings) = SchemaFragment::from_cedarschema_str(READABLE).unwrap();
        let expected = readable.to_json_value().unwrap();
        let actual: Value = serde_json::from_str(SCHEMA).unwrap();
        assert!(actual == expected, "write this to functions/vend/src/access/policy/schema.json:\n{expected:#}");
    }
}
